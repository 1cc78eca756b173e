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

    /// The strings of a JSON object in order; nil where its brackets do not enclose all of the text, or a string or an
    /// escape does not end.
    private static func strings(_ bytes: [UInt8]) -> [JSONString]? {
        guard bytes.first(where: { !isSpace($0) }) == UInt8(ascii: "{") else { return nil }
        var strings: [JSONString] = []
        var depth = 0
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = string(&rest) else { return nil }
                strings.append(JSONString(text: text, isKey: rest.first { !isSpace($0) } == UInt8(ascii: ":")))
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return rest.allSatisfy(isSpace) ? strings : nil }
            default: break
            }
        }
        return nil
    }

    /// The rest of a string after its opening quote.
    private static func string(_ rest: inout ArraySlice<UInt8>) -> String? {
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                // Paths and words need no other escapes; what is escaped otherwise is not compared with anything.
                guard let escaped = rest.popFirst() else { return nil }
                text.append(escaped)
            default: text.append(byte)
            }
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
