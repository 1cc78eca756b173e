internal import CLibXML2

/// A document's text as UTF-8.
enum XMLDecoding {
    /// The encodings that libxml2 tells by a document's first bytes. The corresponding C enumeration is `xmlCharEncoding`.
    private enum Detected {
        static let none: Int32 = 0
        static let utf8: Int32 = 1
    }

    /// The text as UTF-8, and whether it had to be converted.
    static func utf8(
        _ bytes: [UInt8], name: String, library: LibXML2
    ) throws(XMLError) -> (bytes: [UInt8], wasConverted: Bool) {
        let detected = unsafe bytes.withUnsafeBufferPointer { buffer in
            // SAFETY: reads at most the four bytes it is told of.
            unsafe library.detectEncoding(buffer.baseAddress, Int32(truncatingIfNeeded: min(buffer.count, 4)))
        }
        if detected == Detected.utf8 || detected == Detected.none {
            guard let label = declaredEncoding(bytes.span) else { return (bytes, false) }
            let upper = label.uppercased()
            if ["UTF-8", "UTF8", "US-ASCII", "ASCII"].contains(upper) || XMLCharacters.hasMark(bytes.span) {
                return (bytes, false)
            }
            if upper.hasPrefix("UTF-16") || upper.hasPrefix("UTF16") || upper.hasPrefix("UCS")
                || upper.hasPrefix("UTF-32")
            {
                throw XMLError(
                    .encoding, "the declaration says \(label) and the bytes are not", document: name, line: 1, column: 1
                )
            }
            // SAFETY: the string is terminated and lives for the call.
            guard let handler = unsafe label.withCString({ unsafe library.findEncodingHandler($0) }) else {
                throw XMLError(.encoding, "unknown encoding \(label)", document: name, line: 1, column: 1)
            }
            return (try unsafe convert(bytes, with: handler, label: label, name: name, library: library), true)
        }
        guard let handler = unsafe library.encodingHandler(detected) else {
            throw XMLError(.encoding, "an encoding that libxml2 cannot read", document: name, line: 1, column: 1)
        }
        var text = try unsafe convert(bytes, with: handler, label: "UTF-16", name: name, library: library)
        if XMLCharacters.hasMark(text.span) { text.removeFirst(3) }
        return (text, true)
    }

    /// The name in `encoding="…"` of an XML declaration written in ASCII.
    static func declaredEncoding(_ bytes: Span<UInt8>) -> String? {
        guard let range = encodingRange(bytes) else { return nil }
        var name: [UInt8] = []
        for index in range { name.append(bytes[index]) }
        return String(decoding: name, as: UTF8.self)
    }

    /// Where the encoding's name stands in the declaration.
    static func encodingRange(_ bytes: Span<UInt8>) -> Range<Int>? {
        let start = XMLCharacters.hasMark(bytes) ? 3 : 0
        guard matches(bytes, start, "<?xml"), start + 5 < bytes.count, XMLCharacters.isSpace(bytes[start + 5]) else {
            return nil
        }
        var index = start + 5
        while index < bytes.count, bytes[index] != UInt8(ascii: ">") {
            if XMLCharacters.isSpace(bytes[index]), matches(bytes, index + 1, "encoding") {
                index += 9
                while index < bytes.count, XMLCharacters.isSpace(bytes[index]) { index += 1 }
                guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else { return nil }
                index += 1
                while index < bytes.count, XMLCharacters.isSpace(bytes[index]) { index += 1 }
                guard index < bytes.count else { return nil }
                let quote = bytes[index]
                guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
                index += 1
                let first = index
                while index < bytes.count, bytes[index] != quote, index - first < 64 { index += 1 }
                guard index < bytes.count, bytes[index] == quote, index > first else { return nil }
                return first..<index
            }
            index += 1
        }
        return nil
    }

    private static func matches(_ bytes: Span<UInt8>, _ offset: Int, _ text: String) -> Bool {
        var index = offset
        for byte in text.utf8 {
            guard index < bytes.count, bytes[index] == byte else { return false }
            index += 1
        }
        return true
    }

    @unsafe private static func convert(
        _ bytes: [UInt8], with handler: OpaquePointer, label: String, name: String, library: LibXML2
    ) throws(XMLError) -> [UInt8] {
        // SAFETY: the buffers are libxml2's own and are freed here; the handler is closed once; the content is read below
        // its length. Errors go to a function that does nothing, since libxml2's default prints.
        let text: [UInt8]? = unsafe bytes.withUnsafeBufferPointer { source -> [UInt8]? in
            unsafe library.setErrors(nil, { _, _ in })
            let input = unsafe library.bufferCreate()
            let output = unsafe library.bufferCreate()
            defer {
                unsafe library.bufferFree(input)
                unsafe library.bufferFree(output)
                _ = unsafe library.closeHandler(handler)
                library.setErrors(nil, nil)
            }
            guard unsafe library.bufferAdd(input, source.baseAddress, Int32(truncatingIfNeeded: source.count)) == 0
            else {
                return nil
            }
            var left = unsafe library.bufferLength(input)
            while left > 0 {
                let status = unsafe library.convert(handler, output, input)
                let now = unsafe library.bufferLength(input)
                // −3 is “more room or more input needed”: an error only where nothing was converted.
                guard status >= 0 || status == -3, now < left else { return nil }
                left = now
                guard unsafe Int(library.bufferLength(output)) <= XMLDocument.maximumSize else { break }
            }
            return unsafe [UInt8](
                UnsafeBufferPointer(
                    start: library.bufferContent(output), count: Int(library.bufferLength(output))))
        }
        guard let text else {
            throw XMLError(.encoding, "the bytes are not \(label)", document: name)
        }
        return text
    }
}
