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

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                matches, sourceIP, destinationIP, sourceMAC, destinationMAC, destinationPortStart, destinationPortEnd,
                to: visit)
        }
    }
}
