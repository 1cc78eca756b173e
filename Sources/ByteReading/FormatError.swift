/// Why bytes are not what their format says, with the place; it prints as a short tree.
///
/// ```
/// qcow2: invalid cluster size
/// ├─ field:  cluster_bits = 40 (allowed 9…21)
/// ├─ where:  images/a.qcow2, offset 0x14
/// └─ spec:   QEMU docs/interop/qcow2, "cluster_bits"
/// ```
public struct FormatError: Error, Sendable, Hashable {
    /// What a program can act on.
    public enum Kind: Sendable, Hashable {
        /// It ends before what its own numbers say.
        case truncated
        /// A field has a value that its format does not allow, or a checksum does not fit.
        case invalid
        /// It is what it is, and this program does not read it: a feature, an encryption.
        case unsupported
        /// It would cost more than anything of its kind can: depth, entries, bytes.
        case limit
        /// The system refused to read.
        case system
    }

    /// What a program can act on.
    public var kind: Kind
    /// The format's or file system's name: `qcow2`, `ext4`.
    public var format: String
    /// What is, lower case, without a full stop.
    public var message: String
    /// The field and its value, with what is allowed, where a field is at fault.
    public var field: String?
    /// The file, where it is known.
    public var file: String?
    /// The offset in bytes in what was read, where there is one.
    public var offset: UInt64?
    /// Where the format says so.
    public var specification: String?

    /// Makes an error; see the properties.
    public init(
        _ kind: Kind, _ format: String, _ message: String, field: String? = nil, file: String? = nil,
        at offset: UInt64? = nil, specification: String? = nil
    ) {
        self.kind = kind
        self.format = format
        self.message = message
        self.field = field
        self.file = file
        self.offset = offset
        self.specification = specification
    }
}

extension FormatError: CustomStringConvertible {
    /// The message, and its context below it.
    public var description: String {
        var rows: [(String, String)] = []
        if let field { rows.append(("field", field)) }
        let place = [file, offset.map { "offset 0x\(String($0, radix: 16))" }].compactMap(\.self)
        if !place.isEmpty { rows.append(("where", place.joined(separator: ", "))) }
        if let specification { rows.append(("spec", specification)) }
        let lines = rows.enumerated().map { index, row in
            "\(index == rows.count - 1 ? "└─" : "├─") \(row.0): \(String(repeating: " ", count: 6 - row.0.utf8.count))\(row.1)"
        }
        return (["\(format): \(message)"] + lines).joined(separator: "\n")
    }
}
