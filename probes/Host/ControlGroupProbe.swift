internal import CLinux
@_spi(Probing) internal import Evidence
internal import Facts
internal import Glibc
internal import LinuxIO

/// Control groups of both versions, found by their mounts, wherever they are.
enum ControlGroupProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> ControlGroupFacts {
        var facts = ControlGroupFacts()
        facts.answers = answers.controlGroups
        facts.mounts = mounts(source)
        facts.kernelControllers = source.text("/proc/cgroups").parsed(as: "a list of controllers") {
            ControlGroupMountTable.parse(cgroups: $0)
        }
        let unified = facts.mounts.compactMap(\.unified)
        facts.controllers = unified.flatMap { coreFile(source, $0 + "/cgroup.controllers") }
        facts.enabledBelow = unified.flatMap { coreFile(source, $0 + "/cgroup.subtree_control") }
        facts.isPartOfHierarchy = unified.flatMap { source.exists($0 + "/cgroup.type") }
        facts.machineSlice = unified.flatMap { machineSlice(source, $0 + "/machine.slice") }
        return facts
    }

    /// Asks the kernel of the running machine.
    static func answers() -> ControlGroupAnswers {
        var answers = ControlGroupAnswers()
        answers.deviceQuery = mounts(TreeSource.live).compactMap(\.unified).flatMap(queryDevices)
        return answers
    }

    private static func mounts(_ source: some Source) -> Observation<ControlGroupMounts> {
        let path = "/proc/self/mountinfo"
        let mounts = source.text(path).parsed(as: "a table of mounts") {
            ControlGroupMountTable.parse(mountinfo: $0)
        }
        if mounts.known != nil { return mounts }
        let older = source.text("/proc/mounts").parsed(as: "a table of mounts") {
            ControlGroupMountTable.parse(mounts: $0)
        }
        if older.known != nil { return older }
        // Without a table nothing is known about mounts; it does not follow that there are none.
        return .unknown(
            mounts.obstacle ?? older.obstacle ?? Obstacle(.unsupported, path, "no such file; is /proc mounted?"),
            from: mounts.provenance)
    }

    private static func words(_ source: some Source, _ path: String) -> Observation<[String]> {
        source.possiblyEmptyText(path).map { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
    }

    /// Every group has these; where one is missing in a capture, it was not captured.
    private static func coreFile(_ source: some Source, _ path: String) -> Observation<[String]> {
        let words = words(source, path)
        return words.isAbsent ? .unknown(Obstacle(.notCaptured, path), from: .file(path)) : words
    }

    private static func machineSlice(_ source: some Source, _ path: String) -> Observation<MachineSlice> {
        words(source, path + "/cgroup.subtree_control").flatMap { enabled in
            source.entries(path).map { names in
                MachineSlice(path: path, enabledBelow: enabled, scopes: names.count { $0.hasSuffix(".scope") })
            }
        }
    }

    /// Whether programs that judge the use of devices can be attached to a group; libvirt asks in the same way.
    private static func queryDevices(of group: String) -> Observation<CallResult> {
        let provenance = Provenance.call("BPF_PROG_QUERY", on: group)
        do {
            let directory = try FileDescriptor.open(group, O_RDONLY | O_DIRECTORY)
            guard clinux_bpf_query_devices(directory.number) < 0 else { return .known(CallResult(), from: provenance) }
            let error = SystemError(errno: clinux_errno(), operation: "BPF_PROG_QUERY on \(group)")
            if [EPERM, EACCES].contains(error.errno) {
                return .unknown(
                    Obstacle(.permissionDenied, error.operation, "\(error.name), needs CAP_NET_ADMIN"),
                    from: provenance)
            }
            return .known(CallResult(errno: error.name), from: provenance)
        } catch {
            return .unknown(error.obstacle, from: provenance)
        }
    }
}
