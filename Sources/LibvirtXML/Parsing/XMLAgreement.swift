internal import CLibXML2
internal import Glibc

/// libxml2's reading of a document, held against ours as it goes along.
///
/// libxml2 decides whether a document is well-formed, but knows only the line where a start tag ends. Our scanner knows
/// every offset, but judges nothing. So both read the same bytes, and each event of libxml2's SAX interface must be the
/// scanner's next node, name by name and character by character: a wrong position cannot pass unseen.
enum XMLAgreement {
    /// What libxml2 made of a document.
    enum Verdict {
        case agrees
        /// Not well-formed, or beyond a limit of libxml2.
        case refused(Refusal)
        /// Well-formed, and not what the scanner read.
        case disagrees(offset: Int)
    }

    struct Refusal {
        var message: String
        var line: Int
        var column: Int
        var isEncoding: Bool
    }

    private enum Option {
        /// The corresponding C constants are XML_PARSE_NONET and XML_PARSE_IGNORE_ENC.
        static let noNetwork: Int32 = 1 << 11
        static let ignoreDeclaredEncoding: Int32 = 1 << 21
    }

    /// Says that a table of functions is of SAX2. The corresponding C constant is XML_SAX2_MAGIC.
    private static let saxMagic: UInt32 = 0xdeed_beaf

    /// The scanner's nodes, and how far libxml2 has come in them.
    @unsafe struct Walk {
        let bytes: UnsafeBufferPointer<UInt8>
        let nodes: UnsafeBufferPointer<XMLTree.Node>
        let attributes: UnsafeBufferPointer<XMLTree.Attribute>
        /// Whether there is nothing to compare with, and only libxml2's verdict is wanted.
        let judgesOnly: Bool
        var next = 1
        var open = 0
        /// How much of the current text node has come.
        var textDone = 0
        /// The current text node's meaning, where its characters are not it.
        var decoded: [UInt8] = []
        var disagreement: Int?
        var refusal: Refusal?
    }

    @unsafe @inline(__always) fileprivate static func length(of text: UnsafePointer<UInt8>) -> Int {
        // SAFETY: libxml2 terminates every string it hands on without a length.
        unsafe Int(strlen(UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self)))
    }

    /// Has libxml2 read the text and compares; without nodes it only judges.
    static func check(
        _ bytes: [UInt8], nodes: [XMLTree.Node]?, attributes: [XMLTree.Attribute], library: LibXML2
    ) -> Verdict {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe (nodes ?? []).withUnsafeBufferPointer { nodeBuffer in
                unsafe attributes.withUnsafeBufferPointer { attributeBuffer in
                    // SAFETY: the buffers outlive the parse, which ends in this function.
                    var walk = unsafe Walk(
                        bytes: bytes, nodes: nodeBuffer, attributes: attributeBuffer, judgesOnly: nodes == nil)
                    return unsafe run(&walk, library)
                }
            }
        }
    }

    @unsafe private static func run(_ walk: inout Walk, _ library: LibXML2) -> Verdict {
        let outOfMemory = Verdict.refused(Refusal(message: "out of memory", line: 1, column: 1, isEncoding: false))
        // SAFETY: libxml2 copies or only reads the bytes it is given with their count.
        let parser = unsafe walk.bytes.withMemoryRebound(to: CChar.self) { text in
            unsafe library.createParser(text.baseAddress, Int32(truncatingIfNeeded: text.count))
        }
        guard let parser = unsafe parser else { return outOfMemory }
        defer { unsafe library.freeParser(parser) }
        _ = unsafe library.useOptions(parser, Option.noNetwork | Option.ignoreDeclaredEncoding)
        guard let sax = unsafe parser.pointee.sax else { return outOfMemory }
        unsafe sax.pointee = unsafe handler
        // SAFETY: the walk is not moved while the parser has its address: both end in this scope.
        return unsafe withUnsafeMutablePointer(to: &walk) { pointer in
            unsafe parser.pointee.userData = UnsafeMutableRawPointer(pointer)
            _ = unsafe library.parseDocument(parser)
            return unsafe verdict(of: &pointer.pointee, isWellFormed: parser.pointee.wellFormed == 1)
        }
    }

    @unsafe private static func verdict(of walk: inout Walk, isWellFormed: Bool) -> Verdict {
        guard isWellFormed else {
            return unsafe .refused(
                walk.refusal ?? Refusal(message: "not well-formed", line: 1, column: 1, isEncoding: false))
        }
        if let offset = unsafe walk.disagreement { return .disagrees(offset: offset) }
        if unsafe walk.judgesOnly { return .agrees }
        unsafe walk.skipSilent()
        let isDone = unsafe walk.next == walk.nodes.count && walk.textDone == 0 && walk.open == 0
        return unsafe isDone ? .agrees : .disagrees(offset: walk.offset)
    }

    /// The functions that libxml2 calls.
    @unsafe private static var handler: kvmcheck_xml_sax {
        var sax = unsafe kvmcheck_xml_sax()
        unsafe sax.initialized = saxMagic
        // SAFETY: in each, the user pointer is the walk that `run` gave, alive until the parse ends; strings are terminated
        // or come with their length, as SAX2 says.
        unsafe sax.startElementNs = { user, name, prefix, _, namespaceCount, namespaces, count, _, attributes in
            unsafe XMLAgreement.walk(user)?.pointee.start(name, prefix, namespaces, namespaceCount, attributes, count)
        }
        unsafe sax.endElementNs = { user, _, _, _ in unsafe XMLAgreement.walk(user)?.pointee.end() }
        unsafe sax.characters = { user, text, length in
            unsafe XMLAgreement.walk(user)?.pointee.characters(text, Int(length))
        }
        unsafe sax.ignorableWhitespace = unsafe sax.characters
        unsafe sax.cdataBlock = { user, text, length in unsafe XMLAgreement.walk(user)?.pointee.block(text, Int(length))
        }
        unsafe sax.comment = { user, text in unsafe XMLAgreement.walk(user)?.pointee.comment(text) }
        unsafe sax.processingInstruction = { user, target, data in
            unsafe XMLAgreement.walk(user)?.pointee.instruction(target, data)
        }
        unsafe sax.serror = { user, error in unsafe XMLAgreement.walk(user)?.pointee.note(error) }
        return unsafe sax
    }

    @unsafe @inline(__always) private static func walk(_ user: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<Walk>?
    {
        unsafe user?.assumingMemoryBound(to: Walk.self)
    }
}

