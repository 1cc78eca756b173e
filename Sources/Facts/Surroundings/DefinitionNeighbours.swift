@_spi(Probing) public import Evidence
public import LibvirtXML

/// A domain that stands around a definition, or that is the definition's own.
public struct DomainNeighbour: DefinitionNeighbour {
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

    /// Its name; nil where it has none.
    public var name: String? { definition.name.value }
    /// Its UUID; nil where it has none.
    public var uuid: UUIDValue? { definition.uuid.value }
    /// The document that it is from; nil where libvirt tells it.
    public var document: Place? { libvirt.isAbsent ? definition.place.inDocument : nil }

    /// Whether it runs or starts with the host, as far as it is known.
    public var readiness: ResourceUses.Readiness {
        .of(isUp: libvirt.known?.isActive.known, startsWithHost: libvirt.known?.autostart.known)
    }
}

/// A network that stands around a definition, or that is the definition's own.
public struct NetworkNeighbour: DefinitionNeighbour {
    /// The definition that the next start uses; of a transient network what runs.
    public let definition: Network
    /// The definition that runs; absent where the network is not started, or the definition is from a file.
    public let live: Observation<Network>
    /// What libvirt tells of it; absent for a definition from a file.
    public let libvirt: Observation<LibvirtNetworkFacts>
    /// By what others name it.
    public let keys: [NeighbourKey]

    /// Makes a neighbour of a definition.
    public init(
        _ definition: Network, live: Observation<Network> = .absent(),
        libvirt: Observation<LibvirtNetworkFacts> = .absent()
    ) {
        self.definition = definition
        self.live = live
        self.libvirt = libvirt
        var keys = NeighbourKey.of(name: definition.name.value, uuid: definition.uuid.value)
        if let bridge = definition.bridge.name.value { keys.append(.bridge(bridge)) }
        if let mac = definition.mac.value { keys.append(.mac(mac)) }
        self.keys = keys
    }

    /// Its name; nil where it has none.
    public var name: String? { definition.name.value }
    /// Its UUID; nil where it has none.
    public var uuid: UUIDValue? { definition.uuid.value }
    /// The document that it is from; nil where libvirt tells it.
    public var document: Place? { libvirt.isAbsent ? definition.place.inDocument : nil }

    /// Whether it is started or starts with the host, as far as it is known.
    public var readiness: ResourceUses.Readiness {
        .of(isUp: libvirt.known?.isActive.known, startsWithHost: libvirt.known?.autostart.known)
    }
}

/// A storage pool that stands around a definition, or that is the definition's own.
public struct PoolNeighbour: DefinitionNeighbour {
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
        keys += PoolSource.all(of: definition, targetPath: targetPath).map { .source($0) }
        self.keys = keys
    }

    /// Its name; nil where it has none.
    public var name: String? { definition.effectiveName }
    /// Its UUID; nil where it has none.
    public var uuid: UUIDValue? { definition.uuid.value }
    /// The document that it is from; nil where libvirt tells it.
    public var document: Place? { libvirt.isAbsent ? definition.place.inDocument : nil }

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

extension ResourceUses.Readiness {
    /// What follows from what libvirt tells; nil where it does not.
    static func of(isUp: Bool?, startsWithHost: Bool?) -> Self {
        if isUp == true || startsWithHost == true { return .toRun }
        return isUp == nil || startsWithHost == nil ? .untold : .idle
    }
}

extension XMLPlace {
    /// The document and line.
    fileprivate var inDocument: Place? {
        element.map { Place($0.documentName, line: $0.position.line) }
    }
}
