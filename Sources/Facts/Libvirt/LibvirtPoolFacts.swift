public import Evidence

/// A storage pool as libvirt tells it.
public struct LibvirtPoolFacts: Sendable, Codable {
    /// The name, unique on its host.
    public var name: String
    /// The UUID.
    public var uuid: Observation<String> = .notProbed
    /// What it does (`virStoragePoolState`).
    public var state: Observation<State> = .notProbed
    /// Whether there is a definition that outlives the run.
    public var isPersistent: Observation<Bool> = .notProbed
    /// Whether it starts with the host.
    public var autostart: Observation<Bool> = .notProbed
    /// What it holds, in bytes; absent where it is not started.
    public var space: Observation<Space> = .notProbed
    /// The XML of what runs; absent where it is not started.
    public var liveXML: Observation<String> = .notProbed
    /// The XML that the next start uses; absent where it is transient.
    public var persistentXML: Observation<String> = .notProbed
    /// Its volumes as of its last refresh; absent where it is not started.
    public var volumes: Observation<[LibvirtVolumeFacts]> = .notProbed

    /// Of which only the name is known.
    public init(name: String) {
        self.name = name
    }

    /// The states of `virStoragePoolState`.
    public enum State: String, Sendable, Hashable, Codable {
        case inactive
        case building
        case running
        case degraded
        case inaccessible
    }

    /// `virStoragePoolInfo`, in bytes.
    public struct Space: Sendable, Hashable, Codable {
        /// What it can hold.
        public var capacity: UInt64
        /// What is taken.
        public var allocation: UInt64
        /// What is free.
        public var available: UInt64

        /// Makes the figures; see the properties.
        public init(capacity: UInt64, allocation: UInt64, available: UInt64) {
            self.capacity = capacity
            self.allocation = allocation
            self.available = available
        }
    }
}

/// A volume of a storage pool.
public struct LibvirtVolumeFacts: Sendable, Codable {
    /// The name, unique in its pool.
    public var name: String
    /// What names it on the host, or across hosts: for a file its path.
    public var key: Observation<String> = .notProbed
    /// Its path.
    public var path: Observation<String> = .notProbed
    /// What kind it is, and what it holds.
    public var information: Observation<Information> = .notProbed
    /// The XML.
    public var xml: Observation<String> = .notProbed

    /// Of which only the name is known.
    public init(name: String) {
        self.name = name
    }

    /// `virStorageVolInfo`.
    public struct Information: Sendable, Hashable, Codable {
        /// `virStorageVolType`, in libvirt's words.
        public enum Kind: String, Sendable, Hashable, Codable {
            case file
            case block
            case directory
            case network
            case networkDirectory
            case ploop
            case other
        }

        /// What kind it is.
        public var kind: Kind
        /// What a guest sees, in bytes.
        public var capacity: UInt64
        /// What it occupies, in bytes.
        public var allocation: UInt64

        /// Makes the information; see the properties.
        public init(kind: Kind, capacity: UInt64, allocation: UInt64) {
            self.kind = kind
            self.capacity = capacity
            self.allocation = allocation
        }
    }
}
