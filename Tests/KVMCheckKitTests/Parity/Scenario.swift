import Evidence
import Facts
import HostProbes
import Testing

/// One host of `scenarios.txt`, built in memory; `record-virt-host-validate` builds the same for real.
struct Scenario: Sendable {
    var name: String
    var drivers: [String] = []
    var machine = "x86_64"
    private var release = "6.1.0"
    private var user: UInt32 = 0
    private var files = MemorySource()
    private var mounts: [(source: String, point: String, type: String, options: String)] = []
    private var unified: (point: String, controllers: String, hasBPF: Bool)?

    /// All scenarios of a text, in its order.
    static func parse(_ text: String) throws -> [Scenario] {
        var scenarios: [Scenario] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard words[0] == "scenario" else {
                try scenarios[scenarios.count - 1].apply(words)
                continue
            }
            if words.count == 3 {
                var next = try #require(scenarios.first { "from \($0.name)" == words[2] }, "\(words[2])")
                next.name = words[1]
                scenarios.append(next)
            } else {
                scenarios.append(Scenario(name: words[1]))
            }
        }
        return scenarios
    }

    private mutating func apply(_ words: [String]) throws {
        let path = words[1]
        let rest = words.count == 3 ? words[2] : ""
        switch words[0] {
        case "machine": machine = path
        case "release": release = path
        case "drivers": drivers = [path] + rest.split(separator: " ").map(String.init)
        case "user": user = try #require(UInt32(path))
        case "file":
            files.remove(path)
            files.insert(.text(rest.replacing("\\n", with: "\n").replacing("\\t", with: "\t")), at: path)
        case "dir": files.insert(.directory(), at: path)
        case "char":
            let numbers = rest.split(separator: " ")
            files.insert(
                .special(
                    FileMetadata(
                        kind: .characterDevice, mode: try #require(UInt16(numbers[2], radix: 8)),
                        deviceMajor: try #require(UInt32(numbers[0])), deviceMinor: try #require(UInt32(numbers[1])))),
                at: path)
        case "namespace": files.insert(.link("\(path):[4026531839]"), at: "/proc/self/ns/\(path)")
        case "mount":
            let fields = rest.split(separator: " ").map(String.init)
            mounts.append((path, fields[0], fields[1], fields[2]))
            files.insert(.directory(), at: fields[0])
        case "unmount":
            mounts.removeAll { $0.point == path }
            files.remove(path)
            if unified?.point == path { unified = nil }
        case "cgroup2", "cgroup2-without-bpf": unified = (path, rest, words[0] == "cgroup2")
        case "remove": files.remove(path)
        default: Issue.record("\(name): \(words[0]) is not known")
        }
    }

    /// What kvmcheck learns of the host.
    var facts: HostFacts {
        var source = files
        source.insert(.text(machine + "\n"), at: "/proc/sys/kernel/arch")
        source.insert(.text(release + "\n"), at: "/proc/sys/kernel/osrelease")
        let lines = mounts.enumerated().map { number, mount in
            "\(number + 20) 1 0:\(number + 20) / \(mount.point) rw - \(mount.type) \(mount.source) \(mount.options)\n"
        }
        source.insert(.text(lines.joined()), at: "/proc/self/mountinfo")
        if let unified {
            source.insert(.text(unified.controllers + "\n"), at: unified.point + "/cgroup.controllers")
            source.insert(.text("\n"), at: unified.point + "/cgroup.subtree_control")
        }
        return HostProbes.facts(from: source, answers: answers(source))
    }

    /// What the kernel would answer, as far as it follows from the files and from who asks.
    private func answers(_ source: MemorySource) -> KernelAnswers {
        var answers = KernelAnswers()
        answers.process.user = .known(user)
        answers.process.groups = .known([user])
        answers.kvm = kvm(source)
        answers.devices.tun = device(source, "/dev/net/tun", DeviceAnswers.sample.tun)
        answers.devices.vhostNet = device(source, "/dev/vhost-net", DeviceAnswers.sample.vhostNet)
        answers.controlGroups.deviceQuery =
            switch unified {
            case nil: .absent()
            case _ where user != 0:
                .unknown(Obstacle(.permissionDenied, "BPF_PROG_QUERY", "EPERM, needs CAP_NET_ADMIN"))
            case (_, _, let hasBPF)?: .known(CallResult(errno: hasBPF ? nil : "EINVAL"))
            }
        return answers
    }

    private func device(_ source: MemorySource, _ path: String, _ answer: DeviceAnswer) -> DeviceAnswer {
        guard let node = try? source.metadata(path).get() else { return DeviceAnswer(errno: "ENOENT") }
        return account.mayReadAndWrite(node) ? answer : DeviceAnswer(errno: "EACCES")
    }

    private var account: Account { Account(name: "\(user)", user: user, groups: [user]) }

    private func kvm(_ source: MemorySource) -> KVMAnswers {
        var answers = KVMAnswers()
        guard let node = try? source.metadata("/dev/kvm").get() else {
            answers.open = .known(CallResult(errno: "ENOENT"))
            return answers
        }
        guard account.mayReadAndWrite(node) else {
            answers.open = .known(CallResult(errno: "EACCES"))
            return answers
        }
        guard node.deviceMajor == 10, node.deviceMinor == 232 else {
            answers.open = .known(CallResult())
            answers.apiVersionCall = .known(CallResult(errno: "ENOTTY"))
            return answers
        }
        return .sample
    }
}
