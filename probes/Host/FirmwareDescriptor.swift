internal import Facts

/// QEMU's firmware descriptors: JSON in a form that QEMU fixes (`docs/interop/firmware.json`).
///
/// Only the strings are read, in order and with the key that stands before them; that is all that is asked of them,
/// and it needs no JSON library below the rules.
enum FirmwareDescriptor {
    /// What a descriptor says; nil where it is not the JSON of one.
    static func parse(_ bytes: [UInt8], descriptor: String) -> Firmware? {
        guard let strings = strings(bytes) else { return nil }
        var firmware = Firmware(descriptor: descriptor, files: [], architectures: [])
        var key = ""
        for string in strings {
            if string.isKey {
                key = string.text
                continue
            }
            switch key {
            case "filename": firmware.files.append(string.text)
            case "architecture" where !firmware.architectures.contains(string.text):
                firmware.architectures.append(string.text)
            case "features": firmware.features.append(string.text)
            default: break
            }
        }
        return firmware.files.isEmpty ? nil : firmware
    }

    private struct JSONString {
        var text: String
        /// Whether a colon follows.
        var isKey: Bool
    }

    /// The strings of a JSON object in order; nil where the braces do not enclose the text or a string does not end.
    private static func strings(_ bytes: [UInt8]) -> [JSONString]? {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
        guard bytes.first(where: { !isSpace($0) }) == UInt8(ascii: "{"),
            bytes.last(where: { !isSpace($0) }) == UInt8(ascii: "}")
        else { return nil }
        var strings: [JSONString] = []
        var rest = bytes[...]
        while let quote = rest.firstIndex(of: UInt8(ascii: "\"")) {
            rest = rest[(quote + 1)...]
            var text: [UInt8] = []
            while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                if byte == UInt8(ascii: "\\") {
                    // Paths and words need no other escapes; what is escaped otherwise is not compared with anything.
                    guard let escaped = rest.popFirst() else { return nil }
                    text.append(escaped)
                } else {
                    text.append(byte)
                }
                // The closing brace stands after the last string, so a string that runs to the end has no end.
                if rest.isEmpty { return nil }
            }
            guard let text = String(validating: text, as: UTF8.self) else { return nil }
            strings.append(JSONString(text: text, isKey: rest.first { !isSpace($0) } == UInt8(ascii: ":")))
        }
        return strings
    }
}
