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
        remedy: { domain in
            let disk = withoutFormat(domain).first
            let edit = "virt-xml \(domain.nameWord) --edit target=\((disk?.target.device.value ?? "vda").shellWord)"
            return Remedy(
                "see what the image is, and say so in <driver type=…>",
                commands: [
                    "qemu-img info \((disk?.source.file.value ?? "IMAGE").shellWord)",
                    "\(edit) --disk driver.type=qcow2",
                ])
        },
        faults: { domain in
            withoutFormat(domain).map { Fault("\($0.label) has no format", at: $0.position) }
        })

    private static func withoutFormat(_ domain: DomainFacts) -> [Domain.Disk] {
        domain.definition.devices.disks.filter {
            $0.effectiveDevice == .disk && $0.source.isPresent && !$0.driver.type.isPresent
        }
    }

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
        faults: { domain in
            domain.definition.devices.disks.filter { $0.driver.cache == .unsafe }.map {
                Fault("\($0.label) has cache='unsafe'", at: $0.driver.cache.position)
            }
        })
}
