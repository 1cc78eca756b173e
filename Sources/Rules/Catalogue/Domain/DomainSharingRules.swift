internal import Evidence
internal import Facts
internal import LibvirtXML

/// What two domains have that only one should. KVD400–KVD414.
enum DomainSharingRules {
    static let all: [Rule<DomainFacts>] =
        IdentityRules(
            noun: "domain", area: area,
            source: Citation("libvirt src/conf/virdomainobjlist.c: virDomainObjListAddLocked; tried", "9.0"),
            example: ("<domain type='kvm'>", "</domain>"), sample: ("web1", "5f1b1e0e-94f6-4d0a-9d0c-0d9c7c9d7a11")
        ).rules(("KVD400", "KVD401", "KVD402")) + [
            macOnOneNetwork, macWithIdle, macOnTwoNetworks, diskWritten, diskWithIdle, baseWritten, baseWritable,
            variablesShared, variablesWithIdle, deviceShared, deviceWithIdle, seedShared,
        ]

    static let area = "Other domains"
    private static let manual = Citation("libvirt docs/formatdomain.rst", "9.0")
    private static let locks = Citation("QEMU docs/system/images.rst, disk image file locking; tried", "7.2")

    // MARK: - Hardware addresses

    private static let twin = """
        <domain type='kvm'><name>web2</name><devices><interface type='network'><mac address='52:54:00:6b:3c:58'/>\
        <source network='default'/></interface></devices></domain>
        """

    static let macOnOneNetwork = Rule<DomainFacts>(
        RuleInfo(
            "KVD403", "mac-twice-on-one-network", "no other domain that is up has one of its hardware addresses",
            area: area, severity: .error,
            rationale: """
                Two guests with one address on one network take each other's frames and DHCP lease: neither can be reached \
                reliably. libvirt starts both.
                """,
            sources: [Citation("libvirt starts both, as tried; docs/formatdomain.rst, network interfaces: mac", "9.0")],
            remedy: Remedy("take <mac> away in one of them: libvirt then makes an address")),
        violates: { $0.meet(twin) },
        faults: { domain throws(Undecided) in
            try domain.faults(of: domain.clashes(.together, of: isAddress) { $0.part == $1.part }) {
                "\($0.spelling) on \($0.part) is an address of \($1) too"
            }
        })

    static let macWithIdle = Rule<DomainFacts>(
        RuleInfo(
            "KVD404", "mac-of-idle-domain", "no other domain has one of its hardware addresses on the same network",
            area: area, severity: .warning,
            rationale: """
                Once both run they take each other's frames and DHCP lease. A copied definition keeps the address of the \
                original.
                """,
            sources: [Citation("virt-clone(1), --mac; libvirt docs/formatdomain.rst, network interfaces: mac", "4.1")],
            remedy: Remedy("take <mac> away in one of them: libvirt then makes an address")),
        violates: {
            $0.meet(twin)
            $0.tell { $0.autostart = .known(false) }
        },
        faults: { domain throws(Undecided) in
            try domain.faults(of: domain.clashes(.apart, of: isAddress) { $0.part == $1.part }) {
                "\($0.spelling) on \($0.part) is an address of \($1) too"
            }
        })

    static let macOnTwoNetworks = Rule<DomainFacts>(
        RuleInfo(
            "KVD405", "mac-on-two-networks", "its hardware addresses are no other domain's on another network",
            area: area, severity: .note,
            rationale:
                "As long as the networks are apart it does no harm; tools that know machines by address mix them up.",
            sources: [manual], remedy: Remedy("take <mac> away in one of them, if it is not meant")),
        violates: { $0.meet(twin.replacing("network='default'", with: "network='inner'")) },
        faults: { domain throws(Undecided) in
            let clashes =
                try domain.clashes(.apart, of: isAddress) { $0.part != $1.part }
                + ((try? domain.clashes(.together, of: isAddress) { $0.part != $1.part }) ?? [])
            return domain.faults(of: clashes) {
                "\($0.spelling) on \($0.part) is on another network an address of \($1)"
            }
        })

