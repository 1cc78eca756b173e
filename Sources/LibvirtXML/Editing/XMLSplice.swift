/// What one edit did to the numbering of a document's nodes.
struct XMLSplice: Sendable {
    /// The tree before the edit.
    var from: XMLTree.Identity
    /// The first node that is not as it was.
    var index: Int
    /// How many nodes went away there.
    var removed: Int
    /// How many came in their place.
    var added: Int
}
