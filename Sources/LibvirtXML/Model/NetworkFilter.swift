/// `<filter>`: rules for packets of an interface.
///
/// Source of names and values: libvirt's formatnwfilter.rst and nwfilter.rng (9.0).
public struct NetworkFilter: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The filter that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "filter") }

    /// The name.
    public var name: Field<String> { attribute("name") }
    /// The UUID.
    public var uuid: Field<UUIDValue> { child("uuid", .uuid) }
    /// Which chain, such as `root`, `ipv4`, `arp-own`.
    public var chain: Field<String> { attribute("chain") }
    /// The chain's place in the order, -1000 to 1000.
    public var priority: Field<String> { attribute("priority") }
    /// The rules.
    public var rules: [Rule] { views("rule") }
    /// The filters that it takes in.
    public var references: [FilterReference] { views("filterref") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(name, uuid, chain, priority, rules, references, to: visit)
    }

    /// `<rule>`.
    public struct Rule: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// What is done; names count in either case.
        public enum Action: String, LibvirtEnumeration {
            case accept, drop, reject, `return`, `continue`
        }

        /// Which way packets go, as the guest sees it.
        public enum Direction: String, LibvirtEnumeration {
            case `in`, out, `inout`
        }

        /// What is done.
        public var action: Field<Open<Action>> { attribute("action") }
        /// Which way packets go, as the guest sees it.
        public var direction: Field<Open<Direction>> { attribute("direction") }
        /// The rule's place in the order, -1000 to 1000.
        public var priority: Field<String> { attribute("priority") }
        /// Whether connections are followed: `0`, `1`, `true`, `false`.
        public var stateMatch: Field<String> { attribute("statematch") }
        /// What packets are matched by; each by a protocol's name.
        public var matches: [Match] { element?.elements.map { Match(place: XMLPlace($0)) } ?? [] }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(action, direction, priority, stateMatch, matches, to: visit)
        }
    }

    /// What packets are matched by: an element of a protocol's name, such as `<tcp>`.
    public struct Match: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The protocol.
        public var networkProtocol: String { element?.name ?? "" }
        /// Whether what matches is meant, or what does not.
        public var matches: Field<Bool> { attribute("match", .yesNo) }
        /// The sender; may be a variable, `$IP`.
        public var sourceIP: Field<String> { attribute("srcipaddr") }
        /// The receiver.
        public var destinationIP: Field<String> { attribute("dstipaddr") }
        /// The sender's hardware address.
        public var sourceMAC: Field<String> { attribute("srcmacaddr") }
        /// The receiver's hardware address.
        public var destinationMAC: Field<String> { attribute("dstmacaddr") }
        /// The first port of the receiver.
        public var destinationPortStart: Field<String> { attribute("dstportstart") }
        /// The last port of the receiver.
        public var destinationPortEnd: Field<String> { attribute("dstportend") }
        /// A comment, which the firewall keeps.
        public var comment: Field<String> { attribute("comment") }
        /// The mask of the sender's address.
        public var sourceIPMask: Field<String> { attribute("srcipmask") }
        /// The mask of the receiver's address.
        public var destinationIPMask: Field<String> { attribute("dstipmask") }
        /// The first address of senders.
        public var sourceIPFrom: Field<String> { attribute("srcipfrom") }
        /// The last address of senders.
        public var sourceIPTo: Field<String> { attribute("srcipto") }
        /// The first address of receivers.
        public var destinationIPFrom: Field<String> { attribute("dstipfrom") }
        /// The last address of receivers.
        public var destinationIPTo: Field<String> { attribute("dstipto") }
        /// The mask of the sender's hardware address.
        public var sourceMACMask: Field<String> { attribute("srcmacmask") }
        /// The mask of the receiver's hardware address.
        public var destinationMACMask: Field<String> { attribute("dstmacmask") }
        /// The first port of the sender.
        public var sourcePortStart: Field<String> { attribute("srcportstart") }
        /// The last port of the sender.
        public var sourcePortEnd: Field<String> { attribute("srcportend") }
        /// The protocol above: a number or a name.
        public var upperProtocol: Field<String> { attribute("protocol") }
        /// The protocol in the frame: a number or a name.
        public var protocolID: Field<String> { attribute("protocolid") }
        /// The class of service.
        public var dscp: Field<String> { attribute("dscp") }
        /// The states of the connection, such as `NEW,ESTABLISHED`, or `NONE`.
        public var state: Field<String> { attribute("state") }
        /// The flags of TCP, as `SYN,ACK/SYN`.
        public var flags: Field<String> { attribute("flags") }
        /// An option of TCP.
        public var option: Field<String> { attribute("option") }
        /// The most connections.
        public var connectionLimit: Field<String> { attribute("connlimit-above") }
        /// A set of addresses.
        public var ipSet: Field<String> { attribute("ipset") }
        /// What of the packet is looked up in the set, as `src,dst`.
        public var ipSetFlags: Field<String> { attribute("ipsetflags") }
        /// The type, of ICMP.
        public var type: Field<String> { attribute("type") }
        /// The last type, of ICMPv6.
        public var typeEnd: Field<String> { attribute("typeend") }
        /// The code, of ICMP.
        public var code: Field<String> { attribute("code") }
        /// The last code, of ICMPv6.
        public var codeEnd: Field<String> { attribute("codeend") }
        /// The kind of hardware, of ARP.
        public var hardwareType: Field<String> { attribute("hwtype") }
        /// The protocol that is resolved, of ARP.
        public var protocolType: Field<String> { attribute("protocoltype") }
        /// What is asked or answered, of ARP.
        public var operation: Field<String> { attribute("opcode") }
        /// The hardware address of who asks, of ARP.
        public var arpSourceMAC: Field<String> { attribute("arpsrcmacaddr") }
        /// The hardware address that is asked for, of ARP.
        public var arpDestinationMAC: Field<String> { attribute("arpdstmacaddr") }
        /// The address of who asks, of ARP.
        public var arpSourceIP: Field<String> { attribute("arpsrcipaddr") }
        /// The mask of that address.
        public var arpSourceIPMask: Field<String> { attribute("arpsrcipmask") }
        /// The address that is asked for, of ARP.
        public var arpDestinationIP: Field<String> { attribute("arpdstipaddr") }
        /// The mask of that address.
        public var arpDestinationIPMask: Field<String> { attribute("arpdstipmask") }
        /// Whether it is a gratuitous ARP.
        public var gratuitous: Field<String> { attribute("gratuitous") }
        /// The number of the VLAN.
        public var vlanID: Field<String> { attribute("vlanid") }
        /// The protocol in the VLAN.
        public var encapsulatedProtocol: Field<String> { attribute("encap-protocol") }
        /// What only frames of the spanning tree have.
        public var spanningTree: SpanningTree { SpanningTree(place: place) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                matches, sourceIP, destinationIP, sourceMAC, destinationMAC, destinationPortStart, destinationPortEnd,
                comment, sourceIPMask, destinationIPMask, sourceIPFrom, sourceIPTo, destinationIPFrom, destinationIPTo,
                sourceMACMask, destinationMACMask, sourcePortStart, sourcePortEnd, upperProtocol, protocolID, dscp,
                state, flags, option, connectionLimit, ipSet, ipSetFlags, type, typeEnd, code, codeEnd, hardwareType,
                protocolType, operation, arpSourceMAC, arpDestinationMAC, arpSourceIP, arpSourceIPMask,
                arpDestinationIP, arpDestinationIPMask, gratuitous, vlanID, encapsulatedProtocol, spanningTree,
                to: visit)
        }
    }

    /// What `<stp>` matches by beside addresses.
    public struct SpanningTree: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The type.
        public var frameType: Field<String> { attribute("type") }
        /// The flags.
        public var frameFlags: Field<String> { attribute("flags") }
        /// The priority of the root.
        public var rootPriority: Field<String> { attribute("root-priority") }
        /// The last of a range of them.
        public var rootPriorityHigh: Field<String> { attribute("root-priority-hi") }
        /// The address of the root.
        public var rootAddress: Field<String> { attribute("root-address") }
        /// The mask of that address.
        public var rootAddressMask: Field<String> { attribute("root-address-mask") }
        /// The cost of the way to the root.
        public var rootCost: Field<String> { attribute("root-cost") }
        /// The last of a range of them.
        public var rootCostHigh: Field<String> { attribute("root-cost-hi") }
        /// The priority of the sender.
        public var senderPriority: Field<String> { attribute("sender-priority") }
        /// The last of a range of them.
        public var senderPriorityHigh: Field<String> { attribute("sender-priority-hi") }
        /// The address of the sender.
        public var senderAddress: Field<String> { attribute("sender-address") }
        /// The mask of that address.
        public var senderAddressMask: Field<String> { attribute("sender-address-mask") }
        /// The port.
        public var port: Field<String> { attribute("port") }
        /// The last of a range of them.
        public var portHigh: Field<String> { attribute("port-hi") }
        /// The age of the message.
        public var age: Field<String> { attribute("age") }
        /// The last of a range of them.
        public var ageHigh: Field<String> { attribute("age-hi") }
        /// The most age.
        public var maximumAge: Field<String> { attribute("max-age") }
        /// The last of a range of them.
        public var maximumAgeHigh: Field<String> { attribute("max-age-hi") }
        /// The time between messages.
        public var helloTime: Field<String> { attribute("hello-time") }
        /// The last of a range of them.
        public var helloTimeHigh: Field<String> { attribute("hello-time-hi") }
        /// The time until frames pass.
        public var forwardDelay: Field<String> { attribute("forward-delay") }
        /// The last of a range of them.
        public var forwardDelayHigh: Field<String> { attribute("forward-delay-hi") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                frameType, frameFlags, rootPriority, rootPriorityHigh, rootAddress, rootAddressMask, rootCost,
                rootCostHigh, senderPriority, senderPriorityHigh, senderAddress, senderAddressMask, port, portHigh, age,
                ageHigh, maximumAge, maximumAgeHigh, helloTime, helloTimeHigh, forwardDelay, forwardDelayHigh, to: visit
            )

        }
    }
}