    private static func isAddress(_ use: ResourceUse) -> Bool { if case .mac = use.resource { true } else { false } }

    // MARK: - Disks

    private static func disk(_ name: String, _ path: String, rest: String = "") -> String {
        """
        <domain type='kvm'><name>\(name)</name><devices><disk type='file' device='disk'><driver name='qemu' \
        type='qcow2'/><source file='\(path)'/>\(rest)<target dev='vda' bus='virtio'/></disk></devices></domain>
        """
    }

    private static let own = "/var/lib/libvirt/images/web1.qcow2"

    static let diskWritten = Rule<DomainFacts>(
        RuleInfo(
            "KVD406", "disk-used-by-two", "no other domain that is up uses a disk that one of them writes", area: area,
            severity: .error,
            rationale: """
                QEMU locks an image that it writes, so the second domain does not start, not even to read; where locks do \
                not work, as on many network storages, two writers destroy the file system in it. <shareable/> on both is \
                for guests with a cluster file system.
                """,
            sources: [locks, manual],
            remedy: Remedy("give each domain an image of its own, or mark the disk <readonly/> in both"),
            explains: [#"Failed to get "write" lock"#, #"Failed to get shared "write" lock"#]),
        violates: { $0.meet(disk("web2", own)) },
        faults: { domain throws(Undecided) in
            try domain.faults(of: domain.clashes(.together, of: isImage, where: isShared), words)
        })

    static let diskWithIdle = Rule<DomainFacts>(
        RuleInfo(
            "KVD407", "disk-of-idle-domain", "no other domain uses a disk that one of them writes", area: area,
            severity: .warning,
            rationale: """
                While one of them runs the other does not start: QEMU locks an image that it writes. What the one writes the \
                other finds changed below it: a guest that was suspended or saved loses its file system.
                """,
            sources: [locks, manual],
            remedy: Remedy("give each domain an image of its own, or mark the disk <readonly/> in both")),
        violates: {
            $0.meet(disk("web2", own))
            $0.tell { $0.autostart = .known(false) }
        },
        faults: { domain throws(Undecided) in
            try domain.faults(of: domain.clashes(.apart, of: isImage, where: isShared), words)
        })

    private static func isImage(_ use: ResourceUse) -> Bool {
        if case .image = use.resource { use.access != .base } else { false }
    }

    private static func isShared(_ own: ResourceUse, _ other: ResourceUse) -> Bool {
        other.access != .base && !(own.isShareable && other.isShareable)
    }

    private static func words(_ use: ResourceUse, _ others: String) -> String {
        use.access == .write
            ? "\(use.part) writes \(use.spelling), which \(others) has too"
            : "\(use.part) reads \(use.spelling), which \(others) writes"
    }

    static let baseWritten = Rule<DomainFacts>(
        RuleInfo(
            "KVD408", "base-image-written", "no domain that is up writes an image that others are differences to",
            area: area, severity: .error,
            rationale: """
                An overlay holds what differs from its base. Whatever is written to the base appears in all overlays below \
                their own changes: their file systems are destroyed. QEMU locks the base only while an overlay is in use.
                """,
            sources: [Citation("qemu-img(1), rebase and commit; QEMU's locks, as tried", "7.2"), manual],
            remedy: Remedy("let nothing write the base: undefine its domain, or give that one an overlay too"),
            explains: [#"Failed to get "write" lock"#]),
        violates: {
            $0.meet(
                disk("clone", "/srv/clone.qcow2", rest: backing))
        },
        faults: { domain throws(Undecided) in
            try domain.faults(of: domain.clashes(.together, of: isAnyImage, where: isBase), baseWords)
        })

    static let baseWritable = Rule<DomainFacts>(
        RuleInfo(
            "KVD409", "base-image-writable", "no domain can write an image that others are differences to", area: area,
            severity: .warning,
            rationale: """
                Starting the domain of the base once, if only for updates, destroys the file systems of all overlays: they \
                hold what differs from the base as it was.
                """,
            sources: [Citation("qemu-img(1), rebase and commit", "7.2"), manual],
            remedy: Remedy("make the base read-only, and undefine its domain or give that one an overlay too")),
        violates: {
            $0.meet(disk("clone", "/srv/clone.qcow2", rest: backing))
            $0.tell { $0.autostart = .known(false) }
        },
        faults: { domain throws(Undecided) in
            try domain.faults(of: domain.clashes(.apart, of: isAnyImage, where: isBase), baseWords)
        })

    private static let backing = """
        <backingStore type='file'><format type='qcow2'/><source file='\(own)'/><backingStore/></backingStore>
        """

    private static func isAnyImage(_ use: ResourceUse) -> Bool { if case .image = use.resource { true } else { false } }

    private static func isBase(_ own: ResourceUse, _ other: ResourceUse) -> Bool {
        (own.access == .base) != (other.access == .base)
    }

    private static func baseWords(_ use: ResourceUse, _ others: String) -> String {
        use.access == .base
            ? "the base of \(use.part), \(use.spelling), is a disk of \(others)"
            : "\(use.part) writes \(use.spelling), the base of a disk of \(others)"
    }

    // MARK: - Firmware variables, TPM state

    private static let variables = "/var/lib/libvirt/qemu/nvram/web1_VARS.fd"

    private static func withVariables(_ domain: inout DomainFacts) {
        domain.rewrite(
            "<boot dev='hd'/>",
            "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram>\(variables)</nvram>")
    }

    private static let variablesTwin = """
        <domain type='kvm'><name>web2</name><os><nvram>\(variables)</nvram></os></domain>
        """

    static let variablesShared = Rule<DomainFacts>(
        RuleInfo(
            "KVD410", "firmware-variables-shared", "no other domain that is up has its firmware variables or TPM state",
            area: area, severity: .error,
            rationale: """
                QEMU locks the file of the variables, and swtpm that of its state: the second domain does not start. Boot \
                entries and keys of the one overwrite those of the other.
                """,
            sources: [locks, Citation("libvirt docs/formatdomain.rst, os: nvram; devices: tpm", "9.0")],
            remedy: Remedy("take <nvram> away: libvirt then makes a file of the domain's own")),
        holds: withVariables,
        violates: { $0.meet(variablesTwin) },
        faults: { domain throws(Undecided) in
            try domain.faults(of: domain.clashes(.together, of: isVariables, where: isAny)) {
                "\($0.part) is kept in \($0.spelling), as that of \($1)"
            }
        })

    static let variablesWithIdle = Rule<DomainFacts>(
        RuleInfo(
            "KVD411", "firmware-variables-of-idle-domain", "no other domain has its firmware variables or TPM state",
            area: area, severity: .warning,
            rationale: """
                The boot entries that one of them writes the other boots by, and keys in a TPM are the machine's own.
                """,
            sources: [Citation("libvirt docs/formatdomain.rst, os: nvram; devices: tpm", "9.0")],
            remedy: Remedy("take <nvram> away: libvirt then makes a file of the domain's own")),
        holds: withVariables,
        violates: {
            $0.meet(variablesTwin)
            $0.tell { $0.autostart = .known(false) }
        },
        faults: { domain throws(Undecided) in
            try domain.faults(of: domain.clashes(.apart, of: isVariables, where: isAny)) {
                "\($0.part) is kept in \($0.spelling), as that of \($1)"
            }
        })

    private static func isVariables(_ use: ResourceUse) -> Bool {
        if case .variables = use.resource { true } else { false }
    }

    private static func isAny(_: ResourceUse, _: ResourceUse) -> Bool { true }

    // MARK: - Devices of the host

    private static func withDevice(_ domain: inout DomainFacts) {
        domain.rewrite("<serial type='pty'/>", device)
    }

    private static let device = """
        <hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x41' slot='0x00' \
        function='0x0'/></source></hostdev><serial type='pty'/>
        """
    private static let deviceTwin = "<domain type='kvm'><name>web2</name><devices>\(device)</devices></domain>"

    static let deviceShared = Rule<DomainFacts>(
        RuleInfo(
            "KVD412", "host-device-of-two", "no other domain that is up has a device of the host that it has",
            area: area,
            severity: .error,
            rationale: "A device is one domain's at a time: libvirt does not start the second.",
            sources: [Citation("libvirt src/hypervisor/virhostdev.c: virHostdevIsPCINodeDeviceUsed", "9.0")],
            remedy: Remedy("give each domain a device of its own, or let only one start with the host"),
            explains: ["PCI device 0000:41:00.0 is in use by driver QEMU, domain web1"]),
        holds: withDevice,
        violates: { $0.meet(deviceTwin) },
        faults: { domain throws(Undecided) in
            try domain.faults(of: domain.clashes(.together, of: isDevice, where: isTaken)) {
                "\($0.spelling) is also given to \($1)"
            }
        })

    static let deviceWithIdle = Rule<DomainFacts>(
        RuleInfo(
            "KVD413", "host-device-of-idle-domain", "no other domain has a device of the host that it has", area: area,
            severity: .note, rationale: "A device is one domain's at a time: only one of them can run.",
            sources: [Citation("libvirt src/hypervisor/virhostdev.c: virHostdevIsPCINodeDeviceUsed", "9.0")],
            remedy: Remedy("give each domain a device of its own, if they are to run together")),
        holds: withDevice,
        violates: {
            $0.meet(deviceTwin)
            $0.tell { $0.autostart = .known(false) }
        },
        faults: { domain throws(Undecided) in
            try domain.faults(of: domain.clashes(.apart, of: isDevice, where: isTaken)) {
                "\($0.spelling) is also given to \($1)"
            }
        })

    private static func isDevice(_ use: ResourceUse) -> Bool { if case .device = use.resource { true } else { false } }

    private static func isTaken(_ own: ResourceUse, _ other: ResourceUse) -> Bool {
        !(own.isShareable && other.isShareable)
    }

    // MARK: - cloud-init

    static let seedShared = Rule<DomainFacts>(
        RuleInfo(
            "KVD414", "seed-shared", "no other domain has its cloud-init seed", area: area, severity: .warning,
            rationale: """
                A seed holds one instance's id, host name and keys: guests that share it are the same machine to cloud-init, \
                with the same name and the same passwords.
                """,
            sources: [Citation("cloud-init documentation, datasource NoCloud: instance-id", "23.4")],
            remedy: Remedy("make a seed for each domain, and detach it once the guest has booted")),
        holds: { $0.rewrite("<serial type='pty'/>", seed) },
        violates: { $0.meet("<domain type='kvm'><name>web2</name><devices>\(seed)</devices></domain>") },
        faults: { domain throws(Undecided) in
            let seeds = Set(
                domain.definition.devices.disks.filter(DomainDiskSourceRules.isSeed).compactMap(\.target.device.value))
            _ = try domain.surroundings.domains.count(beside: domain.ordinal)
            var found: [Fault] = []
            for use in domain.uses where use.access == .read && seeds.contains(use.part) {
                let others = ResourceUses.Readiness.allCases.lazy.flatMap {
                    domain.surroundings.uses.users(of: use.resource, $0).readers.lazy
                }.filter { $0.domain != domain.ordinal }
                guard let other = others.first else { continue }
                found.add(
                    "\(use.part) is the seed \(use.spelling): so is one of \(domain.name(of: other))", at: use.position)
            }
            return found
        })

    private static let seed = """
        <disk type='file' device='cdrom'><source file='/srv/seed.iso'/><target dev='sda' bus='sata'/><readonly/></disk>\
        <serial type='pty'/>
        """
}