// MARK: - Events

extension XMLAgreement.Walk {
    /// Where the walk is, in bytes.
    fileprivate var offset: Int {
        let node = unsafe next < nodes.count ? nodes[next] : nodes[0]
        return unsafe Int(next < nodes.count ? node.start : node.end)
    }

    /// Steps over nodes for which libxml2 has no event.
    @unsafe fileprivate mutating func skipSilent() {
        while unsafe next < nodes.count {
            let node = unsafe nodes[next]
            let isEmptyBlock = node.kind == .cdata && node.contentStart == node.contentEnd
            guard node.kind == .declaration || isEmptyBlock else { return }
            unsafe next += 1
        }
    }

    /// The next node, if it is of this kind and the text before it has come in full.
    @unsafe private mutating func expect(_ kind: XMLTree.Kind) -> XMLTree.Node? {
        guard unsafe !judgesOnly, unsafe disagreement == nil else { return nil }
        if unsafe next < nodes.count, unsafe nodes[next].kind == kind, unsafe textDone == 0 {
            return unsafe nodes[next]
        }
        unsafe skipSilent()
        guard unsafe next < nodes.count, unsafe nodes[next].kind == kind, unsafe textDone == 0 else {
            unsafe disagreement = unsafe offset
            return nil
        }
        return unsafe nodes[next]
    }

    @unsafe private mutating func require(_ holds: Bool) {
        if !holds, unsafe disagreement == nil { unsafe disagreement = unsafe offset }
    }

    /// Whether `length` bytes are those of the text from `start`.
    @unsafe @inline(__always)
    private func same(_ other: UnsafePointer<UInt8>?, _ start: Int, _ length: Int) -> Bool {
        guard length > 0 else { return true }
        guard let other = unsafe other, let ours = unsafe bytes.baseAddress else { return false }
        // SAFETY: scanner ranges lie inside the text, and the other side is `length` long by its own count.
        return unsafe memcmp(ours + start, other, length) == 0
    }

