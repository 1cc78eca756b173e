@_spi(Probing) public import Evidence
public import LibvirtXML

/// A domain that stands around a definition, or that is the definition's own.
public struct DomainNeighbour: Neighbour {
    /// The definition that the next start uses; of a transient domain what runs.
    public let definition: Domain
    /// The definition that runs; absent where the domain does not run, or the definition is from a file.
    public let live: Observation<Domain>
    /// What libvirt tells of it; absent for a definition from a file.
    public let libvirt: Observation<LibvirtDomainFacts>
    /// By what others name it.
    public let keys: [NeighbourKey]

    /// Makes a neighbour of a definition.
    public init(
        _ definition: Domain, live: Observation<Domain> = .absent(),
        libvirt: Observation<LibvirtDomainFacts> = .absent()
    ) {
        self.definition = definition
        self.live = live
        self.libvirt = libvirt
        keys = NeighbourKey.of(name: definition.name.value, uuid: definition.uuid.value)
    }

    /// How messages call it.
    public var label: String { definition.name.value ?? "(unnamed)" }

    /// Whether it runs or starts with the host, as far as it is known.
    public var readiness: ResourceUses.Readiness {
        guard let told = libvirt.known else { return .untold }
        if told.isActive.known == true || told.autostart.known == true { return .toRun }
        return told.isActive.known == nil || told.autostart.known == nil ? .untold : .idle
    }
}

/// A network that stands around a definition, or that is the definition's own.
public struct NetworkNeighbour: Neighbour {
    /// The definition that the next start uses; of a transient network what runs.
    public let definition: Network
    /// What libvirt tells of it; absent for a definition from a file.
    public let libvirt: Observation<LibvirtNetworkFacts>
    /// By what others name it.
    public let keys: [NeighbourKey]

    /// Makes a neighbour of a definition.
    public init(_ definition: Network, libvirt: Observation<LibvirtNetworkFacts> = .absent()) {
        self.definition = definition
        self.libvirt = libvirt
        var keys = NeighbourKey.of(name: definition.name.value, uuid: definition.uuid.value)
        if let bridge = definition.bridge.name.value { keys.append(.bridge(bridge)) }
        if let mac = definition.mac.value { keys.append(.mac(mac)) }
        self.keys = keys
    }

    /// How messages call it.
    public var label: String { definition.name.value ?? "(unnamed)" }
}

/// A storage pool that stands around a definition, or that is the definition's own.
public struct PoolNeighbour: Neighbour {
    /// The definition that the next start uses; of a transient pool what runs.
    public let definition: StoragePool
    /// What libvirt tells of it; absent for a definition from a file.
    public let libvirt: Observation<LibvirtPoolFacts>
    /// Its volumes; absent where it is not started.
    public let volumes: Observation<[PoolVolume]>
    /// By what others name it.
    public let keys: [NeighbourKey]
    private let places: [String: Int]

    /// Makes a neighbour of a definition.
    ///
    /// - Parameter targetPath: The one name of the place where its volumes are.
    public init(
        _ definition: StoragePool, libvirt: Observation<LibvirtPoolFacts> = .absent(), targetPath: String? = nil
    ) {
        self.definition = definition
        self.libvirt = libvirt
        volumes = libvirt.flatMap { told in told.volumes.map { $0.map { PoolVolume($0) } } }
        places = Dictionary(
            (volumes.known ?? []).enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        var keys = NeighbourKey.of(name: definition.effectiveName, uuid: definition.uuid.value)
        if let path = targetPath ?? definition.target.path.value { keys.append(.target(path)) }
        self.keys = keys
    }

    /// How messages call it.
    public var label: String { definition.effectiveName ?? "(unnamed)" }

    /// The volume of a name; absent where there is none, unknown where the volumes are, as of a pool that is not started.
    public func volume(_ name: String) -> Observation<PoolVolume> {
        if volumes.isAbsent {
            return .unknown(Obstacle(.notCaptured, "pool \(label)", "its volumes are known when it is started"))
        }
        return volumes.compactMap { list in places[name].map { list[$0] } }
    }
}

/// A volume of a pool.
public struct PoolVolume: Sendable {
    /// The name, unique in its pool.
    public let name: String
    /// Its path, or what names it where it has none.
    public let path: String?
    /// The path of the image that it is a difference to; absent where it stands by itself.
    public let backing: Observation<String>

    /// Makes a volume of what libvirt tells.
    init(_ told: LibvirtVolumeFacts) {
        name = told.name
        path = told.path.known
        backing = told.xml.parsed(as: "a volume") { text in
            (try? XMLDocument(parsing: text, name: told.name)).flatMap { StorageVolume($0) }
        }.compactMap(\.backingStore.path.value)
    }
}

extension NeighbourKey {
    static func of(name: String?, uuid: UUIDValue?) -> [NeighbourKey] {
        (name.map { [.name($0)] } ?? []) + (uuid.map { [.uuid($0)] } ?? [])
    }
}
