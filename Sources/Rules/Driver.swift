/// A driver of libvirt's that a host may be checked for, as virt-host-validate's argument names it; `--driver`.
///
/// A driver selects rules beside those of the profiles, as far as virt-host-validate checks something for it.
public enum Driver: String, CaseIterable, Sendable {
    /// QEMU with KVM, the default. Profiles say what is checked for it, so that it selects nothing by itself.
    case qemu
    /// Linux containers: namespaces, control groups with the severity that they have for containers, FUSE.
    case lxc
    /// Cloud Hypervisor: KVM's device down to a guest that ran, and the capabilities that Cloud Hypervisor requires.
    case ch

    /// What it is for, in one line.
    public var summary: String {
        switch self {
        case .qemu: "QEMU with KVM; the profiles select its rules"
        case .lxc: "Linux containers by libvirt's LXC driver"
        case .ch: "Cloud Hypervisor by libvirt's CH driver"
        }
    }

    /// Ids or prefixes of ids of the rules it selects beside those of the profiles.
    public var selects: [String] {
        switch self {
        case .qemu: []
        case .lxc: ["KVH28", "KVH29"]
        // Not KVH005, which is about the user that libvirt runs QEMU as.
        case .ch:
            ["KVH001", "KVH002", "KVH003", "KVH004", "KVH006", "KVH007", "KVH008", "KVH009", "KVH01", "KVH028"]
        }
    }

    /// The profiles that apply where none is asked for: the default one is about QEMU.
    public var defaultProfiles: [String] { self == .qemu ? ["kvm"] : [] }
}
