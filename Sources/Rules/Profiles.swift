internal import Facts

extension Profile {
    /// All profiles, the default first.
    public static let all: [Profile] = [
        Profile(
            "kvm", "run KVM guests with libvirt and QEMU (the default)",
            selects: [
                "KVH00", "KVH01", "KVH020", "KVH021", "KVH022", "KVH023", "KVH024", "KVH025", "KVH026", "KVH029",
                "KVH030", "KVH031", "KVH032", "KVH033", "KVH034", "KVH035", "KVH036", "KVH037",
                "KVH050", "KVH051", "KVH054", "KVH055", "KVH056", "KVH059", "KVH062",
                "KVH10", "KVH12", "KVH13", "KVH14", "KVH15", "KVH16", "KVH17", "KVH18", "KVH190",
                "KVH21", "KVH220", "KVH221", "KVH222", "KVH223", "KVH224", "KVH225", "KVH226", "KVH227", "KVH228",
                "KVH229", "KVH231", "KVH232", "KVH24",
                "KVH260", "KVH261", "KVH263", "KVH264", "KVH269", "KVH270", "KVH271", "KVH274", "KVH276", "KVH278",
            ]),
        Profile(
            "passthrough", "assign whole PCI devices to guests",
            selects: ["KVH00", "KVH01", "KVH020", "KVH021", "KVH04", "KVH05", "KVH06", "KVH082", "KVH083"],
            severities: [
                "KVH040": .error, "KVH050": .error, "KVH051": .error, "KVH052": .error, "KVH053": .warning,
                "KVH058": .error, "KVH060": .warning, "KVH061": .warning, "KVH062": .error,
            ]),
        Profile(
            "sriov", "give guests virtual functions of network cards",
            selects: ["KVH00", "KVH01", "KVH020", "KVH040", "KVH05", "KVH06", "KVH07", "KVH08"],
            severities: [
                "KVH040": .error, "KVH050": .error, "KVH051": .error, "KVH052": .error, "KVH058": .error,
                "KVH070": .error, "KVH071": .error, "KVH072": .warning, "KVH075": .warning, "KVH076": .warning,
                "KVH078": .warning,
            ]),
        Profile(
            "nested", "let guests run guests of their own",
            selects: ["KVH00", "KVH01", "KVH020", "KVH021", "KVH025"], severities: ["KVH025": .error]),
        Profile(
            "confidential", "encrypt guests: SEV, TDX, Secure Execution",
            selects: ["KVH00", "KVH01", "KVH020", "KVH19", "KVH20"], severities: ["KVH190": .error]),
        Profile(
            "performance", "get the most out of the host",
            selects: [
                "KVH00", "KVH01", "KVH022", "KVH03", "KVH044", "KVH064", "KVH08", "KVH12", "KVH13", "KVH14",
                "KVH15", "KVH16", "KVH17", "KVH18", "KVH268", "KVH272", "KVH277", "KVH278",
            ],
            severities: [:]),
        Profile(
            "migration", "move running guests between hosts",
            selects: ["KVH00", "KVH01", "KVH020", "KVH021", "KVH022", "KVH026", "KVH042", "KVH214", "KVH24", "KVH277"],
            severities: ["KVH026": .warning, "KVH240": .error]),
        Profile(
            "firecracker", "run Firecracker microVMs",
            selects: [
                "KVH001", "KVH002", "KVH003", "KVH004", "KVH006", "KVH007", "KVH008", "KVH009", "KVH01", "KVH027",
                "KVH031", "KVH032", "KVH033", "KVH034", "KVH32",
            ],
            severities: ["KVH027": .error]),
        Profile(
            "openstack-compute", "be a compute node of OpenStack",
            selects: [
                "KVH00", "KVH01", "KVH020", "KVH021", "KVH022", "KVH03", "KVH10", "KVH21", "KVH22", "KVH23", "KVH24",
                "KVH26", "KVH27", "KVH31",
            ],
            severities: ["KVH210": .error, "KVH213": .error, "KVH214": .error, "KVH240": .error, "KVH272": .warning]),
        Profile(
            "eucalyptus-node", "be a node of Eucalyptus",
            selects: ["KVH00", "KVH01", "KVH020", "KVH03", "KVH10", "KVH21", "KVH22", "KVH24", "KVH26", "KVH30"],
            severities: ["KVH016": .error]),
    ]
}
