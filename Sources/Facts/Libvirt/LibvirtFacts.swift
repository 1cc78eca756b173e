public import Evidence

/// What one libvirt holds: told by its daemon, or read from its configuration where there is no daemon.
public struct LibvirtFacts: Sendable, Codable {
    /// Who told.
    public enum Origin: Sendable, Hashable, Codable {
        /// The daemon, or the driver in the library, at this URI.
        case connection(uri: String)
        /// The files below this directory: what is defined, and nothing of what runs.
        case configuration(directory: String)
    }

    /// Who told.
    public var origin: Origin
    /// The libvirt at the other end.
    public var daemon = LibvirtDaemonFacts()
    /// The capabilities XML of the host.
    public var capabilitiesXML: Observation<String> = .notProbed
    /// The domain capabilities XML, for each combination that was asked for.
    public var domainCapabilities: [LibvirtDomainCapabilities] = []
    /// The domains, active and inactive ones, by name.
    public var domains: Observation<[LibvirtDomainFacts]> = .notProbed
    /// The virtual networks, active and inactive ones, by name.
    public var networks: Observation<[LibvirtNetworkFacts]> = .notProbed
    /// The storage pools, active and inactive ones, by name.
    public var pools: Observation<[LibvirtPoolFacts]> = .notProbed
    /// The devices of the host.
    public var nodeDevices: Observation<[LibvirtObjectFacts]> = .notProbed
    /// The network interfaces of the host, as libvirt's interface driver (netcf, udev) knows them.
    public var interfaces: Observation<[LibvirtObjectFacts]> = .notProbed
    /// The network filters.
    public var networkFilters: Observation<[LibvirtObjectFacts]> = .notProbed
    /// The secrets, by UUID; never their values.
    public var secrets: Observation<[LibvirtObjectFacts]> = .notProbed

    /// What was asked for by name and is not there.
    public var notFound: [String] = []

    /// Of which nothing is known but who will tell.
    public init(origin: Origin) {
        self.origin = origin
    }
}

/// The libvirt at the other end of a connection.
public struct LibvirtDaemonFacts: Sendable, Codable {
    /// The driver in libvirt's word: `QEMU`, `Test`.
    public var driver: Observation<String> = .notProbed
    /// The host's name as libvirt knows it.
    public var hostName: Observation<String> = .notProbed
    /// The version of the daemon.
    public var version: Observation<SoftwareVersion> = .notProbed
    /// The version of the hypervisor: QEMU's.
    public var hypervisorVersion: Observation<SoftwareVersion> = .notProbed
    /// The version of the library in this process.
    public var libraryVersion: Observation<SoftwareVersion> = .notProbed
    /// Whether nobody between can read: a socket of this host, TLS, SSH.
    public var isSecure: Observation<Bool> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// A domain capabilities document, and for what it was asked.
public struct LibvirtDomainCapabilities: Sendable, Codable {
    /// What was asked; nil means libvirt's default.
    public struct Question: Sendable, Hashable, Codable {
        /// The emulator's path.
        public var emulator: String?
        /// The guest's architecture.
        public var architecture: String?
        /// The machine type.
        public var machine: String?
        /// `kvm` or `qemu`.
        public var virtualizationType: String?

        /// Makes a question; see the properties.
        public init(
            emulator: String? = nil, architecture: String? = nil, machine: String? = nil,
            virtualizationType: String? = nil
        ) {
            self.emulator = emulator
            self.architecture = architecture
            self.machine = machine
            self.virtualizationType = virtualizationType
        }
    }

    /// What was asked.
    public var question: Question
    /// The answer.
    public var xml: Observation<String>

    /// Makes the pair.
    public init(question: Question, xml: Observation<String>) {
        self.question = question
        self.xml = xml
    }
}

/// An object of libvirt of which kvmcheck needs no more than its XML.
public struct LibvirtObjectFacts: Sendable, Codable {
    /// Its name; a secret's is its UUID.
    public var name: String
    /// Whether it is up; absent where its kind knows no such thing.
    public var isActive: Observation<Bool> = .notProbed
    /// Its XML.
    public var xml: Observation<String> = .notProbed

    /// Of which only the name is known.
    public init(name: String) {
        self.name = name
    }
}
