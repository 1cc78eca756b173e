internal import Evidence
internal import Facts

/// The kernel that runs against those installed. KVH243, KVH244.
enum UpdateRules {
    static let area = "Updates"

    static let all: [Rule<HostFacts>] = [rebootPending, modulesGone]

    static let rebootPending = Rule<HostFacts>(
        RuleInfo(
            "KVH243", "reboot-pending", "the newest installed kernel runs", area: area, severity: .note,
            rationale: """
                Fixes of KVM and of the processor's flaws take effect with the reboot, and a reboot under guests is \
                better planned than met.
                """,
            sources: [
                Citation("Debian policy and update-notifier: /run/reboot-required", "Debian 12"),
                Citation("Mastering KVM Virtualization, chapter 12, \"Packstack\"", "2nd edition, 2020"),
            ],
            remedy: Remedy("move or stop the guests, then reboot")),
        violates: {
            $0.stack.installedKernels = .known(["6.1.0-37-amd64", "6.1.0-40-amd64"], from: .file("/lib/modules"))
        },
        decide: { host throws(Undecided) in
            if let packages = try host.stack.rebootRequired.get() {
                return .fail(
                    "a reboot is asked for", packages.isEmpty ? [] : ["by \(packages.joined(separator: ", "))"],
                    at: host.stack.rebootRequired.places)
            }
            let installed = try host.stack.installedKernels.get(whenAbsent: [])
            guard let running = try host.system.kernelRelease.get(), installed.contains(running) else {
                return .notApplicable("the running kernel is not one of those installed here")
            }
            let newer = installed.filter { KernelRelease.isNewer($0, than: running) }
            guard let newest = newer.max(by: { KernelRelease.isNewer($1, than: $0) }) else {
                return .pass(nil, running)
            }
            return .fail("Linux \(newest) is installed, \(running) runs", at: [Place("/lib/modules/\(newest)")])
        })

    static let modulesGone = Rule<HostFacts>(
        RuleInfo(
            "KVH244", "kernel-modules-gone", "the running kernel's modules are on the host", area: area,
            severity: .warning,
            rationale: """
                After an update that removes the running kernel, nothing more can be loaded until the reboot: not \
                kvm, not tun, not vhost_net.
                """,
            sources: [Citation("modprobe(8): /lib/modules/`uname -r`", "kmod 30")],
            remedy: Remedy("reboot into the installed kernel"),
            explains: ["modprobe: FATAL: Module kvm not found in directory /lib/modules/"]),
        violates: { $0.stack.runningKernelHasModules = .known(false, from: .file("/lib/modules/6.1.0-37-amd64")) },
        decide: { host throws(Undecided) in
            guard let isThere = try host.stack.runningKernelHasModules.get() else {
                return .notApplicable("the running kernel has loaded no modules")
            }
            if isThere { return .pass() }
            return .fail(
                "the modules of the running kernel are gone", at: host.stack.runningKernelHasModules.places)
        })
}

/// The order of kernel releases such as `6.1.0-37-amd64` and `5.14.0-427.el9.x86_64`.
enum KernelRelease {
    private enum Part: Equatable {
        case number(Int)
        case word(Substring)
    }

    /// Whether one is a newer build of the same flavour: the words in both are the same, and the first number that
    /// differs is greater. Releases of different flavours have no order.
    static func isNewer(_ release: String, than other: String) -> Bool {
        let left = parts(release)
        let right = parts(other)
        guard left.count == right.count else { return false }
        var isNewer: Bool?
        for (one, two) in zip(left, right) {
            switch (one, two) {
            case (.number(let one), .number(let two)):
                if one != two, isNewer == nil { isNewer = one > two }
            case (.word(let one), .word(let two)):
                if one != two { return false }
            default: return false
            }
        }
        return isNewer ?? false
    }

    private static func parts(_ release: String) -> [Part] {
        var parts: [Part] = []
        var rest = release[...]
        while let first = rest.first {
            if first.isASCII, first.isNumber {
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                parts.append(Int(digits).map(Part.number) ?? .word(digits))
                rest = rest.dropFirst(digits.count)
            } else if first.isLetter {
                let letters = rest.prefix(while: \.isLetter)
                parts.append(.word(letters))
                rest = rest.dropFirst(letters.count)
            } else {
                rest = rest.dropFirst()
            }
        }
        return parts
    }
}
