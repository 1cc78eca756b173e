internal import Facts

extension Profile {
    /// All profiles, the default first.
    public static let all: [Profile] = [
        kvm, passthrough, sriov, nested, confidential, performance, migration, firecracker, openstackCompute,
        eucalyptusNode,
    ]

    /// `/dev/kvm` down to a guest that ran, and what QEMU asks of KVM: the ground of every profile with QEMU in it.
    private static let machines = ["KVH00", "KVH01", "KVH020", "KVH021"]

    private static let kvm = Profile(
        "kvm", "run KVM guests with libvirt and QEMU (the default)",
        selects: machines + [
            "KVH022", "KVH023", "KVH024", "KVH025", "KVH026", "KVH029",
            "KVH030", "KVH031", "KVH032", "KVH033", "KVH034", "KVH035", "KVH036", "KVH037", "KVH044", "KVH050",
            "KVH051",
            "KVH050", "KVH051", "KVH052", "KVH053", "KVH054", "KVH055", "KVH056", "KVH057", "KVH059", "KVH062",
            "KVH071", "KVH073", "KVH074", "KVH075", "KVH077", "KVH078", "KVH080", "KVH081", "KVH082", "KVH083",
            "KVH10",
            "KVH120", "KVH121", "KVH122", "KVH124", "KVH127", "KVH128", "KVH129", "KVH132", "KVH133", "KVH134",
            "KVH135", "KVH136", "KVH137", "KVH138", "KVH139", "KVH14",
            "KVH150", "KVH151", "KVH152", "KVH155", "KVH156", "KVH157", "KVH158", "KVH159", "KVH170", "KVH171",
            "KVH173", "KVH174", "KVH175", "KVH18", "KVH190",
            "KVH21", "KVH220", "KVH221", "KVH222", "KVH223", "KVH224", "KVH225", "KVH226", "KVH227", "KVH228",
            "KVH229", "KVH231", "KVH232", "KVH234", "KVH235", "KVH236", "KVH237", "KVH24",
            "KVH260", "KVH261", "KVH263", "KVH264", "KVH266", "KVH267", "KVH269", "KVH270", "KVH271", "KVH273",
            "KVH274", "KVH275", "KVH276", "KVH278", "KVH279",
        ])

    private static let passthrough = Profile(
        "passthrough", "assign whole PCI devices to guests",
        selects: machines + [
            "KVH120", "KVH040", "KVH041", "KVH042", "KVH043", "KVH05", "KVH06", "KVH075", "KVH08", "KVH126", "KVH180",
        ],
        severities: [
            "KVH040": .error, "KVH050": .error, "KVH051": .error, "KVH052": .error, "KVH053": .warning,
            "KVH058": .error, "KVH060": .warning, "KVH061": .warning, "KVH062": .error, "KVH075": .warning,
            "KVH080": .warning, "KVH081": .warning,
        ])

    private static let sriov = Profile(
        "sriov", "give guests virtual functions of network cards",
        selects: machines + ["KVH120", "KVH040", "KVH05", "KVH06", "KVH07", "KVH08", "KVH126"],
        severities: [
            "KVH040": .error, "KVH050": .error, "KVH051": .error, "KVH052": .error, "KVH058": .error,
            "KVH060": .warning, "KVH061": .warning,
            "KVH070": .error, "KVH071": .error, "KVH072": .warning, "KVH075": .warning, "KVH076": .warning,
            "KVH078": .warning, "KVH080": .warning, "KVH081": .warning,
        ])

    private static let nested = Profile(
        "nested", "let guests run guests of their own", selects: machines + ["KVH025", "KVH120", "KVH121", "KVH122"],
        severities: ["KVH025": .error])

