/// What libvirt writes into the XML of a running domain and not into its definition, so that a domain can be compared with
/// its own definition: aliases, the ports and pseudo-terminals it was given, the labels and the CPU as they came out.
///
/// The corresponding C flag is VIR_DOMAIN_XML_INACTIVE: what `virDomainDefFormat` leaves out under it.
enum XMLRuntime {
    static func isRuntime(_ element: XMLElement) -> Bool {
        guard let parent = element.parent else { return false }
        switch element.localName {
        case "alias":
            // Aliases that the administrator gave start so, and are in both.
            return element["name"]?.hasPrefix("ua-") != true
        case "backingStore":
            return parent.isNamed("disk") && element.elements.isEmpty && element.attributes.isEmpty
        case "resource":
            return element.elements.count == 1 && element.first("partition")?.trimmedText == "/machine"
        case "seclabel":
            return parent.isNamed("domain") && element["type"] == "dynamic" && element.first("baselabel") == nil
        case "source":
            return isGenerated(element, of: parent)
        case "target":
            return parent.isNamed("interface") && isGenerated(device: element["dev"])
        default:
            return false
        }
    }

    static func isRuntime(_ attribute: XMLAttribute) -> Bool {
        let element = attribute.element
        switch attribute.name {
        case "id": return element.isNamed("domain")
        case "connections": return element.isNamed("network") && element.parent == nil
        case "index": return element.isNamed("source")
        case "tty": return element.isNamed("console")
        case "state": return element.isNamed("target") && element.parent?.isNamed("channel") == true
        case "portid": return element.isNamed("source") && element.parent?.isNamed("interface") == true
        case "bridge":
            return element.isNamed("source") && element.parent?.isNamed("interface") == true
                && element.parent?["type"] == "network"
        case "port", "tlsPort", "websocket": return element.isNamed("graphics") && element["autoport"] == "yes"
        default: return false
        }
    }

    /// Whether one of two descriptions of a domain's CPU is what libvirt made of the other at start: the model and features
    /// are then not the definition's.
    static func isExpanded(_ first: XMLElement, _ second: XMLElement) -> Bool {
        first.isNamed("cpu") && first.parent?.isNamed("domain") == true
            && (first["check"] == "full") != (second["check"] == "full")
    }

    static let expandedAttributes: Set<String> = ["check", "mode", "match"]
    static let expandedElements: Set<String> = ["model", "vendor", "feature", "maxphysaddr"]

    /// The source of a character device: the pseudo-terminal, or the socket that libvirt chose.
    private static func isGenerated(_ source: XMLElement, of device: XMLElement) -> Bool {
        guard ["serial", "console", "parallel", "channel"].contains(device.localName) else { return false }
        switch device["type"] {
        case "pty": return true
        case "unix":
            return device.isNamed("channel") && source["mode"] == "bind" && source["path"]?.contains("/domain-") == true
        default: return false
        }
    }

    /// The prefixes of the names that libvirt gives to the host's side of an interface.
    private static func isGenerated(device: String?) -> Bool {
        guard let device else { return false }
        return ["vnet", "macvtap", "macvlan"].contains { prefix in
            device.hasPrefix(prefix) && device.utf8.dropFirst(prefix.utf8.count).allSatisfy { 0x30...0x39 ~= $0 }
        }
    }
}
