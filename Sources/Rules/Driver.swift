/// A libvirt driver whose needs can be judged, as virt-host-validate's argument names them.
public enum Driver: String, CaseIterable, Sendable {
    case qemu
    case lxc
    case ch

    /// The profiles that apply where none is asked for.
    public var defaultProfiles: [String] { self == .qemu ? ["kvm"] : [] }

    /// Ids or prefixes of ids of the rules that the driver adds to its profiles'.
    public var selects: [String] {
        switch self {
        case .qemu: []
        case .lxc: ["KVH28", "KVH29"]
        case .ch: ["KVH00", "KVH01", "KVH028"]
        }
    }
}
