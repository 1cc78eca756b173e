/// Why an XML document was not read, or not changed.
public struct XMLError: Error, Sendable, Hashable {
    /// What kind of fault it is; small and stable.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Against XML 1.0: libxml2 refused it.
        case notWellFormed
        /// There is a document type declaration, which libvirt's documents never have and which is refused unread.
        case documentType
        /// There are no bytes, or only white space.
        case empty
        /// More bytes than ``XMLDocument/maximumSize``.
        case tooLarge
        /// Elements nested deeper than ``XMLDocument/maximumDepth``.
        case tooDeep
        /// The character encoding is unknown, or the bytes are not of it.
        case encoding
        /// libxml2 is not installed, or lacks a function.
        case libraryMissing
        /// An edit named something that XML cannot hold: a name or a character.
        case notRepresentable
        /// An edit named an element of another document, or one that is no longer there.
        case foreignElement
        /// The document does not follow the schema.
        case againstSchema
        /// Two readings of one document differ: a defect of kvmcheck, reported rather than giving wrong positions.
        case internalFault
    }

    /// What kind of fault it is.
    public var kind: Kind
    /// What is, lower case, without a full stop.
    public var message: String
    /// libxml2's own words, where it spoke.
    public var libraryMessage: String?
    /// The document's name, such as its path.
    public var document: String
    /// The line, from 1.
    public var line: Int?
    /// The column, from 1, in characters.
    public var column: Int?
    /// The text of the line, cut where it is very long.
    public var excerpt: String?

    init(
        _ kind: Kind, _ message: String, libraryMessage: String? = nil, document: String, line: Int? = nil,
        column: Int? = nil, excerpt: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.libraryMessage = libraryMessage
        self.document = document
        self.line = line
        self.column = column
        self.excerpt = excerpt
    }
}

extension XMLError: CustomStringConvertible {
    /// The message, and below it where it is, as the branches of a tree.
    public var description: String {
        var branches: [String] = []
        var place = document
        if let line {
            place += ", line \(line)"
            if let column { place += ", column \(column)" }
        }
        branches.append("where:   \(place)")
        if let excerpt, !excerpt.isEmpty { branches.append("line:    \(excerpt)") }
        if let libraryMessage, libraryMessage != message { branches.append("libxml2: \(libraryMessage)") }
        let lines = branches.enumerated().map { ($0.offset == branches.count - 1 ? "└─ " : "├─ ") + $0.element }
        return (["xml: \(message)"] + lines).joined(separator: "\n")
    }
}
