import Evidence
import Facts
import Testing

@testable import Rules

struct ControlGroupRuleTests {
    private func findings(_ change: (inout HostFacts) -> Void) -> [String: Finding] {
        var host = HostFacts.sample
        change(&host)
        let found = Engine.evaluate(ControlGroupRules.all + ContainerRules.all, on: host)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.rule.id, $0) })
    }

    @Test func `without privilege the devices controller is unknown and says why`() {
        let obstacle = Obstacle(.permissionDenied, "BPF_PROG_QUERY on /sys/fs/cgroup", "EPERM, needs CAP_NET_ADMIN")
        let found = findings { $0.controlGroups.answers.deviceQuery = .unknown(obstacle) }
        for id in ["KVH105", "KVH292"] {
            #expect(found[id]?.verdict == .unknown)
            #expect(found[id]?.obstacle == obstacle)
            #expect(found[id]?.remedy == nil, "nothing to enable in Kconfig")
        }
        #expect(found["KVH101"]?.verdict == .pass)
    }

    @Test func `a kernel that refuses the query for another reason has no devices controller`() {
        let found = findings { $0.controlGroups.answers.deviceQuery = .known(CallResult(errno: "EINVAL")) }
        #expect(found["KVH105"]?.verdict == .fail)
        #expect(found["KVH105"]?.remedy?.text.contains("CONFIG_CGROUP_BPF") == true)
    }

    @Test func `on version 2 the freezer comes with Linux 5_2`() {
        #expect(findings { _ in }["KVH293"]?.verdict == .pass)
        for release in ["5.1.21", "4.18.0-553.el8.x86_64"] {
            let found = findings { $0.system.kernelRelease = .known(release) }
            #expect(found["KVH293"]?.verdict == .fail)
        }
        #expect(findings { $0.system.kernelRelease = .known("next") }["KVH293"]?.verdict == .unknown)
        #expect(findings { $0.system.kernelRelease = .known("next") }["KVH280"]?.verdict == .unknown)
    }

    @Test func `version 2 without controllers does not stand in for version 1`() {
        let found = findings {
            $0.controlGroups.mounts = .known(
                ControlGroupMounts(legacy: ["cpu": "/c/cpu", "memory": "/c/memory"], unified: "/c/unified"))
            $0.controlGroups.controllers = .known([])
        }
        #expect(found["KVH101"]?.verdict == .pass)
        for id in ["KVH102", "KVH103", "KVH105", "KVH106", "KVH293"] { #expect(found[id]?.verdict == .fail, "\(id)") }
    }

    @Test func `what cgroup_disable took away is told from what is not mounted`() {
        let found = findings {
            $0.controlGroups.mounts = .known(ControlGroupMounts(legacy: ["cpu": "/c/cpu"]))
            $0.controlGroups.controllers = .absent()
            $0.controlGroups.kernelControllers = .known([
                KernelController(name: "memory", isEnabled: false), KernelController(name: "blkio", isEnabled: true),
            ])
        }
        #expect(found["KVH104"]?.remedy?.text.contains("cgroup_disable=memory") == true)
        #expect(found["KVH106"]?.evidence.contains { $0.contains("not to be had here") } == true)
        #expect(found["KVH103"]?.evidence.contains { $0.contains("does not list cpuset") } == true)
    }

    @Test func `a container is sent to its manager for what the kernel has`() {
        let found = findings {
            $0.controlGroups.controllers = .known(["cpu", "memory", "pids"])
            $0.controlGroups.isPartOfHierarchy = .known(true)
        }
        #expect(found["KVH106"]?.verdict == .fail)
        #expect(found["KVH106"]?.remedy?.text == "this is a container: have its manager hand io down to it")
        #expect(found["KVH104"]?.verdict == .pass)
    }

    @Test func `without control groups there is one finding for each driver and no more`() {
        let found = findings { $0.controlGroups.mounts = .known(ControlGroupMounts()) }
        #expect(found.values.filter { $0.verdict == .fail }.map(\.rule.id).sorted() == ["KVH100", "KVH287"])
        #expect(found["KVH100"]?.severity == .warning)
        #expect(found["KVH287"]?.severity == .error)
    }

    @Test func `an empty machine slice is no fault, one with machines that lack a controller is`() {
        let slice = MachineSlice(path: "/sys/fs/cgroup/machine.slice", enabledBelow: ["memory"], scopes: 0)
        #expect(findings { $0.controlGroups.machineSlice = .known(slice) }["KVH107"]?.verdict == .pass)
        var busy = slice
        busy.scopes = 3
        let finding = findings { $0.controlGroups.machineSlice = .known(busy) }["KVH107"]
        #expect(finding?.verdict == .fail)
        #expect(finding?.message == "machines do not get cpu, cpuset, io")
    }

    @Test func `where machine slice does not exist yet the root hands down on demand, a container's group does not`() {
        func change(_ host: inout HostFacts) {
            host.controlGroups.machineSlice = .absent()
            host.controlGroups.enabledBelow = .known(["memory"])
        }
        #expect(findings(change)["KVH107"]?.verdict == .pass)
        let inContainer = findings {
            change(&$0)
            $0.controlGroups.isPartOfHierarchy = .known(true)
        }
        #expect(inContainer["KVH107"]?.verdict == .fail)
    }

    @Test func `hierarchies of version 1 count as delegated`() {
        let names = ["cpu", "cpuset", "memory", "blkio"]
        let found = findings {
            $0.controlGroups.mounts = .known(
                ControlGroupMounts(
                    legacy: Dictionary(uniqueKeysWithValues: names.map { ($0, "/c/\($0)") }), unified: "/c/unified"))
            $0.controlGroups.machineSlice = .absent()
            $0.controlGroups.enabledBelow = .known([])
        }
        #expect(found["KVH107"]?.verdict == .pass)
    }

    @Test func `every driver selects rules of the catalogue`() {
        let ids = HostCatalogue.all.map(\.info.id)
        func selected(_ driver: Driver) -> [String] {
            ids.filter { id in driver.selects.contains { id.hasPrefix($0) } }
        }
        #expect(selected(.qemu).isEmpty)
        #expect(selected(.lxc) == ContainerRules.all.map(\.info.id))
        #expect(selected(.ch).contains("KVH013") && !selected(.ch).contains("KVH005"))
    }
}
