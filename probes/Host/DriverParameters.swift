@_spi(Probing) internal import Evidence
internal import Facts

/// Module parameters as modprobe.d(5) and the kernel's command line set them.
enum DriverParameters {
    /// Parameters that make virtual functions, and are deprecated for `sriov_numvfs` or gone.
    private static let deprecated: [String: String] = ["ixgbe": "max_vfs", "igb": "max_vfs", "cxgb4": "num_vf"]

    /// The deprecated parameters that are set in `/etc/modprobe.d` or on the kernel's command line.
    static func deprecated(from source: some Source) -> Observation<[DriverParameter]> {
        let directory = "/etc/modprobe.d"
        let listed = source.entries(directory)
        let names = listed.isAbsent ? .known([], from: .file(directory)) : listed
        let configured = names.flatMap { names in
            names.filter { $0.hasSuffix(".conf") }.observe(from: .file(directory)) { name in
                let path = "\(directory)/\(name)"
                return source.possiblyEmptyText(path).map { options(in: $0, path: path) }
            }
        }
        return configured.flatMap { configured in
            let path = "/proc/cmdline"
            return source.possiblyEmptyText(path).map { configured.joined() + arguments(in: $0, path: path) }
        }
    }

    /// `options ixgbe max_vfs=4`
    private static func options(in text: String, path: String) -> [DriverParameter] {
        var found: [DriverParameter] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.words
            guard words.count >= 3, words[0] == "options", let name = deprecated[String(words[1])] else { continue }
            for word in words[2...] where word.hasPrefix(name + "=") {
                found.append(
                    DriverParameter(
                        driver: String(words[1]), name: name, value: String(word.dropFirst(name.count + 1)),
                        place: Place(path, line: index + 1)))
            }
        }
        return found
    }

    /// `ixgbe.max_vfs=4`
    private static func arguments(in text: String, path: String) -> [DriverParameter] {
        text.split { $0 == " " || $0 == "\n" }.compactMap { word in
            for (driver, name) in deprecated where word.hasPrefix("\(driver).\(name)=") {
                return DriverParameter(
                    driver: driver, name: name, value: String(word.dropFirst(driver.count + name.count + 2)),
                    place: Place(path))
            }
            return nil
        }
    }
}