    /// Whether a terminated string is `length` bytes of the text from `start`.
    @unsafe private func holds(_ string: UnsafePointer<UInt8>?, at start: Int, length: Int) -> Bool {
        guard let string = unsafe string else { return length == 0 }
        // SAFETY: scanner ranges lie inside the text; the loop leaves the string at its terminator at the latest.
        for index in 0..<length {
            let byte = unsafe string[index]
            if unsafe byte == 0 || byte != bytes[start + index] { return false }
        }
        return unsafe string[length] == 0
    }

    /// Whether `prefix:local` is the name at this place of the text.
    @unsafe private func holds(
        _ local: UnsafePointer<UInt8>?, _ prefix: UnsafePointer<UInt8>?, at start: Int, length: Int
    ) -> Bool {
        guard let prefix = unsafe prefix else { return unsafe holds(local, at: start, length: length) }
        let prefixLength = unsafe XMLAgreement.length(of: prefix)
        guard prefixLength < length, unsafe same(prefix, start, prefixLength)
        else { return false }
        return unsafe bytes[start + prefixLength] == UInt8(ascii: ":")
            && holds(local, at: start + prefixLength + 1, length: length - prefixLength - 1)
    }

    @unsafe fileprivate mutating func start(
        _ name: UnsafePointer<UInt8>?, _ prefix: UnsafePointer<UInt8>?,
        _ namespaces: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ namespaceCount: Int32,
        _ values: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ count: Int32
    ) {
        guard let node = unsafe expect(.element) else { return }
        unsafe require(holds(name, prefix, at: Int(node.start) + 1, length: Int(node.nameLength)))
        unsafe require(Int(node.parent) == open)
        var seen = 0
        var seenNamespaces = 0
        for index in 0..<Int(node.attributeCount) {
            let attribute = unsafe attributes[Int(node.firstAttribute) + index]
            if attribute.declaresNamespace {
                // libxml2 leaves out declarations that Namespaces in XML forbids, such as xmlns:a=""; the order stays.
                if seenNamespaces < Int(namespaceCount), let pair = unsafe namespaces?.advanced(by: seenNamespaces * 2),
                    unsafe declares(attribute, pair[0], pair[1])
                {
                    seenNamespaces += 1
                }
                continue
            }
            guard seen < Int(count), let values = unsafe values?.advanced(by: seen * 5) else {
                unsafe require(false)
                return
            }
            unsafe require(holds(values[0], values[1], at: Int(attribute.name), length: Int(attribute.nameLength)))
            if let first = unsafe values[3], let last = unsafe values[4] {
                unsafe require(means(attribute, UnsafeBufferPointer(start: first, count: last - first)))
            } else {
                unsafe require(false)
            }
            seen += 1
        }
        unsafe require(seen == Int(count) && seenNamespaces == Int(namespaceCount))
        unsafe open = next
        unsafe next += 1
    }

    @unsafe private func declares(
        _ attribute: XMLTree.Attribute, _ prefix: UnsafePointer<UInt8>?, _ uri: UnsafePointer<UInt8>?
    ) -> Bool {
        let (start, length) = (Int(attribute.name), Int(attribute.nameLength))
        let isNamed =
            unsafe prefix == nil ? length == 5 : length > 6 && holds(prefix, at: start + 6, length: length - 6)
        guard isNamed else { return false }
        guard attribute.needsDecoding else {
            return unsafe holds(uri, at: Int(attribute.value), length: Int(attribute.valueEnd - attribute.value))
        }
        guard let uri = unsafe uri else { return false }
        let text = unsafe UnsafeBufferPointer(
            start: uri, count: XMLAgreement.length(of: uri))
        return unsafe means(attribute, text)
    }

    /// Whether libxml2's value of an attribute is ours.
    @unsafe private func means(_ attribute: XMLTree.Attribute, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        let range = Int(attribute.value)..<Int(attribute.valueEnd)
        if !attribute.needsDecoding {
            guard value.count == range.count else { return false }
            return unsafe same(value.baseAddress, range.lowerBound, value.count)
        }
        let ours = unsafe XMLCharacters.decoded(bytes.span, range, .attribute)
        if unsafe value.elementsEqual(ours) { return true }
        // Where entities are not replaced, libxml2 2.9 hands an ampersand on as “&#38;”, for the builder of its own tree.
        var escaped: [UInt8] = []
        for byte in ours {
            escaped.append(byte)
            if byte == UInt8(ascii: "&") { escaped.append(contentsOf: Array("#38;".utf8)) }
        }
        return unsafe value.elementsEqual(escaped)
    }

