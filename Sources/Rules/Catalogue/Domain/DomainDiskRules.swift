internal import Evidence
internal import Facts
internal import LibvirtXML

/// How a domain reaches its disks. KVD001–KVD039.
enum DomainDiskRules {
    static let area = "Disks"

    static let all: [Rule<DomainFacts>] =
        [formatProbed, cacheUnsafe] + DomainDiskDriverRules.all + DomainDiskSourceRules.all + DomainDiskBusRules.all

    static let formatProbed = Rule<DomainFacts>(
        RuleInfo(
            "KVD001", "disk-format-not-given", "every disk says its image format", area: area, severity: .warning,
            rationale: """
                Without <driver type=…> libvirt takes the image for raw and does not probe it: a qcow2 image then shows \
                the guest its own header, and the guest's first write destroys it.
                """,
            sources: [Citation("libvirt docs/formatdomain.rst, hard drives: driver", "9.0")],
            remedy: Remedy("name the format of the image")),
        violates: { $0.rewrite(" type='qcow2'", "") },
        decide: { domain throws(Undecided) in
            let disks = domain.definition.devices.disks.filter { disk in
                disk.device.value ?? .known(.disk) == .known(.disk) && disk.source.isPresent
                    && !disk.driver.type.isPresent
            }
            guard let first = disks.first else { return .pass() }
            return .fail(
                "\(DomainPlaces.names(disks)) without a format",
                at: disks.map { DomainPlaces.place($0.position, domain) },
                remedy: Remedy(
                    "see what the image is, and say so in <driver type=…>",
                    commands: [
                        "qemu-img info \((first.source.file.value ?? "IMAGE").shellWord)",
                        "virt-xml \((domain.definition.name.value ?? "DOMAIN").shellWord) --edit target=\((first.target.device.value ?? "vda").shellWord) --disk driver.type=qcow2",
                    ]))
        })

    static let cacheUnsafe = Rule<DomainFacts>(
        RuleInfo(
            "KVD002", "disk-cache-unsafe", "no disk is cached unsafely", area: area, severity: .warning,
            rationale:
                "cache='unsafe' ignores the guest's flushes: a crash of the host leaves its file systems broken.",
            sources: [
                Citation("QEMU docs/system/qemu-block-drivers, cache modes; libvirt docs/formatdomain.rst", "9.0")
            ],
            remedy: Remedy("use cache='none' or the default")),
        violates: { $0.rewrite("cache='none' io='native'", "cache='unsafe'") },
        decide: { domain throws(Undecided) in
            let disks = domain.definition.devices.disks.filter { $0.driver.cache == .unsafe }
            guard !disks.isEmpty else { return .pass() }
            return .fail(
                "\(DomainPlaces.names(disks)) with cache='unsafe'",
                at: disks.map { DomainPlaces.place($0.driver.cache.position, domain) })
        })
}

/// Names and places for messages.
enum DomainPlaces {
    /// The targets of disks: `vda, vdb`.
    static func names(_ disks: [Domain.Disk]) -> String {
        disks.map { $0.target.device.value ?? "a disk without a target" }.joined(separator: ", ")
    }

    /// A place in the document that defines the domain.
    static func place(_ position: XMLPosition, _ domain: DomainFacts) -> Place {
        Place(domain.definition.element?.documentName ?? "", line: position.line)
    }
}
