@_spi(Probing) internal import Evidence

extension CPUInfo {
    /// What `/proc/cpuinfo` of a source says; every kernel has that file, so that one without it has no `/proc`.
    static func read(from source: some Source) -> Observation<CPUInfo> {
        let path = "/proc/cpuinfo"
        let text = source.text(path)
        if text.isAbsent {
            return .unknown(Obstacle(.unsupported, path, "no such file; is /proc mounted?"), from: .file(path))
        }
        return text.parsed(as: "a list of processors") { text in
            let info = CPUInfo(text)
            return info.first.isEmpty ? nil : info
        }
    }
}
