internal import CLibvirt
internal import Facts

/// libvirt's way to tell many things in one answer: names with dots in them, and a value of one of seven types each
/// (`virTypedParameter`).
struct TypedParameters: Sendable {
    enum Value: Sendable, Hashable {
        case number(Int64)
        case count(UInt64)
        case real(Double)
        case flag(Bool)
        case text(String)

        /// The value as a text.
        var text: String {
            switch self {
            case .number(let value): String(value)
            case .count(let value): String(value)
            case .real(let value): String(value)
            case .flag(let value): value ? "yes" : "no"
            case .text(let value): value
            }
        }

        /// The value as a number that is not below zero.
        var unsigned: UInt64? {
            switch self {
            case .count(let value): value
            case .number(let value): UInt64(exactly: value)
            default: nil
            }
        }
    }

    /// The values by name.
    var values: [String: Value] = [:]

    /// None.
    init() {}

    /// What libvirt wrote.
    init(_ library: LibvirtLibrary, _ array: virTypedParameterPtr?, count: Int) {
        for index in 0..<max(0, count) {
            // SAFETY: libvirt wrote `count` of them; each has a name that ends with NUL in its 80 bytes, and a value of
            // the type that it names.
            guard let parameter = unsafe array?[index] else { return }
            let name = unsafe withUnsafeBytes(of: parameter.field) { field in
                unsafe String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
            }
            switch UInt32(bitPattern: unsafe parameter.type) {
            case VIR_TYPED_PARAM_INT.rawValue: values[name] = .number(Int64(unsafe parameter.value.i))
            case VIR_TYPED_PARAM_UINT.rawValue: values[name] = .count(UInt64(unsafe parameter.value.ui))
            case VIR_TYPED_PARAM_LLONG.rawValue: values[name] = .number(unsafe parameter.value.l)
            case VIR_TYPED_PARAM_ULLONG.rawValue: values[name] = .count(unsafe parameter.value.ul)
            case VIR_TYPED_PARAM_DOUBLE.rawValue: values[name] = .real(unsafe parameter.value.d)
            case VIR_TYPED_PARAM_BOOLEAN.rawValue: values[name] = .flag(unsafe parameter.value.b != 0)
            case VIR_TYPED_PARAM_STRING.rawValue:
                values[name] = unsafe library.copy(parameter.value.s).map { .text($0) }
            default: break
            }
        }
    }

    /// All values as texts.
    var texts: [String: String] { values.mapValues(\.text) }

    /// The disks of `VIR_DOMAIN_STATS_BLOCK`: `block.count`, then `block.N.name` and its like.
    var blocks: [LibvirtBlockFacts] {
        var blocks: [LibvirtBlockFacts] = []
        // More disks than any machine type has places for.
        for number in 0..<min(values["block.count"]?.unsigned ?? 0, 65536) {
            guard case .text(let target) = values["block.\(number).name"] else { continue }
            var block = LibvirtBlockFacts(target: target)
            block.path = values["block.\(number).path"]?.text
            blocks.append(block)
        }
        return blocks
    }
}
