internal import CLibXML2
internal import Glibc
internal import Synchronization

/// What libvirt's RELAX NG schemas say of a document.
public enum XMLValidity: Sendable, Hashable {
    /// The document follows the schema.
    case valid
    /// It does not: what libxml2 found, with places, in its order. There is at least one.
    case invalid([XMLError])
    /// libvirt has no schema for documents with this root element.
    case noSchema(root: String)
    /// The schema is not installed, or libxml2 is not; the file that was looked for.
    case notInstalled(file: String)
}

/// The RELAX NG schemas that libvirt installs (Debian: `libvirt0`), compiled as they are needed and then kept.
///
/// The installed version's schemas are what counts: a newer libvirt's documents may not follow an older one's.
public final class XMLSchemas: Sendable {
    /// Where libvirt's build puts them: `${datadir}/libvirt/schemas`.
    public static let installedFolder = "/usr/share/libvirt/schemas"

    /// The schema's file for each root element; libvirt's `docs/schemas`.
    public static let files: [String: String] = [
        "domain": "domain.rng", "network": "network.rng", "pool": "storagepool.rng", "volume": "storagevol.rng",
        "capabilities": "capability.rng", "domainCapabilities": "domaincaps.rng", "device": "nodedev.rng",
        "interface": "interface.rng", "domainsnapshot": "domainsnapshot.rng",
        "domaincheckpoint": "domaincheckpoint.rng", "domainbackup": "domainbackup.rng", "filter": "nwfilter.rng",
        "filterbinding": "nwfilterbinding.rng", "secret": "secret.rng", "networkport": "networkport.rng",
        "cpu": "cpu.rng", "storagepoolCapabilities": "storagepoolcaps.rng",
    ]

    /// How often the schemas may be asked again about one document, and about all, to find what exactly they refuse: a
    /// thousand wrong documents must not cost more than to read them.
    private static let questions = (document: 300, all: 6000)

    /// The folder that the schemas are read from.
    public let folder: String
    private let compiled = Mutex<[String: Schema]>([:])
    private let questionsLeft = Mutex(questions.all)

    /// The schemas of a folder; nothing is read before the first document is validated.
    public init(folder: String = XMLSchemas.installedFolder) { self.folder = folder }

    /// A compiled schema, freed with the last that holds it.
    @safe private final class Schema {
        // SAFETY: what xmlRelaxNGParse returned, used under the lock only, and freed once.
        let pointer: OpaquePointer

        init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

        deinit { unsafe RelaxNGLibrary.shared?.freeSchema(pointer) }
    }

    /// Holds a document against the schema for its root element.
    ///
    /// - Throws: ``XMLError/Kind/schemaUnusable`` where the schema does not compile.
    public func validate(_ document: XMLDocument) throws(XMLError) -> XMLValidity {
        let root = document.root.localName
        guard let file = Self.files[root] else { return .noSchema(root: root) }
        let path = folder + "/" + file
        guard unsafe access(path, R_OK) == 0 else { return .notInstalled(file: path) }
        guard let library = RelaxNGLibrary.shared else { return .notInstalled(file: "libxml2") }
        return try compiled.withLock { compiled throws(XMLError) in
            let schema = try unsafe Self.schema(path, in: &compiled, library)
            return try unsafe Self.validate(document, with: schema, path: path, library)
        }
    }

    /// What of a document its schema refuses, each at the smallest element or attribute without which it would be valid, in
    /// the order of the document; where there is no such piece, at the places that libxml2 names. None where it is valid.
    ///
    /// - Throws: ``XMLError/Kind/schemaUnusable`` where the schema does not compile.
    public func refusals(of document: XMLDocument) throws(XMLError) -> XMLRefusals {
        switch try validate(document) {
        case .valid: return .refusals([])
        case .noSchema(let root): return .noSchema(root: root)
        case .notInstalled(let file): return .notInstalled(file: file)
        case .invalid(let errors):
            let spots = culprits(in: document)
            guard spots.isEmpty else { return .refusals(spots.map { XMLRefusal($0) }) }
            return .refusals(
                errors.compactMap { error in
                    guard let line = error.line, let column = error.column else { return nil }
                    return XMLRefusal(words: error.message, position: document.position(line: line, column: column))
                })
        }
    }

