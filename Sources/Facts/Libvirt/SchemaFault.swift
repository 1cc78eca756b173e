public import LibvirtXML

/// Something of a definition that libvirt's RELAX NG schema refuses.
public struct SchemaFault: Sendable, Hashable {
    /// What it is, as written, without secrets.
    public var words: String
    /// Where it stands.
    public var position: XMLPosition

    /// Makes a fault; see the properties.
    public init(_ words: String, at position: XMLPosition) {
        self.words = words
        self.position = position
    }
}
