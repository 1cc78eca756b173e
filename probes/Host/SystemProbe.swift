@_spi(Probing) internal import Evidence
internal import Facts

/// What runs on the host, from `/proc/sys/kernel` and os-release(5).
enum SystemProbe {
    static func facts(from source: some Source) -> SystemFacts {
        var facts = SystemFacts()
        facts.hostname = source.text("/proc/sys/kernel/hostname")
        facts.kernelRelease = source.text("/proc/sys/kernel/osrelease")
        facts.machine = machine(from: source)
        let release = KeyValueFile.read(["/etc/os-release", "/usr/lib/os-release"], from: source)
        facts.operatingSystem = release.map { $0["PRETTY_NAME"] ?? $0["NAME"] ?? "Linux" }
        facts.distribution = release.map { values in
            [values["ID"] ?? "linux"] + (values["ID_LIKE"] ?? "").words.map(String.init)
        }
        facts.distributionVersion = release.map { $0["VERSION_ID"] ?? "" }
        return facts
    }

    /// `/proc/sys/kernel/arch` (Linux 6.1); before that, what `/proc/cpuinfo` of the architecture looks like.
    static func machine(from source: some Source) -> Observation<String> {
        let arch = source.text("/proc/sys/kernel/arch")
        guard arch.known == nil else { return arch }
        return source.text("/proc/cpuinfo").parsed(as: "the cpuinfo of an architecture kvmcheck knows") { text in
            CPUInfo(text).architecture
        }
    }
}
