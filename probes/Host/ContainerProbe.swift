@_spi(Probing) internal import Evidence
internal import Facts

/// What LXC needs of the kernel, beside control groups.
enum ContainerProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> ContainerFacts {
        var facts = ContainerFacts()
        for name in ["ipc", "mnt", "pid", "uts", "net", "user"] {
            facts.namespaces[name] = namespace(source, "/proc/self/ns/\(name)")
        }
        facts.hasFUSE = seen(
            "/sys/fs/fuse/connections", in: source.exists("/sys/fs/fuse/connections"), source, "/sys/fs")
        return facts
    }

    /// The link itself counts: where it points, `ipc:[4026531839]`, is nowhere in any tree.
    private static func namespace(_ source: some Source, _ path: String) -> Observation<Bool> {
        let link = source.link(path)
        return seen(
            path, in: link.isAbsent ? .known(false, from: .file(path)) : link.map { _ in true }, source, "/proc/self")
    }

    /// Where `/proc` or `/sys` is not mounted, it does not follow that the kernel lacks what would be seen there.
    private static func seen(
        _ path: String, in observation: Observation<Bool>, _ source: some Source, _ directory: String
    ) -> Observation<Bool> {
        guard observation.known == false, source.exists(directory).known != true else { return observation }
        return .unknown(Obstacle(.unsupported, path, "\(directory) does not exist"), from: .file(path))
    }
}
