internal import LibvirtXML

/// One difference of meaning between two documents.
public struct DefinitionChange: Sendable, CustomStringConvertible {
    /// What changed, in a line: the path, what was and what is.
    public var description: String
}

/// Two documents of libvirt's, compared by meaning.
public enum DefinitionDiff {
    /// What changed from one file to another.
    ///
    /// - Parameter ignoringRuntime: Whether to leave out what libvirt adds to the definition of a running domain.
    /// - Throws: ``CheckError`` where a file does not hold one well-formed document.
    public static func changes(
        from old: String, to new: String, ignoringRuntime: Bool
    ) throws(CheckError) -> [DefinitionChange] {
        let before = try document(old)
        let after = try document(new)
        return XMLDiff.compare(before, after, ignoringRuntime: ignoringRuntime).map {
            DefinitionChange(description: "\($0)")
        }
    }

    private static func document(_ word: String) throws(CheckError) -> XMLDocument {
        let documents = DefinitionFiles.documents(word)
        guard let first = documents.first, documents.count == 1 else {
            throw CheckError("\(word) holds \(documents.count) documents, not one", isUsage: true)
        }
        return try first.get()
    }
}
