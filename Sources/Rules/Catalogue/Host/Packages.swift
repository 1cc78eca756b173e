internal import Evidence
internal import Facts

/// What the software above KVM is called in the packages of each family of distributions.
enum Packages {
    /// Something to install.
    enum Component {
        case qemu
        case qemuImg
        case libvirt
        case virtlogd
        case dnsmasq
        case swtpm
        case uefi
        case virtiofsd
        case chrony
    }

    private enum Family {
        case debian
        case redHat
        case suse
        case arch
        case alpine

        /// By the ids of os-release(5), the distribution's own first, then those it is like.
        init?(_ ids: [String]) {
            for id in ids {
                switch id {
                case "debian", "ubuntu": self = .debian
                case "fedora", "rhel", "centos": self = .redHat
                case "suse", "opensuse", "sles", "opensuse-leap", "opensuse-tumbleweed": self = .suse
                case "arch": self = .arch
                case "alpine": self = .alpine
                default: continue
                }
                return
            }
            return nil
        }

        var command: String {
            switch self {
            case .debian: "apt-get install"
            case .redHat: "dnf install"
            case .suse: "zypper install"
            case .arch: "pacman -S"
            case .alpine: "apk add"
            }
        }
    }

    /// The command that installs a component on this host; none where its distribution is not known.
    static func install(_ component: Component, on host: HostFacts) -> [String] {
        guard let ids = try? host.system.distribution.get(), let family = Family(ids) else { return [] }
        let machine = (try? host.system.machine.get()) ?? ""
        // QEMU 8.0 left virtiofsd to a project of its own; before that it came with QEMU.
        if component == .virtiofsd, family == .debian, let version = try? host.stack.qemuVersion.get(),
            version < SoftwareVersion(8, 0)
        {
            return ["\(family.command) qemu-system-common"]
        }
        return ["\(family.command) \(name(component, family, machine))"]
    }

    /// What to do about a component that is not there.
    static func remedy(_ component: Component, on host: HostFacts, _ text: String) -> Remedy {
        Remedy(text, commands: install(component, on: host))
    }

    private static func name(_ component: Component, _ family: Family, _ machine: String) -> String {
        let isARM = machine == "aarch64" || machine.hasPrefix("armv")
        let isX86 = machine == "x86_64" || machine == "i686"
        return switch (component, family) {
        case (.qemu, .debian): isX86 ? "qemu-system-x86" : isARM ? "qemu-system-arm" : "qemu-system"
        case (.qemu, .redHat): "qemu-kvm"
        case (.qemu, .suse): isX86 ? "qemu-x86" : isARM ? "qemu-arm" : "qemu"
        case (.qemu, .arch): "qemu-base"
        case (.qemu, .alpine): "qemu-system-\(machine)"
        case (.qemuImg, .debian): "qemu-utils"
        case (.qemuImg, _): "qemu-img"
        case (.libvirt, .debian): "libvirt-daemon-system libvirt-clients"
        case (.libvirt, .alpine): "libvirt-daemon libvirt-client"
        case (.libvirt, _): "libvirt"
        case (.virtlogd, .debian): "libvirt-daemon-system"
        case (.virtlogd, .redHat), (.virtlogd, .suse): "libvirt-daemon-log"
        case (.virtlogd, .arch): "libvirt"
        case (.virtlogd, .alpine): "libvirt-daemon"
        case (.dnsmasq, .debian): "dnsmasq-base"
        case (.dnsmasq, _): "dnsmasq"
        case (.swtpm, .debian), (.swtpm, .redHat): "swtpm swtpm-tools"
        case (.swtpm, _): "swtpm"
        case (.uefi, .debian): isARM ? "qemu-efi-aarch64" : "ovmf"
        case (.uefi, .redHat): isARM ? "edk2-aarch64" : "edk2-ovmf"
        case (.uefi, .suse): isARM ? "qemu-uefi-aarch64" : "qemu-ovmf-x86_64"
        case (.uefi, .arch): isARM ? "edk2-aarch64" : "edk2-ovmf"
        case (.uefi, .alpine): isARM ? "aavmf" : "ovmf"
        case (.virtiofsd, _): "virtiofsd"
        case (.chrony, _): "chrony"
        }
    }
}