    private static let confidential = Profile(
        "confidential", "encrypt guests: SEV, TDX, Secure Execution",
        selects: machines + ["KVH120", "KVH137", "KVH19", "KVH20"],
        severities: [
            "KVH190": .error, "KVH192": .warning, "KVH193": .warning, "KVH194": .warning, "KVH195": .warning,
            "KVH198": .warning, "KVH199": .warning, "KVH201": .warning, "KVH202": .warning, "KVH203": .warning,
            "KVH206": .warning, "KVH207": .warning, "KVH209": .warning,
        ])

    private static let performance = Profile(
        "performance", "get the most out of the host",
        selects: machines + [
            "KVH022", "KVH030", "KVH031", "KVH032", "KVH033", "KVH034", "KVH035", "KVH036", "KVH037", "KVH044",
            "KVH050", "KVH051",
            "KVH064",
            "KVH08", "KVH12", "KVH13", "KVH14", "KVH15", "KVH16", "KVH17",
            "KVH18", "KVH268", "KVH277", "KVH278",
        ],
        severities: [
            "KVH080": .warning, "KVH081": .warning, "KVH082": .warning, "KVH083": .warning, "KVH130": .warning,
            "KVH152": .warning, "KVH155": .warning, "KVH158": .warning, "KVH173": .warning,
        ])

    private static let migration = Profile(
        "migration", "move running guests between hosts",
        selects: machines + [
            "KVH120", "KVH022", "KVH026", "KVH042", "KVH140", "KVH141", "KVH213", "KVH214", "KVH24", "KVH277",
        ],
        severities: ["KVH026": .warning, "KVH042": .warning, "KVH141": .warning, "KVH240": .error])

    private static let firecracker = Profile(
        "firecracker", "run Firecracker microVMs",
        selects: [
            "KVH001", "KVH002", "KVH003", "KVH004", "KVH006", "KVH007", "KVH008", "KVH009", "KVH01", "KVH027",
            "KVH031", "KVH032", "KVH033", "KVH034", "KVH120", "KVH121", "KVH122", "KVH124", "KVH132", "KVH133",
            "KVH134", "KVH135", "KVH136", "KVH137", "KVH138", "KVH139", "KVH151", "KVH152", "KVH154", "KVH175", "KVH32",
        ],
        severities: [
            "KVH027": .error, "KVH121": .error, "KVH122": .error, "KVH124": .warning, "KVH136": .warning,
            "KVH154": .warning, "KVH175": .warning,
        ])

    private static let openstackCompute = Profile(
        "openstack-compute", "be a compute node of OpenStack",
        selects: machines + [
            "KVH120", "KVH121", "KVH122", "KVH128", "KVH132", "KVH133", "KVH134", "KVH135", "KVH139", "KVH140",
            "KVH150", "KVH151", "KVH175", "KVH022", "KVH030", "KVH031", "KVH032", "KVH033", "KVH034", "KVH035",
            "KVH036",
            "KVH037", "KVH10", "KVH21", "KVH22", "KVH231", "KVH232", "KVH234", "KVH236", "KVH237", "KVH24", "KVH260",
            "KVH265", "KVH266", "KVH267",
            "KVH268", "KVH269", "KVH270", "KVH271", "KVH272", "KVH276", "KVH277", "KVH278", "KVH279", "KVH31",
        ],
        severities: [
            "KVH210": .error, "KVH213": .error, "KVH214": .error, "KVH240": .error, "KVH243": .warning,
            "KVH260": .error,
            "KVH175": .warning, "KVH268": .warning, "KVH272": .warning,
        ])

    private static let eucalyptusNode = Profile(
        "eucalyptus-node", "be a node of Eucalyptus",
        selects: machines + [
            "KVH030", "KVH031", "KVH032", "KVH033", "KVH034", "KVH035", "KVH036", "KVH037", "KVH10", "KVH120", "KVH21",
            "KVH22", "KVH24", "KVH260", "KVH262", "KVH263", "KVH268", "KVH269", "KVH270",
            "KVH271", "KVH278", "KVH30",
        ],
        severities: ["KVH016": .error, "KVH260": .error, "KVH262": .warning])
}