    private func culprits(in document: XMLDocument) -> [XMLSpot] {
        let left = questionsLeft.withLock { $0 }
        // Each question copies the text; nothing that libvirt wrote is as long.
        guard document.tree.bytes.count <= 1 << 20, let library = RelaxNGLibrary.shared,
            let file = Self.files[document.root.localName]
        else { return [] }
        return compiled.withLock { compiled in
            guard let schema = compiled[folder + "/" + file] else { return [] }
            let budget = min(left, Self.questions.document)
            var blame = XMLSchemaBlame(document, budget: budget) { text in
                unsafe Self.complaints(about: text, schema.pointer, library)
            }
            let culprits = blame.culprits()
            let used = budget - blame.budget
            questionsLeft.withLock { $0 = max(0, $0 - used) }
            return culprits
        }
    }

    /// What libxml2 says of a text; nil where it follows the schema.
    @unsafe private static func complaints(
        about text: [UInt8], _ schema: OpaquePointer, _ library: RelaxNGLibrary
    ) -> [String]? {
        // SAFETY: the document is freed here.
        guard let parsed = unsafe parsed(text, library) else { return ["libxml2 does not read it"] }
        defer { unsafe library.freeDocument(parsed) }
        var faults = Faults()
        guard let status = unsafe status(of: parsed, schema, &faults, library) else { return [] }
        return status == 0 ? nil : faults.list.map(\.message)
    }

    @unsafe private static func schema(
        _ path: String, in compiled: inout [String: Schema], _ library: RelaxNGLibrary
    ) throws(XMLError) -> OpaquePointer {
        if let schema = compiled[path] { return unsafe schema.pointer }
        var faults = Faults()
        // SAFETY: the path is terminated and lives for the call; the faults outlive the parser, which is closed here.
        let schema = unsafe withUnsafeMutablePointer(to: &faults) { faults -> OpaquePointer? in
            guard let parser = unsafe path.withCString({ unsafe library.openSchema($0) }) else { return nil }
            // A schema that is no XML is told to the thread's handler, whose default prints.
            unsafe LibXML2.shared?.setErrors(UnsafeMutableRawPointer(faults), Faults.note)
            defer {
                unsafe library.closeSchema(parser)
                LibXML2.shared?.setErrors(nil, nil)
            }
            unsafe library.setSchemaErrors(parser, Faults.note, UnsafeMutableRawPointer(faults))
            return unsafe library.parseSchema(parser)
        }
        guard let schema = unsafe schema else {
            throw XMLError(
                .schemaUnusable, "the schema does not compile", libraryMessage: faults.list.first?.message,
                document: path, line: faults.list.first?.line)
        }
        compiled[path] = unsafe Schema(schema)
        return unsafe schema
    }

    @unsafe private static func validate(
        _ document: XMLDocument, with schema: OpaquePointer, path: String, _ library: RelaxNGLibrary
    ) throws(XMLError) -> XMLValidity {
        // SAFETY: the document is freed here.
        guard let parsed = unsafe parsed(document.tree.bytes, library) else {
            throw XMLError(.internalFault, "libxml2 does not read again what it read", document: document.name)
        }
        defer { unsafe library.freeDocument(parsed) }
        var faults = Faults()
        guard let status = unsafe status(of: parsed, schema, &faults, library) else {
            throw XMLError(.internalFault, "libxml2 makes no validation", document: document.name)
        }
        if status == 0 { return .valid }
        guard status > 0 else {
            throw XMLError(
                .internalFault, "libxml2 fails to validate", libraryMessage: faults.list.first?.message,
                document: document.name)
        }
        let places = unsafe elements(of: parsed, in: document, library)
        var errors: [XMLError] = []
        for fault in faults.list {
            let error = unsafe error(fault, at: fault.element.flatMap { unsafe places[$0] }, in: document)
            if !errors.contains(error) { errors.append(error) }
        }
        if errors.isEmpty { errors.append(error(nil, at: document.root, in: document)) }
        return .invalid(errors)
    }

