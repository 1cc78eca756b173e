internal import Evidence
internal import Facts

/// UEFI firmware for guests. KVH225–KVH228.
enum FirmwareRules {
    static let all: [Rule<HostFacts>] = [firmwareMissing, firmwareMissingOnARM, imageMissing, secureBootMissing]

    private static let interface = Citation("QEMU docs/interop/firmware.json", "7.2")

    /// The firmware for guests of the host's own architecture, as far as its images are there.
    private static func usable(_ host: HostFacts) throws(Undecided) -> [Firmware] {
        let firmware = try host.stack.firmware.get(whenAbsent: [])
        let machine = try host.system.machine.get() ?? ""
        return firmware.filter { $0.architectures.contains(machine) && $0.missing.isEmpty }
    }

    static let firmwareMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH225", "uefi-firmware-missing", "there is UEFI firmware for guests", area: StackRules.area,
            severity: .note,
            rationale:
                "Guests with firmware='efi', Windows 11 and secure boot among them, need OVMF. BIOS guests do not.",
            sources: [interface, Citation("libvirt docs/kbase/secureboot.rst", "11.3")],
            remedy: Remedy("install OVMF"), parent: "KVH210",
            explains: ["Unable to find 'efi' firmware that is compatible with the current configuration"]),
        violates: { $0.stack.firmware = .known([], from: .file("/usr/share/qemu/firmware")) },
        decide: { host throws(Undecided) in
            let found = try usable(host)
            if let first = found.first { return .pass(nil, first.files.first ?? first.descriptor) }
            let machine = try host.system.machine.get() ?? ""
            guard machine == "x86_64" || machine == "i686" else {
                return .notApplicable(
                    machine == "aarch64" ? "KVH226 asks it of aarch64" : "guests of \(machine) do not boot by UEFI")
            }
            return .fail(
                "there is no UEFI firmware for \(machine) guests", at: host.stack.firmware.places,
                remedy: Packages.remedy(.uefi, on: host, "for guests that boot by UEFI, install OVMF"))
        })

    static let firmwareMissingOnARM = Rule<HostFacts>(
        RuleInfo(
            "KVH226", "uefi-firmware-missing-arm", "there is UEFI firmware for aarch64 guests", area: StackRules.area,
            severity: .warning,
            rationale: "The virt machine of aarch64 has no BIOS: without AAVMF no ordinary guest image boots.",
            sources: [interface, Citation("QEMU docs/system/arm/virt.rst", "7.2")], remedy: Remedy("install AAVMF"),
            parent: "KVH210"),
        holds: { host in
            host.system.machine = .known("aarch64")
            host.stack.firmware = .known([
                Firmware(
                    descriptor: "/usr/share/qemu/firmware/60-edk2-aarch64.json",
                    files: ["/usr/share/AAVMF/AAVMF_CODE.fd"], architectures: ["aarch64"])
            ])
        },
        violates: { $0.stack.firmware = .known([], from: .file("/usr/share/qemu/firmware")) },
        decide: { host throws(Undecided) in
            let found = try usable(host)
            guard try host.system.machine.get() == "aarch64" else { return .notApplicable("not an aarch64 host") }
            if let first = found.first { return .pass(nil, first.files.first ?? first.descriptor) }
            return .fail(
                "there is no UEFI firmware for aarch64 guests", at: host.stack.firmware.places,
                remedy: Packages.remedy(.uefi, on: host, "install AAVMF"))
        })

    static let imageMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH227", "firmware-image-missing", "every firmware descriptor names images that are there",
            area: StackRules.area, severity: .warning,
            rationale: """
                libvirt chooses firmware by its descriptor. One that names an image that is gone is chosen all the \
                same, and the guest does not start.
                """,
            sources: [interface],
            remedy: Remedy("install the package of the descriptor anew, or remove the descriptor"), parent: "KVH210"),
        violates: { host in
            host.stack.firmware = .known([
                Firmware(
                    descriptor: "/etc/qemu/firmware/10-own.json", files: ["/opt/OVMF.fd"], missing: ["/opt/OVMF.fd"],
                    architectures: ["x86_64"])
            ])
        },
        decide: { host throws(Undecided) in
            let broken = try host.stack.firmware.get(whenAbsent: []).filter { !$0.missing.isEmpty }
            if broken.isEmpty { return .pass() }
            return .fail(
                "\(broken.count) firmware descriptor\(broken.count == 1 ? " names an image" : "s name images") that "
                    + "\(broken.count == 1 ? "is" : "are") not there",
                broken.map { "\($0.descriptor): \($0.missing.joined(separator: ", "))" },
                at: broken.map { Place($0.descriptor) })
        })

    static let secureBootMissing = Rule<HostFacts>(
        RuleInfo(
            "KVH228", "secure-boot-firmware-missing", "there is firmware with secure boot", area: StackRules.area,
            severity: .note,
            rationale: "Windows 11 and guests with <feature name='secure-boot' enabled='yes'/> need such an image.",
            sources: [interface, Citation("libvirt docs/kbase/secureboot.rst", "11.3")],
            remedy: Remedy("install the distribution's OVMF with secure boot, and its descriptors"), parent: "KVH225",
            explains: ["Unable to find 'efi' firmware that is compatible with the current configuration"]),
        violates: { host in
            host.stack.firmware = .known([
                Firmware(
                    descriptor: "/usr/share/qemu/firmware/60-edk2-x86_64.json", files: ["/usr/share/OVMF/OVMF_CODE.fd"],
                    architectures: ["x86_64"])
            ])
        },
        decide: { host throws(Undecided) in
            let found = try usable(host)
            if let image = found.first(where: { $0.features.contains("secure-boot") }) {
                return .pass(nil, image.files.first ?? image.descriptor)
            }
            return .fail(
                "no firmware descriptor offers secure boot", at: host.stack.firmware.places,
                remedy: Packages.remedy(
                    .uefi, on: host, "install the distribution's firmware with secure boot, and its descriptors"))
        })
}
