@_spi(Probing) internal import Evidence
internal import Facts

/// The QEMU processes of running domains, looked at through `/proc`.
struct QEMUProcesses {
    /// Whether the processes of a libvirt can be looked at here.
    enum Access {
        case none
        case impossible(Obstacle)
        case here(QEMUProcesses)

        /// The process of a domain; absent where it does not run.
        func process(
            name: String, uuid: Observation<String>, isActive: Observation<Bool>
        ) -> Observation<QEMUProcessFacts> {
            switch self {
            case .none: .notProbed
            case .impossible(let obstacle): isActive.whenTrue { .unknown(obstacle) }
            case .here(let processes): isActive.whenTrue { processes.process(name: name, uuid: uuid.known) }
            }
        }
    }

    /// The files of the machine.
    let source: any Source
    /// Where libvirt keeps `NAME.pid`: `/run/libvirt/qemu`, or `libvirt/qemu/run` in a user's run-time folder.
    let directory: String

    /// The process that runs a domain, as its command line says; unknown where none can be seen.
    func process(name: String, uuid: String?) -> Observation<QEMUProcessFacts> {
        let file = source.text("\(directory)/\(name).pid", limit: 64).parsed(as: "a process number") { Int($0) }
        if let pid = file.known, let arguments = arguments(of: pid).known, arguments.run(name: name, uuid: uuid) {
            return .known(facts(of: pid, arguments), from: file.provenance)
        }
        // The file may be root's own, or be left over from another run: then the command lines tell.
        let processes = source.entries("/proc")
        for pid in (processes.known ?? []).compactMap({ Int($0) }) {
            if let arguments = arguments(of: pid).known, arguments.run(name: name, uuid: uuid) {
                return .known(facts(of: pid, arguments), from: .file("/proc/\(pid)/cmdline"))
            }
        }
        let obstacle =
            file.obstacle ?? processes.obstacle
            ?? Obstacle(.unresolvable, "/proc", "no process with the command line of \(name) can be seen")
        return .unknown(obstacle, from: .file("/proc"))
    }

    private func arguments(of pid: Int) -> Observation<QEMUArguments> {
        source.read("/proc/\(pid)/cmdline", limit: 1 << 20).parsed(as: "QEMU's arguments") { QEMUArguments($0) }
    }

    private func facts(of pid: Int, _ arguments: QEMUArguments) -> QEMUProcessFacts {
        var facts = QEMUProcessFacts(pid: pid)
        let line = Provenance.file("/proc/\(pid)/cmdline")
        facts.accelerators =
            arguments.accelerators.isEmpty ? .absent(from: line) : .known(arguments.accelerators, from: line)
        facts.cpuModel = arguments.cpu.map { .known($0, from: line) } ?? .absent(from: line)
        facts.machine = arguments.machine.map { .known($0, from: line) } ?? .absent(from: line)
        let open = descriptors(of: pid)
        facts.virtualMachines = open.map { links in links.count { $0 == "anon_inode:kvm-vm" } }
        facts.virtualCPUs = open.map { links in
            links.compactMap { link in
                link.hasPrefix("anon_inode:kvm-vcpu:") ? Int(link.dropFirst("anon_inode:kvm-vcpu:".count)) : nil
            }.sorted()
        }
        facts.vhostDevices = open.map { links in links.filter { $0.hasPrefix("/dev/vhost-") }.sorted() }
        let status = source.text("/proc/\(pid)/status")
        facts.swapped = status.flatMap { Self.size("VmSwap", in: $0, from: status.provenance) }
        facts.hugePages = status.flatMap { Self.size("HugetlbPages", in: $0, from: status.provenance) }
        facts.resident = status.flatMap { Self.size("VmRSS", in: $0, from: status.provenance) }
        return facts
    }

    /// What each open descriptor is a link to.
    private func descriptors(of pid: Int) -> Observation<[String]> {
        let directory = "/proc/\(pid)/fd"
        return source.entries(directory).flatMap { names in
            var links: [String] = []
            for name in names {
                let link = source.link("\(directory)/\(name)")
                // A descriptor that was closed meanwhile is absent; one that cannot be read leaves the count unknown.
                if let obstacle = link.obstacle { return .unknown(obstacle, from: .file(directory)) }
                if let target = link.known { links.append(target) }
            }
            return .known(links, from: .file(directory))
        }
    }

    /// A field of `/proc/PID/status`, which counts in kB.
    private static func size(_ field: String, in status: String, from provenance: Provenance) -> Observation<UInt64> {
        for line in status.lines where line.hasPrefix("\(field):") {
            let words = line.words
            guard words.count == 3, words[2] == "kB", let size = UInt64(words[1]), size < UInt64.max / 1024 else {
                return .unknown(
                    Obstacle(.malformed, provenance.place?.description ?? "", "not a size in kB"), from: provenance)
            }
            return .known(size * 1024, from: provenance)
        }
        return .absent(from: provenance)
    }
}

extension LibvirtConnection {
    /// How the QEMU processes of this libvirt can be looked at.
    func processes(driver: Observation<String>, host: (any Source)?) -> QEMUProcesses.Access {
        guard let host else { return .none }
        guard uri.isLocal else {
            return .impossible(Obstacle(.unsupported, "/proc", "the daemon is on another machine"))
        }
        guard driver.known == "QEMU" else {
            return .impossible(Obstacle(.unsupported, "/proc", "\(driver.known ?? "this driver") runs no QEMU process"))
        }
        return .here(QEMUProcesses(source: host, directory: "/run/libvirt/qemu"))
    }
}
