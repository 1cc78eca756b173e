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
