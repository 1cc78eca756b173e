import Evidence
import Facts
import Testing

@testable import Rules

struct DeviceRulesTests {
    private func verdict(
        _ rule: Rule<HostFacts>, _ change: (inout HostFacts) -> Void
    ) throws -> Decision {
        var host = HostFacts.sample
        change(&host)
        return try rule.decide(host)
    }

    @Test func `no file, a regular file, dev null, no driver and no permission are told apart`() throws {
        let missing = try verdict(DeviceRules.tunMissing) { $0.devices.tun.node = .absent() }
        let file = try verdict(DeviceRules.tunWrong) { $0.devices.tun.node = .known(FileMetadata(kind: .regular)) }
        let null = try verdict(DeviceRules.tunWrong) {
            $0.devices.tun.node = .known(FileMetadata(kind: .characterDevice, deviceMajor: 1, deviceMinor: 3))
        }
        let driverless = try verdict(DeviceRules.tunDriverless) {
            $0.devices.tun.answer = DeviceAnswer(errno: "ENODEV")
        }
        let deaf = try verdict(DeviceRules.tunDriverless) {
            $0.devices.tun.answer.call = .known(CallResult(errno: "ENOTTY"))
        }
        let refused = try verdict(DeviceRules.tunDriverless) { $0.devices.tun.answer = DeviceAnswer(errno: "EPERM") }
        let all = [missing, file, null, driverless, deaf, refused]
        #expect(all.allSatisfy { $0.verdict == .fail })
        #expect(Set(all.map(\.message)).count == all.count, "\(all.map(\.message))")
        #expect(null.message == "/dev/net/tun is character device 1:3, not 10:200")
        #expect(file.message == "/dev/net/tun is a regular file")
    }

    @Test(arguments: ["EACCES", "EPERM"])
    func `want of privilege is unknown to an ordinary user`(errno: String) throws {
        var host = HostFacts.sample
        host.kvm.invokingUser = .known(Account(name: "ann", user: 1000, groups: [1000]))
        host.devices.vhostNet.answer = DeviceAnswer(errno: errno)
        #expect(throws: Undecided.self) { try DeviceRules.vhostNetDriverless.decide(host) }
        // That it stands there, and is the right one, is seen without opening it.
        #expect(try DeviceRules.vhostNetMissing.decide(host).verdict == .pass)
        #expect(try DeviceRules.vhostNetWrong.decide(host).verdict == .pass)
    }

    @Test func `a node of vhost-scsi without its driver is nobody's`() throws {
        let decision = try verdict(DeviceRules.vhostSCSIUnusable) { $0.devices.vhostSCSI.minor = .absent() }
        #expect(decision.verdict == .fail)
        #expect(decision.message.contains("no driver's"))
    }

    @Test func `a kernel that loads no modules is not told to load one`() throws {
        let decision = try verdict(DeviceRules.vhostNetMissing) {
            $0.devices.vhostNet.node = .absent()
            $0.devices.loadsModules = .known(false)
        }
        #expect(decision.remedy?.commands == [])
        #expect(decision.remedy?.text.contains("vhost_net built in") == true)
    }

    @Test func `the mode of vhost-net does not matter, for libvirtd opens it as root`() throws {
        let decision = try verdict(DeviceRules.vhostNetWrong) {
            $0.devices.vhostNet.node = .known(
                FileMetadata(kind: .characterDevice, mode: 0o600, deviceMajor: 10, deviceMinor: 238))
        }
        #expect(decision.verdict == .pass)
    }

    @Test func `post-copy is possible by the switch, as root, or by the node`() throws {
        let rule = DeviceRules.postcopyBlocked
        #expect(try verdict(rule) { $0.devices.unprivilegedUserfaultfd = .known(false) }.verdict == .fail)
        #expect(
            try verdict(rule) {
                $0.devices.unprivilegedUserfaultfd = .known(false)
                $0.kvm.qemuUser = .known(Account(name: "root", user: 0, groups: [0]))
            }.verdict == .pass)
        #expect(
            try verdict(rule) {
                $0.devices.unprivilegedUserfaultfd = .known(false)
                $0.devices.userfaultfd = .known(FileMetadata(kind: .characterDevice, mode: 0o666))
            }.verdict == .pass)
        #expect(
            try verdict(rule) {
                $0.devices.unprivilegedUserfaultfd = .known(false)
                $0.kvm.qemuUser = .absent()
            }.verdict == .notApplicable)
    }
}
