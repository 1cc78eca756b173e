internal import Evidence
internal import Facts
internal import LibvirtXML

/// What a domain names and has to be there. KVD420–KVD434.
enum DomainDependencyRules {
    static let all: [Rule<DomainFacts>] = [
        networkMissing, portGroupMissing, linkMissing, filterMissing, secretMissing, poolMissing, volumeMissing,
        dependencyDown, dependencyByHand, fileMissing, backingMissing, bootFileMissing, deviceMissing,
    ]

    static let area = "What it depends on"
    private static let tried = Citation("libvirt's answer to virsh start, as tried", "9.0")
    private static let manual = Citation("libvirt docs/formatdomain.rst", "9.0")

    // MARK: - Networks

    static let networkMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD420", "network-missing", "the networks that it is on are defined", area: area, severity: .error,
            rationale: "libvirt does not start a domain with an interface on a network that it does not know.",
            sources: [tried],
            remedy: Remedy("name a network that is there, or define it", commands: ["virsh net-list --all"]),
            explains: ["Network not found: no network with matching name 'nosuch'"]),
        example: ("<source network='default'/>", "<source network='nosuch'/>"),
        faults: { domain throws(Undecided) in
            var found: [Fault] = []
            for (interface, name, _) in networks(of: domain) {
                guard try domain.surroundings.networks.first(.name(name)) == nil else { continue }
                found.add(
                    "\(interface.label) is on network \(name), which is not defined", at: interface.source.position)
            }
            return found
        })

    static let portGroupMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD421", "portgroup-missing", "the port groups of its interfaces are there", area: area,
            severity: .warning,
            rationale: """
                libvirt starts a domain whose port group the network does not have, without a word and without the group's \
                VLAN, bandwidth and switch settings.
                """,
            sources: [tried, Citation("libvirt docs/formatnetwork.rst, portgroups", "9.0")],
            remedy: Remedy("name a port group that the network has")),
        example: ("<source network='default'/>", "<source network='default' portgroup='nosuch'/>"),
        faults: { domain throws(Undecided) in
            var found: [Fault] = []
            for case (let interface, let name, let group?) in networks(of: domain) {
                guard let network = try domain.surroundings.networks.first(.name(name)) else { continue }
                guard !network.definition.portGroups.contains(where: { $0.name == group }) else { continue }
                found.add("network \(name) has no port group \(group)", at: interface.source.position)
            }
            return found
        })

    private static func networks(
        of domain: DomainFacts
    ) -> [(interface: Domain.Interface, name: String, portGroup: String?)] {
        domain.definition.devices.interfaces.compactMap { interface in
            guard case .network(let name, let group) = interface.connection else { return nil }
            return (interface, name, group)
        }
    }

    static let linkMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD422", "interface-link-missing", "the host has the bridges and devices that it is on", area: area,
            severity: .error,
            rationale: "libvirt does not start a domain with an interface on a bridge or device that is not there.",
            sources: [tried], remedy: Remedy("make the bridge, or name one that is there", commands: ["ip -br link"]),
            explains: [
                "Cannot get interface MTU on 'br9': No such device",
                "Unable to get index for interface eth9: No such device",
            ]),
        example: (
            "<interface type='network'>",
            "<interface type='bridge'><source bridge='br9'/></interface><interface type='network'>"
        ),
        faults: { domain throws(Undecided) in
            var named: [(Domain.Interface, String)] = []
            for interface in domain.definition.devices.interfaces where interface.virtualPort.type != .openvswitch {
                switch interface.connection {
                case .bridge(let name), .direct(let name, _): named.append((interface, name))
                default: break
                }
            }
            guard !named.isEmpty else { return [] }
            let links = Set(try domain.host.network.interfaces.get(whenAbsent: []).map(\.name))
            return named.filter { !links.contains($1) }.map { interface, name in
                Fault("\(interface.label) is on \(name), which the host has not", at: interface.source.position)
            }
        })

    static let filterMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD423", "network-filter-missing", "the network filters of its interfaces are defined", area: area,
            severity: .error, rationale: "libvirt does not start a domain with a filter that it does not know.",
            sources: [tried],
            remedy: Remedy("name a filter that is there, or define it", commands: ["virsh nwfilter-list"]),
            explains: ["internal error: referenced filter 'nosuch' is missing"]),
        example: ("<driver name='vhost' queues='4'/>", "<filterref filter='nosuch'/>"),
        faults: { domain throws(Undecided) in
            var found: [Fault] = []
            for interface in domain.definition.devices.interfaces {
                guard let name = interface.filter.filter.value,
                    try domain.surroundings.networkFilters.first(.name(name)) == nil
                else { continue }
                found.add("\(interface.label) has filter \(name), which is not defined", at: interface.filter.position)
            }
            return found
        })

    // MARK: - Secrets

    static let secretMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD424", "secret-missing", "the secrets of its disks are defined", area: area, severity: .error,
            rationale: "libvirt does not start a domain with a disk whose secret it does not know.", sources: [tried],
            remedy: Remedy("define the secret and set its value", commands: ["virsh secret-list"]),
            explains: [
                "Secret not found: no secret with matching uuid '11111111-1111-1111-1111-111111111111'",
                "Secret not found: no secret with matching usage 'nosuch'",
            ]),
        example: (
            "</disk>",
            """
            </disk><disk type='network' device='disk'><driver name='qemu' type='raw'/><auth username='a'><secret \
            type='ceph' usage='nosuch'/></auth><source protocol='rbd' name='a/b'/><target dev='vdb' bus='virtio'/></disk>
            """
        ),
        faults: { domain throws(Undecided) in
            var found: [Fault] = []
            for disk in domain.definition.devices.disks {
                let secrets =
                    [disk.authentication.secret, disk.source.authentication.secret] + disk.encryption.secrets
                    + disk.source.encryption.secrets
                for secret in secrets {
                    guard let (key, name) = key(of: secret), try domain.surroundings.secrets.first(key) == nil else {
                        continue
                    }
                    found.add("\(disk.label) needs secret \(name), which is not defined", at: secret.position)
                }
            }
            return found
        })

    /// By what a secret is found, and its name in messages.
    static func key(of secret: SecretReference) -> (key: NeighbourKey, name: String)? {
        if let uuid = secret.uuid.value { return (.uuid(uuid), uuid.description) }
        guard let usage = secret.usage.value else { return nil }
        // The type of a disk's encryption, `passphrase`, is not one of usage: libvirt looks it up among volumes.
        let type = secret.type.value == "passphrase" ? "volume" : secret.type.value ?? "volume"
        return (.usage(type, usage), usage)
    }

    // MARK: - Pools and volumes

    static let poolMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD425", "pool-missing", "the pools of its disks are defined", area: area, severity: .error,
            rationale: "libvirt does not start a domain with a volume of a pool that it does not know.",
            sources: [tried],
            remedy: Remedy("name a pool that is there, or define it", commands: ["virsh pool-list --all"]),
            explains: ["Storage pool not found: no storage pool with matching name 'nosuch'"]),
        example: ("</disk>", "</disk>\(volumeDisk("nosuch"))"),
        faults: { domain throws(Undecided) in
            var found: [Fault] = []
            for (disk, pool, _) in volumes(of: domain) {
                guard try domain.surroundings.pools.first(.name(pool)) == nil else { continue }
                found.add("\(disk.label) is in pool \(pool), which is not defined", at: disk.source.position)
            }
            return found
        })

    static let volumeMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD426", "volume-missing", "the volumes of its disks are there", area: area, severity: .error,
            rationale: "libvirt does not start a domain with a volume that its pool has not.", sources: [tried],
            remedy: Remedy("name a volume that is there; a pool is told of new files by a refresh"),
            explains: ["Storage volume not found: no storage vol with matching name 'v'"]),
        example: ("</disk>", "</disk>\(volumeDisk("default"))"),
        remedy: { domain in
            let pools = Set(volumes(of: domain).map(\.pool)).sorted()
            return Remedy(
                "name a volume that is there; a pool is told of new files by a refresh",
                commands: pools.flatMap { ["virsh pool-refresh \($0.shellWord)", "virsh vol-list \($0.shellWord)"] })
        },
        faults: { domain throws(Undecided) in
            var found: [Fault] = []
            for (disk, name, volume) in volumes(of: domain) {
                guard let pool = try domain.surroundings.pools.first(.name(name)),
                    try !pool.volume(volume).isPresent()
                else { continue }
                found.add("\(disk.label): pool \(name) has no volume \(volume)", at: disk.source.position)
            }
            return found
        })

    private static func volumeDisk(_ pool: String) -> String {
        """
        <disk type='volume' device='disk'><driver name='qemu' type='raw'/><source pool='\(pool)' volume='v'/>\
        <target dev='vdb' bus='virtio'/></disk>
        """
    }

    private static func volumes(of domain: DomainFacts) -> [(disk: Domain.Disk, pool: String, volume: String)] {
        domain.definition.devices.disks.compactMap { disk in
            guard case .volume(let pool, let volume) = disk.source.location else { return nil }
            return (disk, pool, volume)
        }
    }

    // MARK: - What is to be started before

    static let dependencyDown = Rule<DomainFacts>(
        RuleInfo(
            "KVD427", "dependency-down", "what a domain that starts with the host depends on is up", area: area,
            severity: .error,
            rationale: """
                libvirt starts neither networks nor pools for a domain: the domain starts neither now nor with the host.
                """,
            sources: [tried, Citation("virsh(1), autostart, net-autostart, pool-autostart", "9.0")],
            remedy: Remedy("start it, and let it start with the host"),
            explains: [
                "Requested operation is not valid: network 'default' is not active",
                "storage pool 'p1' containing volume 'v' is not active",
            ]),
        violates: { domain in
            domain.around(networks: {
                $0.isActive = .known(false)
                $0.autostart = .known(false)
            })
        },
        remedy: { domain in
            let dependencies = ((try? dependencies(of: domain)) ?? []).filter { !$0.isUp && !$0.startsWithHost }
            return Remedy("start it, and let it start with the host", commands: dependencies.flatMap(\.commands))
        },
        faults: { domain throws(Undecided) in
            let down = try dependencies(of: domain).filter { !$0.isUp && !$0.startsWithHost }
            guard !down.isEmpty, try startsWithHost(domain) else { return [] }
            return down.map { Fault("\($0.name) is not active, and does not start with the host", at: $0.position) }
        })

    static let dependencyByHand = Rule<DomainFacts>(
        RuleInfo(
            "KVD428", "dependency-started-by-hand", "what the domain depends on is up, and stays so", area: area,
            severity: .warning,
            rationale: """
                libvirt starts neither networks nor pools for a domain. What is not active keeps it from starting; what does \
                not start with the host does so after the next boot.
                """,
            sources: [tried, Citation("virsh(1), net-autostart, pool-autostart", "9.0")],
            remedy: Remedy("let it start with the host")),
        violates: { domain in domain.around(networks: { $0.autostart = .known(false) }) },
        remedy: { domain in
            let dependencies = ((try? dependencies(of: domain)) ?? []).filter { !$0.isUp || !$0.startsWithHost }
            return Remedy("let it start with the host", commands: dependencies.flatMap(\.commands))
        },
        faults: { domain throws(Undecided) in
            let dependencies = try dependencies(of: domain)
            guard !dependencies.isEmpty else { return [] }
            let isStarted = try startsWithHost(domain)
            return dependencies.compactMap { one in
                if !one.isUp {
                    // The rule before says the rest.
                    if isStarted, !one.startsWithHost { return nil }
                    return Fault("\(one.name) is not active", at: one.position)
                }
                guard isStarted, !one.startsWithHost else { return nil }
                return Fault("\(one.name) is active, but does not start with the host", at: one.position)
            }
        })

    /// A network or pool that a domain needs, of which libvirt tells.
    private struct Dependency {
        let name: String
        let isUp: Bool
        let startsWithHost: Bool
        let commands: [String]
        let position: XMLPosition
    }

    private static func startsWithHost(_ domain: DomainFacts) throws(Undecided) -> Bool {
        guard let told = try domain.libvirt.get() else { return false }
        return try told.autostart.get(whenAbsent: false)
    }

    /// The networks and pools that a domain needs, each once; of those from files nobody tells whether they are up.
    private static func dependencies(of domain: DomainFacts) throws(Undecided) -> [Dependency] {
        var found: [Dependency] = []
        var seen: Set<String> = []
        for (interface, name, _) in networks(of: domain) where seen.insert("network \(name)").inserted {
            guard let told = try domain.surroundings.networks.first(.name(name))?.libvirt.get() else { continue }
            let (isUp, autostart) = try (told.isActive.get(whenAbsent: false), told.autostart.get(whenAbsent: false))
            let word = name.shellWord
            found.append(
                Dependency(
                    name: "network \(name)", isUp: isUp, startsWithHost: autostart,
                    commands: (isUp ? [] : ["virsh net-start \(word)"])
                        + (autostart ? [] : ["virsh net-autostart \(word)"]),
                    position: interface.source.position))
        }
        for (disk, name, _) in volumes(of: domain) where seen.insert("pool \(name)").inserted {
            guard let told = try domain.surroundings.pools.first(.name(name))?.libvirt.get() else { continue }
            let (state, autostart) = try (told.state.get(), told.autostart.get(whenAbsent: false))
            let isUp = state == .running || state == .degraded
            let word = name.shellWord
            found.append(
                Dependency(
                    name: "pool \(name)", isUp: isUp, startsWithHost: autostart,
                    commands: (isUp ? [] : ["virsh pool-start \(word)"])
                        + (autostart ? [] : ["virsh pool-autostart \(word)"]),
                    position: disk.source.position))
        }
        return found
    }

    // MARK: - Files

    static let fileMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD429", "disk-file-missing", "the files and devices of its disks are there", area: area, severity: .error,
            rationale: """
                libvirt does not start a domain whose image is not there, a medium in a drive included, unless the source has \
                startupPolicy='optional'.
                """,
            sources: [tried, Citation("libvirt docs/formatdomain.rst, hard drives: startupPolicy", "9.0")],
            remedy: Remedy("put the image back, mount the storage that it is on, or name another"),
            explains: ["Cannot access storage file '/srv/nosuch.qcow2' (as uid:0, gid:0): No such file or directory"]),
        violates: { $0.lose("/var/lib/libvirt/images/web1.qcow2") },
        faults: { domain throws(Undecided) in
            var found: [Fault] = []
            for disk in domain.definition.devices.disks where disk.source.startupPolicy != .optional {
                guard let path = disk.source.hostPath, path.hasPrefix("/"),
                    try !domain.surroundings.files.state(of: path).kind.isPresent()
                else { continue }
                found.add("\(disk.label): \(path) is not there", at: disk.source.position)
            }
            return found
        })

    static let backingMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD430", "backing-file-missing", "the images that its disks are differences to are there", area: area,
            severity: .error,
            rationale: """
                An overlay holds only what differs from its base: without it libvirt does not start the domain, and what the \
                base held is lost.
                """,
            sources: [Citation("libvirt docs/kbase/backing_chains.rst", "9.0"), tried],
            remedy: Remedy(
                "put the base back; if it was moved, qemu-img rebase -u tells the overlay, while its domain is off"),
            explains: ["Cannot access backing file '/srv/base.qcow2' of storage file '/srv/web1.qcow2'"]),
        violates: { domain in
            var state = domain.surroundings.files.state(of: "/var/lib/libvirt/images/web1.qcow2")
            state.chain = .known([.init(canonicalPath: "/srv/base.qcow2", isThere: .known(false))])
            domain.surroundings = domain.surroundings.replacing(
                files: HostFiles(["/var/lib/libvirt/images/web1.qcow2": state]))
        },
        faults: { domain throws(Undecided) in
            var found: [Fault] = []
            for disk in domain.definition.devices.disks {
                // Of a raw image there is none, whatever is in it.
                guard let path = disk.source.hostPath, disk.driver.type.isPresent, disk.driver.type != .raw else {
                    continue
                }
                let state = domain.surroundings.files.state(of: path)
                // The rule before says that the image itself is not there.
                guard try state.kind.isPresent() else { continue }
                for layer in try state.chain.get(whenAbsent: []) where try !layer.isThere.get(whenAbsent: false) {
                    found.add(
                        "\(disk.label): \(layer.canonicalPath), below \(path), is not there", at: disk.source.position)
                }
            }
            return found
        })

    static let bootFileMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD431", "boot-file-missing", "the kernel, firmware and their files are there", area: area,
            severity: .error,
            rationale:
                "A domain whose kernel, initial RAM disk, firmware or template of variables is not there does not start.",
            sources: [tried, Citation("libvirt docs/formatdomain.rst, os: loader, nvram, kernel", "9.0")],
            remedy: Remedy("put the file back, or name one that is there"),
            explains: ["unable to stat: /nosuch/vmlinuz: No such file or directory"]),
        violates: { domain in
            domain.rewrite("<boot dev='hd'/>", "<kernel>/nosuch/vmlinuz</kernel>")
            domain.lose("/nosuch/vmlinuz")
        },
        faults: { domain throws(Undecided) in
            let system = domain.definition.os
            var named: [(String, Field<String>)] = [
                ("kernel", system.kernel), ("initrd", system.initrd), ("device tree", system.deviceTree),
                ("loader", system.loader.path),
            ]
            // The template is needed only where the variables are yet to be made.
            if let path = system.nvram.path.value ?? system.nvram.source.file.value {
                if system.nvram.template.isPresent,
                    try !domain.surroundings.files.state(of: path).kind.isPresent()
                {
                    named.append(("template of nvram", system.nvram.template))
                }
            }
            var found: [Fault] = []
            for (name, field) in named {
                guard let path = field.value, path.hasPrefix("/"),
                    try !domain.surroundings.files.state(of: path).kind.isPresent()
                else { continue }
                found.add("\(name): \(path) is not there", at: field.position)
            }
            return found
        })

    // MARK: - Devices of the host

    static let deviceMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD432", "host-device-missing", "the host has the devices that it is given", area: area, severity: .error,
            rationale: "libvirt does not start a domain with a device of the host that is not there.",
            sources: [Citation("libvirt src/util/virpci.c: virPCIDeviceNew; src/util/virhostdev and virmdev", "9.0")],
            remedy: Remedy("name a device that is there", commands: ["virsh nodedev-list --tree"]),
            explains: ["Device 0000:41:00.0 not found: could not access /sys/bus/pci/devices/0000:41:00.0/config"]),
        example: (
            "<serial type='pty'/>",
            """
            <hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x41' slot='0x00' \
            function='0x0'/></source></hostdev><serial type='pty'/>
            """
        ),
        faults: { domain throws(Undecided) in
            var named: [(key: NeighbourKey, name: String, position: XMLPosition)] = []
            for device in domain.definition.devices.hostDevices where device.source.startupPolicy != .optional {
                switch device.device {
                case .pci(let address): named.append((.pci(address), "PCI device \(address)", device.position))
                case .mdev(let uuid): named.append((.uuid(uuid), "mediated device \(uuid)", device.position))
                case .usb(let vendor?, let product?, _, _):
                    let name = "\(device.source.vendorID.text ?? ""):\(device.source.productID.text ?? "")"
                    named.append(
                        (.usbProduct(vendor: vendor, product: product), "USB device \(name)", device.position))
                default: break
                }
            }
            for interface in domain.definition.devices.interfaces {
                guard case .hostdev(let address) = interface.connection else { continue }
                named.append((.pci(address), "PCI device \(address)", interface.position))
            }
            var found: [Fault] = []
            for (key, name, position) in named {
                guard try domain.surroundings.nodeDevices.first(key) == nil else { continue }
                found.add("the host has no \(name)", at: position)
            }
            return found
        })
}

extension DomainFacts {
    /// Changes what libvirt tells of the networks around, for the examples of rules.
    fileprivate mutating func around(networks change: (inout LibvirtNetworkFacts) -> Void) {
        let changed = surroundings.networks.all.map { network in
            guard var told = try? network.libvirt.get() else { return network }
            change(&told)
            return NetworkNeighbour(network.definition, libvirt: .known(told))
        }
        surroundings = surroundings.replacing(networks: Neighbours(changed))
    }

    /// Takes a file away, for the examples of rules.
    fileprivate mutating func lose(_ path: String) {
        let state = HostFiles.State(kind: .absent(), canonicalPath: path)
        surroundings = surroundings.replacing(files: HostFiles([path: state]))
    }
}
