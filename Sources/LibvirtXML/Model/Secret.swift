/// `<secret>`: that there is a passphrase or key, and what it is for. What it is, is never in the document.
///
/// Source of names and values: libvirt's formatsecret.rst and secret.rng (9.0).
public struct Secret: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The secret that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "secret") }

    /// What it is for.
    public enum Usage: String, LibvirtEnumeration {
        case volume, ceph, iscsi, tls, vtpm
        case nothing = "none"
    }

    /// The UUID.
    public var uuid: Field<UUIDValue> { child("uuid", .uuid) }
    /// A description.
    public var summary: Field<String> { child("description") }
    /// Whether it is kept in memory only.
    public var isEphemeral: Field<Bool> { attribute("ephemeral", .yesNo) }
    /// Whether libvirt tells it to nobody.
    public var isPrivate: Field<Bool> { attribute("private", .yesNo) }
    /// What it is for.
    public var usage: Field<Open<Usage>> { attribute("type", of: "usage") }
    /// Which volume, of usage `volume`.
    public var volume: Field<String> { used("volume") }
    /// The name by which it is found, of usages `ceph`, `tls` and `vtpm`.
    public var name: Field<String> { used("name") }
    /// The name by which it is found, of usage `iscsi`.
    public var target: Field<String> { used("target") }

    private func used(_ name: String) -> Field<String> {
        Field(place.child("usage").child(name), .text, .string)
    }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(uuid, summary, isEphemeral, isPrivate, usage, volume, name, target, to: visit)
    }
}
