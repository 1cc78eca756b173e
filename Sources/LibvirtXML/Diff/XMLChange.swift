/// One difference of meaning between two documents.
public struct XMLChange: Sendable, Hashable {
    /// What became of it.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Only the second document has it.
        case added
        /// Only the first document has it.
        case removed
        /// Both have it, with another value.
        case changed
        /// Both have it, in another order among its like, where order counts.
        case moved
    }

    /// What it is.
    public enum Subject: String, Sendable, Hashable, CaseIterable {
        /// An element with all that is in it.
        case element
        /// The value of an attribute.
        case attribute
        /// The text of an element, its unit with it.
        case text
    }

    /// What became of it.
    public var kind: Kind
    /// What it is.
    public var subject: Subject
    /// Its path as ``XMLElement/xpath`` has it, in the second document, or in the first where it was removed.
    public var path: String
    /// Its path with the keys that libvirt tells like elements by, as `/domain/devices/disk[target/@dev='vda']`.
    public var label: String
    /// The value in the first document: of an attribute or text with its unit, as written; of an element its start tag.
    /// Passwords are left out.
    public var old: String?
    /// The value in the second document.
    public var new: String?
    /// Where it is in the first document; where it is not there, nil.
    public var oldPosition: XMLPosition?
    /// Where it is in the second document; where it is not there, nil.
    public var newPosition: XMLPosition?
}

extension XMLChange: CustomStringConvertible {
    /// One line: `changed /domain/memory: 1 GiB → 2 GiB`.
    public var description: String {
        let values: String? =
            switch kind {
            case .added: new
            case .removed: old
            case .changed: old.flatMap { old in new.map { "\(old) → \($0)" } }
            case .moved: nil
            }
        return "\(kind.rawValue) \(label)" + (values.map { ": \($0)" } ?? "")
    }
}