    /// A text that is known to be well-formed, as libxml2's tree.
    @unsafe private static func parsed(_ text: [UInt8], _ library: RelaxNGLibrary) -> OpaquePointer? {
        // XML_PARSE_NOERROR, NOWARNING, NONET and IGNORE_ENC: the text is UTF-8, and known to be well-formed.
        let options: Int32 = 1 << 5 | 1 << 6 | 1 << 11 | 1 << 21
        // SAFETY: libxml2 copies the bytes it is given with their count.
        return unsafe text.withUnsafeBytes { bytes in
            unsafe library.readMemory(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(truncatingIfNeeded: bytes.count), nil,
                "UTF-8", options)
        }
    }

    /// What `xmlRelaxNGValidateDoc` answers: 0 for valid, above for not; nil where libxml2 makes no validation.
    @unsafe private static func status(
        of parsed: OpaquePointer, _ schema: OpaquePointer, _ faults: inout Faults, _ library: RelaxNGLibrary
    ) -> Int32? {
        guard let validation = unsafe library.newValidation(schema) else { return nil }
        defer { unsafe library.freeValidation(validation) }
        // SAFETY: the faults outlive the call.
        return unsafe withUnsafeMutablePointer(to: &faults) { faults -> Int32 in
            unsafe library.setValidationErrors(validation, Faults.note, UnsafeMutableRawPointer(faults))
            return unsafe library.validate(validation, parsed)
        }
    }

    private static func error(_ fault: Faults.Fault?, at element: XMLElement?, in document: XMLDocument) -> XMLError {
        let element = element ?? document.root
        let position =
            fault?.attribute.flatMap { name in element.attributes.first { $0.localName == name } }?.position
            ?? element.position
        return XMLError(
            .againstSchema, fault?.message ?? "against the schema", libraryMessage: fault?.message,
            document: document.name, line: position.line, column: position.column,
            excerpt: document.line(position.line))
    }

    /// Which of our elements each of libxml2's is: both trees hold the same elements in the same order.
    @unsafe private static func elements(
        of parsed: OpaquePointer, in document: XMLDocument, _ library: RelaxNGLibrary
    ) -> [UnsafeMutableRawPointer: XMLElement] {
        let ours = document.allElements
        var places: [UnsafeMutableRawPointer: XMLElement] = unsafe [:]
        var next = 0
        // SAFETY: walks the tree that libxml2 made, which lives until the caller frees it. The depth is bounded by the
        // document's.
        func visit(_ node: RelaxNGLibrary.Node?) {
            var node = unsafe node
            while let current = unsafe node {
                guard next < ours.count else { return }
                unsafe places[UnsafeMutableRawPointer(current)] = ours[next]
                next += 1
                unsafe visit(library.firstElement(current))
                unsafe node = library.nextElement(current)
            }
        }
        unsafe visit(library.rootElement(parsed))
        return unsafe places
    }
}

/// What libxml2 says while it compiles or validates.
@safe private struct Faults {
    @safe struct Fault {
        var message: String
        var line: Int
        // SAFETY: only compared, never followed.
        var element: UnsafeMutableRawPointer?
        var attribute: String?
    }

    var list: [Fault] = []

    /// Enough to tell what is wrong; a document may hold millions of faults.
    static let maximumCount = 100

    // SAFETY: the user pointer is the faults that the caller of libxml2 keeps alive; nodes are libxml2's own, alive while it
    // reports on them. xmlAttr starts as xmlNode does.
    static let note: kvmcheck_xml_serror = { user, error in
        guard let faults = unsafe user?.assumingMemoryBound(to: Faults.self), let error = unsafe error?.pointee,
            unsafe faults.pointee.list.count < Faults.maximumCount
        else { return }
        var message = unsafe error.message.map { unsafe String(cString: $0) } ?? "against the schema"
        while message.last?.isWhitespace == true { message.removeLast() }
        var fault = unsafe Fault(message: message, line: Int(error.line), element: error.node)
        if let node = unsafe error.node?.assumingMemoryBound(to: kvmcheck_xml_node.self), unsafe node.pointee.type != 1
        {
            // XML_ELEMENT_NODE is 1, XML_ATTRIBUTE_NODE 2; others, such as text, are told by their element.
            if unsafe node.pointee.type == 2 {
                fault.attribute = unsafe node.pointee.name.map { unsafe String(cString: $0) }
            }
            unsafe fault.element = UnsafeMutableRawPointer(node.pointee.parent)
        }
        unsafe faults.pointee.list.append(fault)
    }
}
