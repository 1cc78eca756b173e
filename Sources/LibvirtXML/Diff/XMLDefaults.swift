/// What libvirt takes for an attribute that is not written, so that writing it is no change.
///
/// Source: libvirt's formatdomain.rst and formatnetwork.rst, and the parsers in src/conf: `virDomainDiskDefParseXML`,
/// `virPCIDeviceAddressParseXML`, `virDomainDeviceDriveAddressParseXML`, `virNetworkDefParseXML`.
enum XMLDefaults {
    private static let values: [String: String] = [
        "disk/@type": "file", "disk/@device": "disk", "filesystem/@type": "mount", "hostdev/@mode": "subsystem",
        "hostdev/@managed": "no", "cpu/@match": "exact", "feature/@policy": "require", "forward/@mode": "nat",
        "bridge/@stp": "yes", "bridge/@delay": "0", "ip/@family": "ipv4", "address/@multifunction": "no",
        "address/@domain": "0", "address/@bus": "0", "address/@function": "0", "address/@controller": "0",
        "address/@target": "0", "address/@unit": "0",
    ]

    /// Whether an attribute says what its absence means.
    static func isDefault(_ attribute: XMLAttribute) -> Bool {
        let element = attribute.element
        guard let value = values["\(element.localName)/@\(attribute.name)"] else { return false }
        return XMLMeaning.normal(attribute.value, attribute: attribute.name, of: element) == value
    }
}
