/// Units of memory and storage sizes, as libvirt's `virScaleInteger` reads them.
///
/// Source: libvirt's formatdomain.rst, "Memory Allocation", and `virScaleInteger` in src/util/virutil.c: `b`, `byte` and
/// `bytes` are 1; a letter of k m g t p e alone or with `iB` is a power of 1024, with `B` a power of 1000; letters count in
/// either case.
public struct ByteUnit: Sendable, Hashable {
    /// How many bytes one of it is.
    public let bytes: UInt64

    /// What sizes of storage are in where no unit is written.
    public static let byte = ByteUnit(bytes: 1)
    /// What sizes of memory are in where no unit is written.
    public static let kibibyte = ByteUnit(bytes: 1 << 10)
    /// What sizes of video memory and shared memory are in where no unit is written.
    public static let mebibyte = ByteUnit(bytes: 1 << 20)

    init(bytes: UInt64) { self.bytes = bytes }

    /// Reads a unit; nil where libvirt knows none of the name.
    public init?(_ name: String) {
        let name = name.lowercased()
        if name == "b" || name == "byte" || name == "bytes" {
            self = .byte
            return
        }
        guard let letter = name.utf8.first,
            let power = Array("kmgtpe".utf8).firstIndex(of: letter)
        else { return nil }
        let factor: UInt64
        switch name.dropFirst() {
        case "", "ib": factor = 1024
        case "b": factor = 1000
        default: return nil
        }
        // 1024⁶ is 2⁶⁰.
        bytes = (0...power).reduce(1) { product, _ in product * factor }
    }

    /// The bytes of a number with a unit; nil where one is malformed or the product is more than 64 bits hold.
    static func bytes(_ text: String, unit: String?, standard: ByteUnit) -> UInt64? {
        // An empty unit is none to libvirt.
        let name = unit.flatMap { $0.isEmpty ? nil : $0 }
        guard let number = XMLNumbers.decimal(text), let unit = name.map({ ByteUnit($0) }) ?? standard else {
            return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
        return overflow ? nil : bytes
    }

    /// What to write for so many bytes: in the unit that is there if the number is whole in it, else in the standard one, else
    /// in bytes.
    static func spell(_ bytes: UInt64, unit: String?, standard: ByteUnit) -> (text: String, unit: String?) {
        if let unit, let known = unit.isEmpty ? standard : ByteUnit(unit), bytes % known.bytes == 0 {
            return (String(bytes / known.bytes), unit)
        }
        guard bytes % standard.bytes == 0 else { return (String(bytes), "bytes") }
        let text = String(bytes / standard.bytes)
        if unit == nil { return (text, nil) }
        let names: [UInt64: String] = [1: "bytes", 1 << 10: "KiB", 1 << 20: "MiB"]
        return (text, names[standard.bytes])
    }
}
