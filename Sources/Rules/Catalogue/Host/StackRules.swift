internal import Evidence
internal import Facts

/// The software above KVM. KVH210–KVH259.
enum StackRules {
    static let area = "QEMU and libvirt"

    static let all: [Rule<HostFacts>] = [
        QEMURules.all, LibvirtRules.all, FirmwareRules.all, ConfinementRules.all, TimeRules.all, UpdateRules.all,
    ].flatMap { $0 }
}
