/// Text as XML writes it.
enum XMLEscaping {
    /// Characters between tags.
    static func text(_ text: String, document: String) throws(XMLError) -> String {
        try escaped(text, document: document) { scalar in
            switch scalar {
            case "<": "&lt;"
            case ">": "&gt;"
            case "&": "&amp;"
            case "\r": "&#13;"
            default: nil
            }
        }
    }

    /// Characters between quotes of a kind.
    static func attribute(_ value: String, quote: UInt8, document: String) throws(XMLError) -> String {
        try escaped(value, document: document) { scalar in
            switch scalar {
            case "<": "&lt;"
            case "&": "&amp;"
            case "\r": "&#13;"
            case "\n": "&#10;"
            case "\t": "&#9;"
            case "'" where quote == UInt8(ascii: "'"): "&apos;"
            case "\"" where quote == UInt8(ascii: "\""): "&quot;"
            default: nil
            }
        }
    }

    private static func escaped(
        _ text: String, document: String, by entity: (Unicode.Scalar) -> String?
    ) throws(XMLError) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            // XML 1.0, production 2: no control characters but these, and not the two non-characters.
            let isForbidden =
                scalar.value < 0x20 && scalar != "\n" && scalar != "\t" && scalar != "\r" || scalar.value == 0xfffe
                || scalar.value == 0xffff
            if isForbidden {
                throw XMLError(
                    .notRepresentable, "XML cannot hold the character U+\(String(scalar.value, radix: 16))",
                    document: document)
            }
            if let entity = entity(scalar) { result += entity } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// Only what libvirt's names are made of, and a prefix.
    static func requireName(_ name: String, document: String) throws(XMLError) {
        func isStart(_ scalar: Unicode.Scalar) -> Bool {
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_" || scalar.value >= 0xc0
        }
        let pieces = name.unicodeScalars.split(separator: ":", omittingEmptySubsequences: false)
        let isName =
            pieces.count <= 2
            && pieces.allSatisfy { piece in
                piece.first.map(isStart) == true
                    && piece.allSatisfy { isStart($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "." }
            }
        guard isName else { throw XMLError(.notRepresentable, "\(name) is no XML name", document: document) }
    }
}
