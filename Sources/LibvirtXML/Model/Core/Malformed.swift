/// A value that is there and is not of its form, such as a memory size of `-1`.
public struct Malformed: Error, Sendable, Hashable {
    /// What is written.
    public var text: String
    /// What would be right, such as `yes or no`.
    public var expected: String
    /// Where it stands.
    public var position: XMLPosition
    /// Its path, such as `/domain/devices/disk[2]/@type`.
    public var xpath: String
    /// The document's name, such as its path.
    public var document: String
}

extension Malformed: CustomStringConvertible {
    /// `a.xml:3:5: /domain/memory is "-1", not a whole number`
    public var description: String {
        let shown = text.count > 60 ? String(text.prefix(60)) + "…" : text
        return "\(document):\(position): \(xpath) is \"\(shown)\", not \(expected)"
    }
}
