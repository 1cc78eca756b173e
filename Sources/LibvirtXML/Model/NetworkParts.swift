// What networks and the interfaces of domains have in common.

/// `<virtualport>`: what a switch that is managed from elsewhere is told.
public struct VirtualPort: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// The switch.
    public enum Kind: String, LibvirtEnumeration {
        case openvswitch, midonet
        case vepa = "802.1Qbg"
        case vnLink = "802.1Qbh"
    }

    /// The switch.
    public var type: Field<Open<Kind>> { attribute("type") }
    /// The port's UUID.
    public var interfaceID: Field<UUIDValue> { attribute("interfaceid", of: "parameters", .uuid) }
    /// The profile by which the switch knows the port.
    public var profileID: Field<String> { attribute("profileid", of: "parameters") }
    /// The manager, of 802.1Qbg.
    public var managerID: Field<String> { attribute("managerid", of: "parameters") }
    /// The type, of 802.1Qbg.
    public var typeID: Field<String> { attribute("typeid", of: "parameters") }
    /// The type's version, of 802.1Qbg.
    public var typeIDVersion: Field<String> { attribute("typeidversion", of: "parameters") }
    /// The port, of 802.1Qbg.
    public var instanceID: Field<UUIDValue> { attribute("instanceid", of: "parameters", .uuid) }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(type, interfaceID, profileID, managerID, typeID, typeIDVersion, instanceID, to: visit)
    }
}

/// `<vlan>`.
public struct VLAN: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// Whether frames keep their tags.
    public var isTrunk: Field<Bool> { attribute("trunk", .yesNo) }
    /// The tags.
    public var tags: [Tag] { views("tag") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(isTrunk, tags, to: visit)
    }

    /// `<tag>`.
    public struct Tag: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// What is done with the native VLAN's frames.
        public enum NativeMode: String, LibvirtEnumeration {
            case tagged, untagged
        }

        /// The number; libvirt takes 0 to 4095.
        public var id: Field<Int> { attribute("id", .cInteger(0...4095, digits: 1)) }
        /// What is done with the native VLAN's frames.
        public var nativeMode: Field<Open<NativeMode>> { attribute("nativeMode") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(id, nativeMode, to: visit)
        }
    }
}

/// `<bandwidth>`.
public struct Bandwidth: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// What comes in.
    public var inbound: Limit { view("inbound") }
    /// What goes out.
    public var outbound: Limit { view("outbound") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(inbound, outbound, to: visit)
    }

    /// `<inbound>` or `<outbound>`.
    public struct Limit: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// KiB a second over time.
        public var average: Field<UInt64> { attribute("average", .large) }
        /// KiB a second at most.
        public var peak: Field<UInt64> { attribute("peak", .large) }
        /// KiB in one go.
        public var burst: Field<UInt64> { attribute("burst", .large) }
        /// KiB a second at least.
        public var floor: Field<UInt64> { attribute("floor", .large) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(average, peak, burst, floor, to: visit)
        }
    }
}

/// `<route>`.
public struct Route: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// `ipv4` or `ipv6`; IPv4 where absent.
    public var family: Field<String> { attribute("family") }
    /// The destination.
    public var address: Field<IPAddress> { attribute("address", .ip) }
    /// Its prefix.
    public var prefix: Field<Int> { attribute("prefix", .integer(0...128)) }
    /// Its netmask.
    public var netmask: Field<IPAddress> { attribute("netmask", .ip) }
    /// The next hop.
    public var gateway: Field<IPAddress> { attribute("gateway", .ip) }
    /// Its cost.
    public var metric: Field<Int> { attribute("metric", .count) }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(family, address, prefix, netmask, gateway, metric, to: visit)
    }
}

/// `<filterref>`: a network filter that is used.
public struct FilterReference: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// The filter's name.
    public var filter: Field<String> { attribute("filter") }
    /// What its variables are.
    public var parameters: [Parameter] { views("parameter") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(filter, parameters, to: visit)
    }

    /// `<parameter>`.
    public struct Parameter: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The variable.
        public var name: Field<String> { attribute("name") }
        /// Its value.
        public var value: Field<String> { attribute("value") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, value, to: visit)
        }
    }
}
