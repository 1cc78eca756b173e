@_spi(Probing) internal import Evidence
internal import Facts
internal import HostProbes
internal import LinuxIO

/// A host's facts, and where they come from.
struct ObservedHost {
    var facts: HostFacts
    var subject: Subject
    /// Whether this is a capture without the answers of a running kernel.
    var answersAreMissing: Bool

    /// Observes the running machine, or a captured tree.
    ///
    /// - Parameter leavingOut: What no rule will ask about on the running machine.
    static func observe(
        root: String?, runGuest: Bool, leavingOut: Set<HostProbes.Extra>
    ) throws(CheckError) -> ObservedHost {
        guard let root else {
            let host = LiveHost(files: CachingSource(TreeSource.live), runGuest: runGuest, leavingOut: leavingOut)
            return ObservedHost(facts: host.facts, source: "live", answersAreMissing: false)
        }
        do {
            let kind = TreeSource.live.metadata(root)
            guard let metadata = kind.known else {
                throw CheckError(
                    "cannot read \(root)", context: [kind.obstacle?.description ?? "no such file or directory"])
            }
            if metadata.kind == .directory { return try observe(directory: root) }
            return try observe(tree: try Tar.read(root), path: root)
        } catch let error as TarError {
            throw CheckError("cannot read the capture", context: [error.description])
        } catch let error as SystemError {
            throw CheckError("cannot read the capture", context: ["\(root): \(error.name)"])
        } catch let error as CheckError {
            throw error
        } catch {
            throw CheckError("cannot read the capture", context: ["\(root): \(error)"])
        }
    }

    private init(_ source: some Source, _ answers: KernelAnswers, source name: String, answersAreMissing: Bool = false)
    {
        var facts = HostProbes.facts(from: source, answers: answers)
        PCINames.fill(&facts.pci, from: answers.pciNames)
        self.init(facts: facts, source: name, answersAreMissing: answersAreMissing)
    }

    private init(facts: HostFacts, source: String, answersAreMissing: Bool) {
        self.facts = facts
        subject = Self.subject(facts, source: source)
        self.answersAreMissing = answersAreMissing
    }

    private static func observe(directory: String) throws -> ObservedHost {
        let whole = try TreeSource(directory: directory, absence: .provenBelowTopLevel)
        if let manifest = try CaptureManifest.read(from: whole, path: directory) {
            let files = try TreeSource(directory: directory, absence: .unproven)
            return ObservedHost(
                CaptureSource(files: files, records: manifest.records), manifest.answers, source: directory)
        }
        try requireHost(in: whole, path: directory)
        let isSelection = whole.metadata("/sos_commands").known != nil
        let source = isSelection ? try TreeSource(directory: directory, absence: .unproven) : whole
        return ObservedHost(source, KernelAnswers(), source: directory, answersAreMissing: true)
    }

    private static func observe(tree: MemorySource, path: String) throws -> ObservedHost {
        var tree = tree.rerooted(below: ["proc", "sys", "etc", CaptureManifest.name])
        tree.absence = .unproven
        if let manifest = try CaptureManifest.read(from: tree, path: path) {
            return ObservedHost(CaptureSource(files: tree, records: manifest.records), manifest.answers, source: path)
        }
        if tree.metadata("/sos_commands").known == nil { tree.absence = .provenBelowTopLevel }
        try requireHost(in: tree, path: path)
        return ObservedHost(tree, KernelAnswers(), source: path, answersAreMissing: true)
    }

    private static func requireHost(in source: some Source, path: String) throws(CheckError) {
        guard ["/proc", "/sys", "/etc"].contains(where: { source.metadata($0).known != nil }) else {
            throw CheckError("no host in \(path)", context: ["neither proc nor sys nor etc is in it"])
        }
    }

    /// The first line of the report. It says what is known and passes over the rest.
    private static func subject(_ facts: HostFacts, source: String) -> Subject {
        var headline: [String] = []
        if let name = facts.system.operatingSystem.known { headline.append(name) }
        if let release = facts.system.kernelRelease.known { headline.append("Linux \(release)") }
        if let machine = facts.system.machine.known { headline.append(machine) }
        let resources = [
            facts.cpu.modelName.known,
            facts.cpu.online.known.map { $0.count == 1 ? "1 CPU" : "\($0.count) CPUs" },
            facts.memory.total.known.map { "\(($0 + 512 * 1024) / (1024 * 1024)) GiB" },
        ].compactMap { $0 }
        if !resources.isEmpty { headline.append(resources.joined(separator: ", ")) }
        return Subject(
            kind: .host, name: facts.system.hostname.known ?? "(unnamed)", source: source, headline: headline)
    }
}