    @unsafe fileprivate mutating func end() {
        guard unsafe !judgesOnly, unsafe disagreement == nil else { return }
        let node = unsafe nodes[open]
        if unsafe next != Int(node.after) { unsafe skipSilent() }
        unsafe require(node.kind == .element && next == Int(node.after) && textDone == 0)
        unsafe open = Int(node.parent)
    }

    @unsafe fileprivate mutating func characters(_ text: UnsafePointer<UInt8>?, _ length: Int) {
        guard unsafe !judgesOnly, unsafe disagreement == nil, length > 0, let text = unsafe text else { return }
        if unsafe textDone == 0 {
            if unsafe next >= nodes.count || nodes[next].kind != .text { unsafe skipSilent() }
            guard unsafe next < nodes.count, unsafe nodes[next].kind == .text else {
                unsafe require(false)
                return
            }
            if unsafe nodes[next].needsDecoding {
                let node = unsafe nodes[next]
                unsafe decoded = XMLCharacters.decoded(bytes.span, Int(node.start)..<Int(node.end), .text)
            }
        }
        let node = unsafe nodes[next]
        let isDecoded = node.needsDecoding
        let total = unsafe isDecoded ? decoded.count : Int(node.end - node.start)
        guard unsafe length <= total - textDone else {
            unsafe require(false)
            return
        }
        // SAFETY: `textDone + length` is at most the count of what is compared with.
        let isSame =
            if isDecoded {
                unsafe UnsafeBufferPointer(start: text, count: length)
                    .elementsEqual(decoded[textDone..<textDone + length])
            } else {
                unsafe same(text, Int(node.start) + textDone, length)
            }
        unsafe require(isSame)
        unsafe textDone += length
        if unsafe textDone == total {
            unsafe textDone = 0
            unsafe next += 1
        }
    }

    /// A CDATA section.
    @unsafe fileprivate mutating func block(_ text: UnsafePointer<UInt8>?, _ length: Int) {
        guard length > 0, let text = unsafe text, let node = unsafe expect(.cdata) else { return }
        unsafe require(literal(node, UnsafeBufferPointer(start: text, count: length)))
        unsafe next += 1
    }

    @unsafe fileprivate mutating func comment(_ text: UnsafePointer<UInt8>?) {
        guard let node = unsafe expect(.comment) else { return }
        unsafe require(terminated(node, text))
        unsafe next += 1
    }

    @unsafe fileprivate mutating func instruction(_ target: UnsafePointer<UInt8>?, _ data: UnsafePointer<UInt8>?) {
        guard let node = unsafe expect(.instruction) else { return }
        unsafe require(holds(target, at: Int(node.start) + 2, length: Int(node.nameLength)))
        unsafe require(terminated(node, data))
        unsafe next += 1
    }

    @unsafe private func terminated(_ node: XMLTree.Node, _ text: UnsafePointer<UInt8>?) -> Bool {
        guard let text = unsafe text else { return node.contentStart == node.contentEnd }
        return unsafe literal(
            node,
            UnsafeBufferPointer(
                start: text, count: XMLAgreement.length(of: text)))
    }

    @unsafe private func literal(_ node: XMLTree.Node, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let range = Int(node.contentStart)..<Int(node.contentEnd)
        if node.needsDecoding {
            return unsafe text.elementsEqual(XMLCharacters.decoded(bytes.span, range, .literal))
        }
        guard text.count == range.count else { return false }
        return unsafe same(text.baseAddress, range.lowerBound, text.count)
    }

    /// Keeps the first error that makes the document refused. The corresponding C constant is XML_ERR_FATAL.
    @unsafe fileprivate mutating func note(_ error: UnsafePointer<kvmcheck_xml_error>?) {
        guard unsafe refusal == nil, let error = unsafe error?.pointee, unsafe error.level >= 3 else { return }
        var message = unsafe error.message.map { unsafe String(cString: $0) } ?? "not well-formed"
        while message.last?.isWhitespace == true { message.removeLast() }
        // XML_ERR_INVALID_CHAR is used for broken UTF-8 and for stray control characters; only the words tell.
        let isEncoding = unsafe [31, 32, 81].contains(error.code) || message.hasPrefix("Input is not proper UTF-8")
        unsafe refusal = unsafe XMLAgreement.Refusal(
            message: message, line: Int(error.line), column: Int(error.int2), isEncoding: isEncoding)
    }
}
