internal import Evidence

/// The descriptor of a VMDK; to be read.
struct VMDKDescriptor {
    /// Whether a file is a descriptor: comments and empty lines, then the version. So `vmdk_probe` in QEMU's block/vmdk.c.
    static func isDescriptor(_ head: [UInt8]) -> Bool {
        guard head.first == UInt8(ascii: "#") else { return false }
        let text = String(decoding: head.prefix { $0 != 0 }, as: UTF8.self)
        for line in text.lines.prefix(64) {
            let line = line.last == "\r" ? line.dropLast().trimmed : line.trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            return line == "version=1" || line == "version=2" || line == "version=3"
        }
        return text.lowercased().hasPrefix("# disk descriptorfile")
    }
}
