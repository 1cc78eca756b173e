extension Profile {
    /// All profiles, the default first.
    public static let all: [Profile] = [
        Profile("kvm", "run KVM guests with libvirt and QEMU (the default)", selects: ["KVH"])
    ]
}
