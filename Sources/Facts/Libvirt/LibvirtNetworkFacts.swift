public import Evidence

/// A virtual network as libvirt tells it.
public struct LibvirtNetworkFacts: Sendable, Codable {
    /// The name, unique on its host.
    public var name: String
    /// The UUID.
    public var uuid: Observation<String> = .notProbed
    /// Whether it is started.
    public var isActive: Observation<Bool> = .notProbed
    /// Whether there is a definition that outlives the run.
    public var isPersistent: Observation<Bool> = .notProbed
    /// Whether it starts with the host.
    public var autostart: Observation<Bool> = .notProbed
    /// The name of its bridge; absent where its kind has none.
    public var bridge: Observation<String> = .notProbed
    /// The XML of what runs; absent where it is not started.
    public var liveXML: Observation<String> = .notProbed
    /// The XML that the next start uses; absent where it is transient.
    public var persistentXML: Observation<String> = .notProbed
    /// The leases that its DHCP server has given; absent where it is not started.
    public var leases: Observation<[Lease]> = .notProbed

    /// Of which only the name is known.
    public init(name: String) {
        self.name = name
    }

    /// An address that libvirt's DHCP server has lent.
    public struct Lease: Sendable, Hashable, Codable {
        /// The hardware address; nil where an IPv6 client did not tell it.
        public var hardwareAddress: String?
        /// The address.
        public var address: String
        /// The length of its prefix.
        public var prefix: UInt32
        /// The client's name for itself.
        public var hostName: String?
        /// Until when, in seconds since 1970.
        public var expires: Int64

        /// Makes a lease; see the properties.
        public init(hardwareAddress: String?, address: String, prefix: UInt32, hostName: String?, expires: Int64) {
            self.hardwareAddress = hardwareAddress
            self.address = address
            self.prefix = prefix
            self.hostName = hostName
            self.expires = expires
        }
    }
}
