internal import Evidence
internal import Facts
internal import LibvirtXML

/// Storage pools beside each other, and what they depend on. KVP060–KVP066.
enum PoolSharingRules {
    static let all: [Rule<PoolDefinitionFacts>] =
        IdentityRules(
            noun: "pool", area: area,
            source: Citation("libvirt src/conf/virstorageobj.c: virStoragePoolObjIsDuplicate", "9.0"),
            example: ("<pool type='dir'>", "<target><path>/srv/other</path></target></pool>"),
            sample: ("default", "0a4a7c5e-7c0e-4c1d-a6d5-0c4a5f5a7f02")
        ).rules(("KVP060", "KVP061", "KVP062")) + [sourceTaken, sourceShared, backingMissing, secretMissing]

    private static let area = "Other pools"

    static let sourceTaken = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP063", "pool-source-taken", "no other pool is made of the same", area: area, severity: .error,
            rationale: "libvirt does not define a pool whose folder, device or export is another pool's.",
            sources: [Citation("libvirt src/conf/virstorageobj.c: virStoragePoolObjSourceFindDuplicate; tried", "9.0")],
            remedy: Remedy("use the pool that is there"),
            explains: ["operation failed: Storage source conflict with pool: 'default'"]),
        violates: {
            $0.meet("<pool type='dir'><name>b</name><target><path>/var/lib/libvirt/images</path></target></pool>")
        },
        faults: { pool throws(Undecided) in
            try shared(pool) { if case .refused(let words) = $0 { words } else { nil } }
        })

    static let sourceShared = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP064", "pool-place-shared", "no other pool has its volumes in the same place", area: area,
            severity: .warning,
            rationale: """
                libvirt compares what is written: two pools of one place, by a link or of another type, it defines. A volume \
                that is made or deleted in the one is seen by the other after a refresh only, and free space counts twice.
                """,
            sources: [Citation("libvirt src/conf/virstorageobj.c: virStoragePoolObjSourceFindDuplicate; tried", "9.0")],
            remedy: Remedy("keep one of them")),
        violates: {
            $0.meet(
                """
                <pool type='fs'><name>b</name><source><device path='/dev/vdz'/></source>\
                <target><path>/var/lib/libvirt/images</path></target></pool>
                """)
        },
        faults: { pool throws(Undecided) in
            // The rule before says it of those that libvirt refuses.
            let refused = try shared(pool) { if case .refused(let words) = $0 { words } else { nil } }
            guard refused.isEmpty else { return [] }
            return try shared(pool) { if case .same(let words) = $0 { words } else { nil } }
        })

    /// What the pool is made of and another one too.
    ///
    /// - Parameter words: How messages call it; nil for what is not meant.
    private static func shared(
        _ pool: PoolDefinitionFacts, _ words: (PoolSource) -> String?
    ) throws(Undecided) -> [Fault] {
        guard let ordinal = pool.ordinal else { throw Undecided(Obstacle(.notProbed, "")) }
        let position =
            pool.definition.source.isPresent
            ? pool.definition.source.position : pool.definition.target.position
        var found: [Fault] = []
        for case .source(let source) in pool.around.all[ordinal].keys {
            guard let words = words(source), let other = try pool.other(.source(source)) else { continue }
            found.add("\(words) is that of pool \(other.label) too", at: position)
        }
        return found
    }

    static let backingMissing = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP065", "volume-backing-missing", "the images that volumes are differences to are there", area: area,
            severity: .error,
            rationale: "A volume holds only what differs from its base: without it no domain starts with the volume.",
            sources: [Citation("libvirt docs/formatstorage.rst, backing store elements", "9.0")],
            remedy: Remedy(
                "put the base back; if it was moved, qemu-img rebase -u tells the volume, while no domain uses it")),
        violates: { pool in
            pool.tell { told in
                var volume = LibvirtVolumeFacts(name: "a.qcow2")
                volume.path = .known("/var/lib/libvirt/images/a.qcow2")
                volume.xml = .known(
                    "<volume><name>a.qcow2</name><backingStore><path>/srv/base.qcow2</path></backingStore></volume>")
                told.volumes = .known([volume])
            }
            pool.surroundings = pool.surroundings.replacing(
                files: HostFiles(["/srv/base.qcow2": .init(kind: .absent(), canonicalPath: "/srv/base.qcow2")]))
        },
        faults: { pool throws(Undecided) in
            guard let ordinal = pool.ordinal else { throw Undecided(Obstacle(.notProbed, "")) }
            var found: [Fault] = []
            for volume in try pool.around.all[ordinal].volumes.get(whenAbsent: []) {
                // What has a scheme is kept elsewhere.
                guard let path = try volume.backing.get(), path.hasPrefix("/"),
                    try !pool.surroundings.files.state(of: path).kind.isPresent()
                else { continue }
                found.add("\(volume.name): its base \(path) is not there", at: pool.definition.position)
            }
            return found
        })

    static let secretMissing = Rule<PoolDefinitionFacts>(
        RuleInfo(
            "KVP066", "pool-secret-missing", "the secret that it logs in with is defined", area: area, severity: .error,
            rationale: "libvirt does not start a pool whose secret it does not know.",
            sources: [Citation("libvirt src/secret/secret_util.c: virSecretGetSecretString", "9.0")],
            remedy: Remedy("define the secret and set its value", commands: ["virsh secret-list"]),
            explains: ["Secret not found: no secret with matching uuid '11111111-1111-1111-1111-111111111111'"]),
        example: (
            "<source>",
            "<source><auth type='ceph' username='a'><secret uuid='11111111-1111-1111-1111-111111111111'/></auth>"
        ),
        faults: { pool throws(Undecided) in
            let authentication = pool.definition.source.authentication
            let secret = authentication.secret
            let found: (NeighbourKey, String)? =
                if let uuid = secret.uuid.value {
                    (.uuid(uuid), uuid.description)
                } else if let usage = secret.usage.value {
                    // libvirt looks it up among those of the kind of login: `chap` is for iSCSI.
                    (.usage(authentication.type == "ceph" ? "ceph" : "iscsi", usage), usage)
                } else {
                    nil
                }
            guard let (key, name) = found, try pool.surroundings.secrets.first(key) == nil else { return [] }
            return [Fault("secret \(name) is not defined", at: secret.position)]
        })
}
