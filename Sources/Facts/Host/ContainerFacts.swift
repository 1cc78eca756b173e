public import Evidence

/// What LXC needs: namespaces, FUSE, kernel version.
public struct ContainerFacts: Sendable {
    /// The names in `/proc/self/ns` that libvirt's LXC driver needs, of those that there are: `ipc`, `mnt`, `pid`,
    /// `uts`, `net`, `user`; each looked at by itself.
    public var namespaces: [String: Observation<Bool>] = [:]
    /// Whether `/sys/fs/fuse/connections` exists: FUSE is in the kernel or loaded.
    public var hasFUSE: Observation<Bool> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

extension ContainerFacts {
    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: ContainerFacts {
        var facts = ContainerFacts()
        for name in ["ipc", "mnt", "pid", "uts", "net", "user"] {
            facts.namespaces[name] = .known(true, from: .file("/proc/self/ns/\(name)"))
        }
        facts.hasFUSE = .known(true, from: .file("/sys/fs/fuse/connections"))
        return facts
    }
}
