internal import Evidence
internal import Facts

/// A device node that guests use, and the rules that every such node gets: is it there, is it the one, does it open.
struct GuestNode: Sendable {
    let path: String
    let device: any WritableKeyPath<HostFacts, GuestDevice> & Sendable
    let module: String
    let request: String
    /// The commands that make the node.
    let remake: [String]

    private var place: [Place] { [Place(path)] }

    /// Fails where nothing stands at the path.
    func missing(_ info: RuleInfo) -> Rule<HostFacts> {
        Rule<HostFacts>(
            info, violates: violation { $0.node = .absent(from: .file(path)) },
            decide: { host throws(Undecided) in
                if try host[keyPath: device].node.isPresent() { return .pass() }
                return .fail("\(path) is missing", noModules(host), at: place, remedy: remedy(host, info))
            })
    }

    /// Fails where something else stands there.
    func wrong(_ info: RuleInfo) -> Rule<HostFacts> {
        Rule<HostFacts>(
            info, violates: violation { $0.node = .known(FileMetadata(kind: .regular), from: .file(path)) },
            decide: { host throws(Undecided) in
                guard let fault = try mismatch(host) else { return .pass() }
                return .fail(fault, at: place, remedy: Remedy("make the node anew", commands: remake))
            })
    }

    /// Fails where the node does not open.
    func driverless(_ info: RuleInfo) -> Rule<HostFacts> {
        Rule<HostFacts>(
            info, violates: violation { $0.answer = DeviceAnswer(errno: "ENODEV") },
            decide: { host throws(Undecided) in
                guard let fault = try refusal(host) else { return .pass("\(path) opens and answers", try shown(host)) }
                return .fail(fault.message, fault.evidence + noModules(host), at: place, remedy: remedy(host, info))
            })
    }

    /// All three in one, for devices that few guests need.
    func unusable(_ info: RuleInfo) -> Rule<HostFacts> {
        Rule<HostFacts>(
            info, violates: violation { $0.node = .absent(from: .file(path)) },
            decide: { host throws(Undecided) in
                guard try host[keyPath: device].node.isPresent() else {
                    return .fail("\(path) is missing", noModules(host), at: place, remedy: remedy(host, info))
                }
                if let fault = try mismatch(host) {
                    return .fail(fault, at: place, remedy: Remedy("make the node anew", commands: remake))
                }
                if let fault = try refusal(host) {
                    return .fail(fault.message, fault.evidence + noModules(host), at: place, remedy: remedy(host, info))
                }
                return .pass(nil, try shown(host))
            })
    }

    // MARK: - What is wrong

    private func mismatch(_ host: HostFacts) throws(Undecided) -> String? {
        guard let node = try host[keyPath: device].node.get() else { return nil }
        guard node.kind == .characterDevice else { return "\(path) is \(node.kind.phrase)" }
        let number = "\(node.deviceMajor):\(node.deviceMinor)"
        guard let minor = try host[keyPath: device].minor.get() else {
            // The number is given out when the driver registers, so without the driver none is right.
            return "\(path) is character device \(number), which is no driver's"
        }
        guard node.deviceMajor == 10, node.deviceMinor == minor else {
            return "\(path) is character device \(number), not 10:\(minor)"
        }
        return nil
    }

    private func refusal(_ host: HostFacts) throws(Undecided) -> (message: String, evidence: [String])? {
        let answer = host[keyPath: device].answer
        guard let open = try answer.open.get() else { return nil }
        switch open.errno {
        case nil:
            guard let errno = try answer.call.get()?.errno else { return nil }
            return ("the device at \(path) does not answer \(request)", [errno])
        case "ENODEV", "ENXIO":
            return ("\(path) has no driver behind it", ["open: \(open.errno ?? "")"])
        case "EACCES", "EPERM":
            // Only root is told something about the device by this: a container's device filter.
            guard try host.kvm.invokingUser.get()?.user == 0 else {
                throw Undecided(Obstacle(.permissionDenied, "open \(path)", open.errno ?? ""))
            }
            return ("\(path) is refused even to root", ["open: \(open.errno ?? ""): a container's device filter"])
        case let errno?:
            return ("\(path) cannot be opened", ["open: \(errno)"])
        }
    }

    private func shown(_ host: HostFacts) throws(Undecided) -> String {
        let features = try host[keyPath: device].answer.features.get() ?? 0
        return "\(request): 0x\(String(features, radix: 16))"
    }

    // MARK: - What to do

    private func noModules(_ host: HostFacts) -> [String] {
        (try? host.devices.loadsModules.get()) == false ? ["this kernel cannot load modules"] : []
    }

    private func remedy(_ host: HostFacts, _ info: RuleInfo) -> Remedy {
        (try? host.devices.loadsModules.get()) == false
            ? Remedy("boot a kernel with \(module) built in, or one that can load modules") : info.remedy
    }

    private func violation(_ change: @escaping @Sendable (inout GuestDevice) -> Void)
        -> @Sendable (inout HostFacts) -> Void
    {
        { host in change(&host[keyPath: device]) }
    }
}
