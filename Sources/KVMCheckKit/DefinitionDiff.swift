@_spi(Probing) internal import Evidence
internal import Facts
internal import LibvirtProbes
internal import LibvirtXML

/// One difference of meaning between two documents.
public struct DefinitionChange: Sendable, CustomStringConvertible {
    /// What changed, in a line: the path, what was and what is.
    public var description: String
}

/// Definitions of libvirt's, compared by meaning.
public struct DefinitionDiff: Sendable {
    /// What kind of object a name is of.
    public var kind: DefinitionKind
    /// Where names are looked up.
    public var libvirt = LibvirtChoice()
    /// Whether to leave out what libvirt adds to the definition of a running domain.
    public var ignoresRuntime = false

    /// Makes a comparison of one kind of object.
    public init(_ kind: DefinitionKind = .domain) { self.kind = kind }

    /// What changed from one definition to another.
    ///
    /// - Parameters:
    ///   - old: A file, `-`, or the name or UUID of an object, of which the persistent definition counts.
    ///   - new: The same.
    /// - Throws: ``CheckError`` where a file does not hold one well-formed document, or libvirt has no such definition.
    public func changes(from old: String, to new: String) throws(CheckError) -> [DefinitionChange] {
        let before = try document(old)
        let after = try document(new)
        return compare(before, after, ignoringRuntime: ignoresRuntime)
    }

    /// What the next start of an object will change: from the definition that runs to the persistent one. What libvirt adds
    /// to the former is no difference.
    ///
    /// - Throws: ``CheckError`` where it does not run, or is transient.
    public func pendingChanges(of name: String) throws(CheckError) -> [DefinitionChange] {
        let told = try told(name)
        guard let live = try parsed(told.live, name) else {
            throw CheckError(
                "\(name) does not run", context: ["it has one definition, the persistent one: nothing to compare"])
        }
        guard let persistent = try parsed(told.persistent, name) else {
            throw CheckError(
                "\(name) is transient", context: ["it has one definition, the one that runs: nothing to compare"])
        }
        return compare(live, persistent, ignoringRuntime: true)
    }

    private func compare(_ old: XMLDocument, _ new: XMLDocument, ignoringRuntime: Bool) -> [DefinitionChange] {
        XMLDiff.compare(old, new, ignoringRuntime: ignoringRuntime).map { DefinitionChange(description: "\($0)") }
    }

    // MARK: - Documents

    /// Whether a word means a file rather than a name that libvirt knows.
    public static func isFile(_ word: String) -> Bool { DefinitionFiles.isFile(word) }

    private func document(_ word: String) throws(CheckError) -> XMLDocument {
        guard DefinitionFiles.isFile(word) else {
            let told = try told(word)
            if let document = try parsed(told.persistent, word) { return document }
            if let document = try parsed(told.live, word) { return document }
            throw CheckError("libvirt has no definition of \(word)")
        }
        let documents = DefinitionFiles.documents(word)
        guard let first = documents.first, documents.count == 1 else {
            throw CheckError("\(word) holds \(documents.count) documents, not one", isUsage: true)
        }
        return try first.get()
    }

    /// The XML of a document that libvirt told; nil where there is none.
    private func parsed(_ text: Observation<String>, _ name: String) throws(CheckError) -> XMLDocument? {
        if let obstacle = text.obstacle {
            throw CheckError("no definition of \(name)", context: [obstacle.description])
        }
        guard let xml = text.known else { return nil }
        do {
            return try XMLDocument(parsing: xml, name: name)
        } catch {
            throw CheckError("the definition of \(name) is not XML", context: [error.message])
        }
    }

    /// Both definitions of the object that a user means.
    private func told(
        _ name: String
    ) throws(CheckError) -> (live: Observation<String>, persistent: Observation<String>) {
        let inventory = try LibvirtInventory(LibvirtInventory.one(kind, name), libvirt, kind: kind)
        func only<Object>(_ objects: Observation<[Object]>) throws(CheckError) -> Object {
            if let obstacle = objects.obstacle {
                throw CheckError("libvirt does not tell of \(name)", context: [obstacle.description])
            }
            guard let first = objects.known?.first else { throw kind.missing(name) }
            return first
        }
        switch kind {
        case .domain:
            let domain = try only(
                inventory.facts.domains.map { $0.filter(InventoryRequest.Selection.named([name]).covers) })
            return (domain.liveXML, domain.persistentXML)
        case .network:
            let network = try only(
                inventory.facts.networks.map { $0.filter { $0.name == name || $0.uuid.known == name.lowercased() } })
            return (network.liveXML, network.persistentXML)
        case .pool:
            let pool = try only(
                inventory.facts.pools.map { $0.filter { $0.name == name || $0.uuid.known == name.lowercased() } })
            return (pool.liveXML, pool.persistentXML)
        }
    }
}
