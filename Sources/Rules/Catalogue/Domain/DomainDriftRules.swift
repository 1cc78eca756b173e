internal import Evidence
internal import Facts
internal import LibvirtXML

/// What runs against what is defined. KVD440–KVD441.
enum DomainDriftRules {
    static let all: [Rule<DomainFacts>] = [diskDrift, definitionDrift]

    private static let area = "As it runs"
    private static let manual = Citation("virsh(1), --live, --config and --persistent; dumpxml --inactive", "9.0")

    static let diskDrift = Rule<DomainFacts>(
        RuleInfo(
            "KVD440", "disk-differs-as-it-runs", "the next start uses the disks that the domain runs with", area: area,
            severity: .warning,
            rationale: """
                The guest writes to another image than the definition names, as after a snapshot or a copy that the \
                definition was not told of: after the next start what was written since is not there.
                """,
            sources: [manual, Citation("libvirt docs/kbase/snapshots.rst, external snapshots", "9.0")],
            remedy: Remedy(
                "write what runs into the definition too, or take it back while the domain runs (virsh blockcommit)")),
        violates: {
            $0.run(instead: "images/web1.qcow2", of: "images/web1.snapshot1")
        },
        remedy: { domain in
            Remedy(
                "write what runs into the definition too, or take it back while the domain runs (virsh blockcommit)",
                commands: ["virsh domblklist \(domain.nameWord)", domain.editCommand])
        },
        faults: { domain throws(Undecided) in
            guard let live = try domain.live.get() else { return [] }
            return diskFaults(domain.definition, live)
        })

    /// The hard disks that are other images, or other ones altogether.
    private static func diskFaults(_ definition: Domain, _ live: Domain) -> [Fault] {
        let planned = definition.devices.disks.filter(\.isHardDisk)
        let byTarget = Dictionary(
            planned.compactMap { disk in disk.target.device.value.map { ($0, disk) } }, uniquingKeysWith: { $1 })
        return live.devices.disks.filter(\.isHardDisk).compactMap { disk in
            guard let target = disk.target.device.value, let image = disk.sourceKey else { return nil }
            guard let plan = byTarget[target] else {
                return Fault("\(target) (\(image)) is attached only until the domain stops", at: definition.position)
            }
            guard let planned = plan.sourceKey, planned != image else { return nil }
            return Fault("\(target) runs on \(image), and is defined as \(planned)", at: plan.source.position)
        }
    }

    static let definitionDrift = Rule<DomainFacts>(
        RuleInfo(
            "KVD441", "definition-differs-as-it-runs", "the domain runs as it is defined", area: area, severity: .note,
            rationale: """
                What was changed in the running domain only is gone after the next start; what was changed in the \
                definition only comes with it.
                """,
            sources: [manual], remedy: Remedy("write the change into the other of the two as well, or undo it")),
        violates: { $0.run(instead: "<on_reboot>restart", of: "<on_reboot>destroy") },
        remedy: { domain in
            let name = domain.nameWord
            return Remedy(
                "write the change into the other of the two as well, or undo it",
                commands: ["virsh dumpxml \(name)", "virsh dumpxml --inactive \(name)"])
        },
        faults: { domain throws(Undecided) in
            guard let live = try domain.live.get(), let new = live.element, let old = domain.definition.element else {
                return []
            }
            // Of disks the rule before tells what matters, and media come and go.
            return XMLDiff.compare(old, new, ignoringRuntime: true).filter {
                !$0.path.hasPrefix("/domain/devices/disk")
            }
            .map { change in
                Fault(change.drift, at: change.oldPosition ?? domain.definition.position)
            }
        })
}

extension XMLChange {
    /// What is different in what runs, for messages.
    var drift: String {
        switch kind {
        case .added: "\(label) is only in what runs" + (new.map { ": \($0)" } ?? "")
        case .removed: "\(label) is only in the definition" + (old.map { ": \($0)" } ?? "")
        case .changed: "\(label) is \(old ?? "") in the definition and \(new ?? "") in what runs"
        case .moved: "\(label) is in another place in what runs"
        }
    }
}

extension DomainFacts {
    /// Lets it run, one piece of its text another, for the examples of rules.
    fileprivate mutating func run(instead old: String, of new: String) {
        guard let running = DomainFacts(xml: Self.sampleXML.replacing(old, with: new)) else { return }
        live = .known(running.definition)
    }
}
