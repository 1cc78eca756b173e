@_spi(Probing) internal import Evidence
public import Facts

/// What is to be asked of a libvirt; what is not asked for stays `notProbed`.
public struct InventoryRequest: Sendable {
    /// Which objects of a kind.
    public enum Selection: Sendable, Hashable {
        /// None.
        case none
        /// All of them, active and inactive.
        case all
        /// These, each by name, by UUID or, for a running domain, by number, looked up in virsh's order.
        case named([String])
    }

    /// The domains.
    public var domains = Selection.all
    /// Of which of the domains more is asked than what they are and whether they run: snapshots, saved state, addresses, disks,
    /// process and guest agent.
    public var closely = Selection.all
    /// The virtual networks.
    public var networks = Selection.all
    /// The storage pools.
    public var pools = Selection.all
    /// Whether pools are asked for their volumes.
    public var volumes = true
    /// Whether the host's capabilities are asked for.
    public var capabilities = true
    /// The combinations for which domain capabilities are asked; libvirt's default at first.
    public var domainCapabilities = [LibvirtDomainCapabilities.Question()]
    /// Whether the host's devices are asked for: some hundred documents.
    public var nodeDevices = true
    /// Whether the host's interfaces are asked for.
    public var interfaces = true
    /// Whether network filters are asked for.
    public var networkFilters = true
    /// Whether the descriptions of secrets are asked for; their values never are.
    public var secrets = true
    /// Whether running guests' agents are asked.
    public var agent = false

    /// Everything but guest agents.
    public init() {}

    /// Nothing; set what is wanted.
    public static var nothing: InventoryRequest {
        var request = InventoryRequest()
        request.domains = .none
        request.networks = .none
        request.pools = .none
        request.capabilities = false
        request.domainCapabilities = []
        request.nodeDevices = false
        request.interfaces = false
        request.networkFilters = false
        request.secrets = false
        return request
    }
}

extension InventoryRequest.Selection {
    /// Whether a domain of which name, UUID and number are known is meant. A text may mean one by its name and another by
    /// its UUID or number: then both are.
    public func covers(_ domain: LibvirtDomainFacts) -> Bool {
        switch self {
        case .none: false
        case .all: true
        case .named(let texts):
            texts.contains { text in
                text == domain.name || text.lowercased() == domain.uuid.known
                    || UInt32(text).map { $0 == domain.id.known } == true
            }
        }
    }
}
