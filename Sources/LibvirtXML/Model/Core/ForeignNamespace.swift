/// Namespaces of settings that libvirt hands on unseen; a view goes by them, and not by the prefixes that a document gives them.
enum ForeignNamespace: String {
    case qemu = "http://libvirt.org/schemas/domain/qemu/1.0"
    case dnsmasq = "http://libvirt.org/schemas/network/dnsmasq/1.0"
    case fs = "http://libvirt.org/schemas/storagepool/fs/1.0"
    case rbd = "http://libvirt.org/schemas/storagepool/rbd/1.0"
}

extension PlacedView {
    /// A view over the first element of a name in a namespace; where it is not there, over one with the customary prefix.
    func view<View: PlacedView>(_ name: String, in namespace: ForeignNamespace) -> View {
        let customary = "\(namespace):\(name)"
        guard let element else { return View(place: place.child(customary)) }
        let own = element.elements(name, inNamespace: namespace.rawValue).first
        return View(place: own.map { XMLPlace($0) } ?? XMLPlace(base: element, missing: [customary]))
    }

    /// Views over the elements of a name in a namespace.
    func views<View: PlacedView>(_ name: String, in namespace: ForeignNamespace) -> [View] {
        element?.elements(name, inNamespace: namespace.rawValue).map { View(place: XMLPlace($0)) } ?? []
    }

    /// Views over the elements of a name in the first element of another, both in a namespace.
    func views<View: PlacedView>(_ name: String, _ inner: String, in namespace: ForeignNamespace) -> [View] {
        let outer = element?.elements(name, inNamespace: namespace.rawValue).first
        return outer?.elements(inner, inNamespace: namespace.rawValue).map { View(place: XMLPlace($0)) } ?? []
    }
}
