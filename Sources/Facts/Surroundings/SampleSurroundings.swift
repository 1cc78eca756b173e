internal import Evidence
public import LibvirtXML

// Surroundings on which the examples of rules are built.
extension Surroundings {
    /// Those of the fit domain, network and pool: one more domain, network and pool, of one libvirt that tells all, and the
    /// files that they name; nil where libxml2 is not installed.
    public static var sample: Surroundings? {
        guard let domain = DomainFacts(xml: DomainFacts.sampleXML)?.definition,
            let other = DomainFacts(xml: otherDomainXML)?.definition,
            let network = NetworkDefinitionFacts(xml: NetworkDefinitionFacts.sampleXML)?.definition,
            let otherNetwork = NetworkDefinitionFacts(xml: otherNetworkXML)?.definition,
            let pool = PoolDefinitionFacts(xml: PoolDefinitionFacts.sampleXML)?.definition,
            let otherPool = PoolDefinitionFacts(xml: otherPoolXML)?.definition
        else { return nil }
        let files = HostFiles(
            Dictionary(
                uniqueKeysWithValues: ["web1", "db1"].map { name in
                    let path = "/var/lib/libvirt/images/\(name).qcow2"
                    var state = HostFiles.State(kind: .known(.regular), canonicalPath: path)
                    state.chain = .known([])
                    return (path, state)
                }))
        return Surroundings(
            domains: Neighbours([
                DomainNeighbour(domain, libvirt: .known(.sample("web1"))),
                DomainNeighbour(other, libvirt: .known(.sample("db1"))),
            ]),
            networks: Neighbours([
                NetworkNeighbour(network, libvirt: .known(.sample("default"))),
                NetworkNeighbour(otherNetwork, libvirt: .known(.sample("inner"))),
            ]),
            pools: Neighbours([
                PoolNeighbour(pool, libvirt: .known(.sample("default"))),
                PoolNeighbour(otherPool, libvirt: .known(.sample("spare"))),
            ]),
            networkFilters: Neighbours([]), secrets: Neighbours([]), nodeDevices: Neighbours([]), files: files)
    }

    private static let otherDomainXML = """
        <domain type='kvm'>
          <name>db1</name>
          <uuid>8d0c9a52-4f0b-4d7a-8a51-6f4ad1b2c3d4</uuid>
          <devices>
            <disk type='file' device='disk'>
              <driver name='qemu' type='qcow2'/>
              <source file='/var/lib/libvirt/images/db1.qcow2'/>
              <target dev='vda' bus='virtio'/>
            </disk>
            <interface type='network'>
              <mac address='52:54:00:0d:b1:01'/>
              <source network='default'/>
            </interface>
          </devices>
        </domain>
        """

    private static let otherNetworkXML = """
        <network>
          <name>inner</name>
          <uuid>c4d5e6f7-1a2b-4c3d-9e8f-0a1b2c3d4e5f</uuid>
          <bridge name='virbr1'/>
          <mac address='52:54:00:11:22:33'/>
          <ip address='192.168.100.1' netmask='255.255.255.0'/>
        </network>
        """

    private static let otherPoolXML = """
        <pool type='dir'>
          <name>spare</name>
          <uuid>7b1f2e3d-4c5b-4a69-8877-665544332211</uuid>
          <target>
            <path>/srv/spare</path>
          </target>
        </pool>
        """
}

extension LibvirtDomainFacts {
    /// A domain that is defined, starts with the host and does not run.
    public static func sample(_ name: String) -> LibvirtDomainFacts {
        var told = LibvirtDomainFacts(name: name)
        told.state = .known(.shutOff)
        told.isActive = .known(false)
        told.isPersistent = .known(true)
        told.autostart = .known(true)
        told.hasManagedSave = .known(false)
        told.process = .absent()
        told.snapshots = .known([])
        return told
    }
}

extension LibvirtNetworkFacts {
    /// A network that is started, and starts with the host.
    public static func sample(_ name: String) -> LibvirtNetworkFacts {
        var told = LibvirtNetworkFacts(name: name)
        told.isActive = .known(true)
        told.isPersistent = .known(true)
        told.autostart = .known(true)
        return told
    }
}

extension LibvirtPoolFacts {
    /// A pool that is started and empty, and starts with the host.
    public static func sample(_ name: String) -> LibvirtPoolFacts {
        var told = LibvirtPoolFacts(name: name)
        told.state = .known(.running)
        told.isPersistent = .known(true)
        told.autostart = .known(true)
        told.space = .known(.init(capacity: 1 << 40, allocation: 1 << 38, available: (1 << 40) - (1 << 38)))
        told.volumes = .known([])
        return told
    }
}

extension DomainFacts {
    /// Puts it as it is now in the place that it has in its surroundings.
    public mutating func settle() {
        guard let ordinal, surroundings.domains.all.indices.contains(ordinal) else { return }
        var all = surroundings.domains.all
        all[ordinal] = DomainNeighbour(self)
        surroundings = surroundings.replacing(domains: Neighbours(all, rest: surroundings.domains.rest))
    }

    /// Adds a domain to those around, for the examples of rules; it runs.
    public mutating func meet(_ xml: String) {
        guard let other = DomainFacts(xml: xml)?.definition else { return }
        var told = LibvirtDomainFacts.sample(other.name.value ?? "")
        told.isActive = .known(true)
        let all = surroundings.domains.all + [DomainNeighbour(other, libvirt: .known(told))]
        surroundings = surroundings.replacing(domains: Neighbours(all))
    }
}

extension NetworkDefinitionFacts {
    /// Puts it as it is now in the place that it has in its surroundings.
    public mutating func settle() {
        guard let ordinal, surroundings.networks.all.indices.contains(ordinal) else { return }
        var all = surroundings.networks.all
        all[ordinal] = NetworkNeighbour(definition, libvirt: libvirt)
        surroundings = surroundings.replacing(networks: Neighbours(all, rest: surroundings.networks.rest))
    }

    /// Adds a network to those around, for the examples of rules; it is started.
    public mutating func meet(_ xml: String) {
        guard let other = Self(xml: xml)?.definition else { return }
        let all =
            surroundings.networks.all + [NetworkNeighbour(other, libvirt: .known(.sample(other.name.value ?? "")))]
        surroundings = surroundings.replacing(networks: Neighbours(all))
    }

    /// Lets it run as another definition has it, for the examples of rules.
    public mutating func live(_ running: Network) {
        guard let ordinal, surroundings.networks.all.indices.contains(ordinal) else { return }
        var all = surroundings.networks.all
        all[ordinal] = NetworkNeighbour(definition, live: .known(running), libvirt: libvirt)
        surroundings = surroundings.replacing(networks: Neighbours(all))
    }
}

extension PoolDefinitionFacts {
    /// Puts it as it is now in the place that it has in its surroundings.
    public mutating func settle() {
        guard let ordinal, surroundings.pools.all.indices.contains(ordinal) else { return }
        var all = surroundings.pools.all
        all[ordinal] = PoolNeighbour(definition, libvirt: libvirt)
        surroundings = surroundings.replacing(pools: Neighbours(all, rest: surroundings.pools.rest))
    }

    /// Adds a pool to those around, for the examples of rules; it is started.
    public mutating func meet(_ xml: String) {
        guard let other = Self(xml: xml)?.definition else { return }
        let all = surroundings.pools.all + [PoolNeighbour(other, libvirt: .known(.sample(other.name.value ?? "")))]
        surroundings = surroundings.replacing(pools: Neighbours(all))
    }
}
