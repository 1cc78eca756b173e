public import Evidence

/// A domain as libvirt tells it: a virtual machine that runs, or that is only defined.
public struct LibvirtDomainFacts: Sendable, Codable {
    /// The name, unique on its host.
    public var name: String
    /// The UUID in the form `8-4-4-4-12`, lower case.
    public var uuid: Observation<String> = .notProbed
    /// The number of a running domain; absent where it does not run.
    public var id: Observation<UInt32> = .notProbed
    /// What it does. The corresponding function is `virDomainGetState`.
    public var state: Observation<State> = .notProbed
    /// Why it is in that state: `virDomainRunningReason` and its like, as libvirt numbers them.
    public var stateReason: Observation<Int32> = .notProbed
    /// Whether there is a process of it, whatever its state: a crashed domain may be kept for its memory.
    public var isActive: Observation<Bool> = .notProbed
    /// Whether there is a definition that outlives the run.
    public var isPersistent: Observation<Bool> = .notProbed
    /// Whether it starts with the host.
    public var autostart: Observation<Bool> = .notProbed
    /// Whether there is a saved state that the next start resumes (`virsh managedsave`).
    public var hasManagedSave: Observation<Bool> = .notProbed
    /// The names of its snapshots.
    public var snapshots: Observation<[String]> = .notProbed
    /// The XML of what runs; absent where it does not run. Never with secrets (`VIR_DOMAIN_XML_SECURE`).
    public var liveXML: Observation<String> = .notProbed
    /// The XML that the next start uses (`VIR_DOMAIN_XML_INACTIVE`); absent where it is transient.
    public var persistentXML: Observation<String> = .notProbed
    /// Its disks. The corresponding function is `virDomainListGetStats` (`VIR_DOMAIN_STATS_BLOCK`).
    public var blocks: Observation<[LibvirtBlockFacts]> = .notProbed
    /// The addresses of its interfaces by libvirt's own DHCP leases; absent where it does not run.
    public var leasedAddresses: Observation<[LibvirtInterfaceAddresses]> = .notProbed
    /// What its guest agent tells.
    public var agent = GuestAgentFacts()
    /// Its QEMU process.
    public var process: Observation<QEMUProcessFacts> = .notProbed

    /// Of which only the name is known.
    public init(name: String) {
        self.name = name
    }

    /// The states of `virDomainState`.
    public enum State: String, Sendable, Hashable, Codable {
        case noState
        case running
        case blocked
        case paused
        case shuttingDown
        case shutOff
        case crashed
        case suspended
    }
}

/// A disk of a domain.
public struct LibvirtBlockFacts: Sendable, Codable {
    /// The name in the guest's definition: `vda`.
    public var target: String
    /// The file or device; nil where there is none, as in an empty drive, or where it is on the network.
    public var path: String?
    /// Its sizes. The corresponding function is `virDomainGetBlockInfo`.
    public var sizes: Observation<Sizes> = .notProbed

    /// `virDomainBlockInfo`, in bytes.
    public struct Sizes: Sendable, Hashable, Codable {
        /// What the guest sees.
        public var capacity: UInt64
        /// What is allocated to it on the host: of a sparse file what it occupies.
        public var allocation: UInt64
        /// The size of the file or device that holds it.
        public var physical: UInt64

        /// Makes the sizes; see the properties.
        public init(capacity: UInt64, allocation: UInt64, physical: UInt64) {
            self.capacity = capacity
            self.allocation = allocation
            self.physical = physical
        }
    }

    /// Of which only the target is known.
    public init(target: String) {
        self.target = target
    }
}

/// An interface of a guest, and the addresses that it has.
public struct LibvirtInterfaceAddresses: Sendable, Hashable, Codable {
    /// An address and the length of its prefix.
    public struct Address: Sendable, Hashable, Codable {
        /// IPv4 or IPv6, as text.
        public var address: String
        /// The length of the prefix.
        public var prefix: UInt32
        /// Whether it is an IPv6 address.
        public var isIPv6: Bool

        /// Makes an address; see the properties.
        public init(address: String, prefix: UInt32, isIPv6: Bool) {
            self.address = address
            self.prefix = prefix
            self.isIPv6 = isIPv6
        }
    }

    /// `vnet0` from leases, the guest's own name from an agent.
    public var name: String
    /// The hardware address; nil where it has none, as the guest's `lo`.
    public var hardwareAddress: String?
    /// Its addresses.
    public var addresses: [Address]

    /// Makes an interface; see the properties.
    public init(name: String, hardwareAddress: String?, addresses: [Address]) {
        self.name = name
        self.hardwareAddress = hardwareAddress
        self.addresses = addresses
    }
}

/// What the QEMU guest agent of a domain tells. Asked for only where the caller wants it: it wakes a program in the guest.
public struct GuestAgentFacts: Sendable, Codable {
    /// The guest's host name.
    public var hostName: Observation<String> = .notProbed
    /// The addresses of the guest's interfaces.
    public var addresses: Observation<[LibvirtInterfaceAddresses]> = .notProbed
    /// Operating system, file systems, users and time zone, by the names of `virDomainGetGuestInfo`: `os.id`,
    /// `fs.0.mountpoint`.
    public var information: Observation<[String: String]> = .notProbed

    /// Of which nothing is known.
    public init() {}
}
