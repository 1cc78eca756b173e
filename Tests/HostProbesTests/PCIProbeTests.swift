@_spi(Probing) import Evidence
import Facts
import Foundation
import LinuxIO
import Testing

@testable import HostProbes

struct PCIProbeTests {
    // MARK: - A fake server, laid out as Documentation/ABI/testing/sysfs-bus-pci and drivers/pci/iov.c lay it out

    /// An X540 with two functions of four enabled behind a root port, an NVMe disk that came up with two lanes of four,
    /// and a bridge.
    static func server() -> MemorySource {
        var source = MemorySource()
        let port = "/sys/devices/pci0000:00/0000:00:03.0"
        source.device(port, class: "60400", ids: "8086:3C08", driver: "pcieport", width: (8, 16), speed: ("5.0", "8.0"))
        let card = "\(port)/0000:04:00.0"
        source.device(card, class: "20000", ids: "8086:1528", driver: "ixgbe", width: (8, 8), speed: ("5.0", "5.0"))
        source.insert(.text("63\n"), at: card + "/sriov_totalvfs")
        source.insert(.text("2\n"), at: card + "/sriov_numvfs")
        source.insert(.text("1\n"), at: card + "/sriov_drivers_autoprobe")
        source.insert(.link("../../../../kernel/iommu_groups/32"), at: card + "/iommu_group")
        for number in 0...1 {
            let address = "0000:04:10.\(number * 2)"
            let function = "\(port)/\(address)"
            source.device(function, class: "20000", ids: "8086:1515", driver: number == 0 ? "ixgbevf" : nil)
            source.insert(.link("../../../../kernel/iommu_groups/\(60 + number)"), at: function + "/iommu_group")
            source.insert(.link("../0000:04:00.0"), at: function + "/physfn")
            source.insert(.link("../\(address)"), at: card + "/virtfn\(number)")
        }
        let slot = "/sys/devices/pci0000:00/0000:00:1d.0"
        source.device(slot, class: "60400", ids: "8086:A330", driver: "pcieport", width: (2, 4), speed: ("8.0", "8.0"))
        let disk = slot + "/0000:65:00.0"
        source.device(
            disk, class: "10802", ids: "144D:A80A", driver: "nvme", node: 1, width: (2, 4), speed: ("8.0", "16.0"))
        source.insert(
            .link("../devices/pci0000:00/0000:00:1d.0/0000:65:00.0/nvme/nvme0/nvme0n1"), at: "/sys/block/nvme0n1")
        source.insert(.link("../devices/virtual/block/loop0"), at: "/sys/block/loop0")
        source.insert(.text("0-1\n"), at: "/sys/devices/system/node/online")
        source.insert(.text("0\n"), at: "/sys/devices/system/node/has_memory")
        source.insert(.text("0-1\n"), at: "/sys/devices/system/node/has_cpu")
        source.insert(.text("quiet\n"), at: "/proc/cmdline")
        return source
    }

    private func facts(_ source: MemorySource) -> PCIFacts { PCIProbe.facts(from: source, answers: KernelAnswers()) }

    @Test func `of a server the card and the disk are kept, bridges and virtual functions are not`() throws {
        let devices = try #require(facts(Self.server()).devices.known)
        #expect(devices.map(\.address) == ["0000:04:00.0", "0000:65:00.0"])
        #expect(devices.map(\.kind) == [.network, .storage])
        #expect(devices.map(\.driver) == ["ixgbe", "nvme"])
        #expect(devices[0].modalias == "pci:v00008086d00001528sv00000000sd00000000bc02sc00i00")
    }

    @Test func `a physical function has its virtual functions with their drivers and groups`() throws {
        let card = try #require(facts(Self.server()).devices.known?.first)
        let sriov = try #require(card.sriov.known)
        #expect(sriov.total == 63)
        #expect(sriov.enabled.known == 2)
        #expect(sriov.autoprobe.known == true)
        let functions = try #require(sriov.functions.known)
        #expect(functions.map(\.number) == [0, 1])
        #expect(functions.map(\.address) == ["0000:04:10.0", "0000:04:10.2"])
        #expect(functions[0].driver.known == "ixgbevf")
        #expect(functions[1].driver.isAbsent)
        #expect(functions.map { $0.group.known } == [60, 61])
        #expect(sriov.functionModalias.known?.contains("d00001515") == true)
        #expect(card.group.known == 32)
        #expect(card.node.isAbsent, "-1 is the kernel's word for unknown")
    }

    @Test func `a link below what the device can do is told together with what its port could do`() throws {
        let devices = try #require(facts(Self.server()).devices.known)
        #expect(devices[0].link.known == PCILink(width: 8, maximumWidth: 8, speed: 5000, maximumSpeed: 5000))
        #expect(devices[0].port.obstacle?.kind == .notProbed)
        #expect(devices[1].link.known == PCILink(width: 2, maximumWidth: 4, speed: 8000, maximumSpeed: 16000))
        #expect(devices[1].port.known == PCILink(width: 2, maximumWidth: 4, speed: 8000, maximumSpeed: 8000))
        #expect(devices[1].node.known == 1)
    }

    @Test func `disks lead to their controllers, and those of software to none`() {
        #expect(facts(Self.server()).disks.known == ["nvme0n1": "0000:65:00.0"])
    }

    @Test func `only physical and virtual functions and faulty devices are worth a name`() {
        #expect(
            facts(Self.server()).modaliasesToName == [
                "pci:v00008086d00001528sv00000000sd00000000bc02sc00i00",
                "pci:v00008086d00001515sv00000000sd00000000bc02sc00i00",
                "pci:v0000144Dd0000A80Asv00000000sd00000000bc01sc08i02",
            ])
    }

    @Test(arguments: [
        ("2.5 GT/s PCIe", 2500), ("8 GT/s", 8000), ("32.0 GT/s PCIe", 32000), ("64.0 GT/s PCIe", 64000),
        ("Unknown", 0), ("Unknown speed", 0),
    ]) func `speeds are read as every kernel writes them`(text: String, megatransfers: Int) {
        var source = Self.server()
        source.insert(.text(text + "\n"), at: "/sys/devices/pci0000:00/0000:00:03.0/0000:04:00.0/max_link_speed")
        #expect(facts(source).devices.known?.first?.link.known?.maximumSpeed == megatransfers)
    }

    // MARK: - Hostile trees

    @Test(arguments: ["", "fast", "8.0", "-8.0 GT/s", "8.00 GT/s", "99999999999999999999 GT/s", "8.x GT/s", ". GT/s"])
    func `a speed that is none is unknown`(text: String) {
        var source = Self.server()
        source.insert(.text(text), at: "/sys/devices/pci0000:00/0000:00:03.0/0000:04:00.0/max_link_speed")
        #expect(facts(source).devices.known?.first?.link.obstacle?.kind == .malformed)
    }

    @Test(arguments: ["DRIVER=ixgbe", "PCI_CLASS=zz\nMODALIAS=pci:x", "PCI_CLASS=20000000000\nMODALIAS=pci:x", ""])
    func `a device that does not say what it is makes the list unknown, not shorter`(uevent: String) {
        var source = Self.server()
        source.insert(.text(uevent), at: "/sys/devices/pci0000:00/0000:00:1d.0/0000:65:00.0/uevent")
        #expect(facts(source).devices.obstacle?.kind == .malformed)
    }

    @Test func `a FIFO in the place of sriov_totalvfs is unknown`() {
        var source = Self.server()
        source.insert(
            .special(FileMetadata(kind: .fifo)), at: "/sys/devices/pci0000:00/0000:00:03.0/0000:04:00.0/sriov_totalvfs")
        #expect(facts(source).devices.known?.first?.sriov.obstacle?.kind == .notRegularFile)
    }

    @Test func `virtual functions that cannot be listed are unknown`() {
        var source = Self.server()
        source.insert(
            .obstacle(Obstacle(.permissionDenied, "virtfn0")),
            at: "/sys/devices/pci0000:00/0000:00:03.0/0000:04:00.0/virtfn0")
        #expect(facts(source).devices.known?.first?.sriov.known?.functions.obstacle?.kind == .permissionDenied)
    }

    @Test func `a machine without PCI has no devices, and a capture without it says nothing`() {
        #expect(facts(MemorySource()).devices.isAbsent)
        #expect(facts(MemorySource(absence: .unproven)).devices.obstacle?.kind == .notCaptured)
    }

    @Test(arguments: [("0", [0]), ("0-1", [0, 1]), ("0,2-3", [0, 2, 3]), ("", [])] as [(String, [Int])])
    func `lists of nodes are read as the kernel writes them`(text: String, nodes: [Int]) {
        #expect(facts(MemorySource(["/sys/devices/system/node/online": .text(text)])).nodes.known == nodes)
    }

    @Test(arguments: ["0-", "3-1", "a", "0-99999999999", "1-2-3", "-1"])
    func `a list of nodes that is none is unknown`(text: String) {
        let facts = facts(MemorySource(["/sys/devices/system/node/online": .text(text)]))
        #expect(facts.nodes.obstacle?.kind == .malformed)
    }

    // MARK: - Module parameters

    @Test func `deprecated parameters are found with file and line`() throws {
        var source = Self.server()
        source.insert(
            .text("# cards\noptions  ixgbe\tmax_vfs=4,4 allow_unsupported_sfp=1\noptions kvm nested=1\n"),
            at: "/etc/modprobe.d/ixgbe.conf")
        source.insert(.text("options igb max_vfs=7\n"), at: "/etc/modprobe.d/igb.conf.bak")
        source.insert(.text("quiet igb.max_vfs=2 intel_iommu=on\n"), at: "/proc/cmdline")
        #expect(
            facts(source).deprecatedParameters.known == [
                DriverParameter(
                    driver: "ixgbe", name: "max_vfs", value: "4,4", place: Place("/etc/modprobe.d/ixgbe.conf", line: 2)),
                DriverParameter(driver: "igb", name: "max_vfs", value: "2", place: Place("/proc/cmdline")),
            ])
    }

    @Test func `a configuration that may not be read is unknown`() {
        var source = Self.server()
        source.insert(
            .obstacle(Obstacle(.permissionDenied, "/etc/modprobe.d/x.conf")), at: "/etc/modprobe.d/x.conf")
        #expect(facts(source).deprecatedParameters.obstacle?.kind == .permissionDenied)
    }

    // MARK: - The real thing

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/sys/bus/pci/devices")))
    func `on this machine every network and storage controller is found`() throws {
        let root = "/sys/bus/pci/devices"
        let expected = try FileManager.default.contentsOfDirectory(atPath: root).filter { address in
            let text = try String(contentsOfFile: "\(root)/\(address)/class", encoding: .utf8)
            let isFunction = FileManager.default.fileExists(atPath: "\(root)/\(address)/physfn")
            return (text.hasPrefix("0x01") || text.hasPrefix("0x02")) && !isFunction
        }
        let devices = try #require(PCIProbe.facts(from: TreeSource.live, answers: KernelAnswers()).devices.known)
        let found = devices.filter { $0.kind == .network || $0.kind == .storage }.map(\.address)
        #expect(Set(expected).isSubset(of: found))
    }
}

extension MemorySource {
    /// One function as sysfs shows it; `0000:00:00.0` is the last component of its directory.
    fileprivate mutating func device(
        _ path: String, class code: String, ids: String, driver: String?, node: Int = -1, width: (Int, Int)? = nil,
        speed: (String, String)? = nil
    ) {
        let address = path.split(separator: "/").last.map(String.init) ?? ""
        let parts = ids.split(separator: ":")
        let full = String(repeating: "0", count: 6 - code.count) + code
        let bytes = stride(from: 0, to: 6, by: 2).map { String(Array(full)[$0...($0 + 1)]) }
        var lines = driver.map { ["DRIVER=\($0)"] } ?? []
        lines += ["PCI_CLASS=\(code)", "PCI_ID=\(ids)", "PCI_SLOT_NAME=\(address)"]
        let modalias =
            "pci:v0000\(parts[0])d0000\(parts[1])sv00000000sd00000000bc\(bytes[0])sc\(bytes[1])i\(bytes[2])"
        lines.append("MODALIAS=\(modalias)")
        insert(.text(lines.joined(separator: "\n") + "\n"), at: path + "/uevent")
        insert(.text(modalias + "\n"), at: path + "/modalias")
        insert(.text("\(node)\n"), at: path + "/numa_node")
        if let driver { insert(.link("../../../../bus/pci/drivers/\(driver)"), at: path + "/driver") }
        if let width, let speed {
            insert(.text("\(width.0)\n"), at: path + "/current_link_width")
            insert(.text("\(width.1)\n"), at: path + "/max_link_width")
            insert(.text("\(speed.0) GT/s PCIe\n"), at: path + "/current_link_speed")
            insert(.text("\(speed.1) GT/s PCIe\n"), at: path + "/max_link_speed")
        }
        insert(.link("../../.." + path.dropFirst("/sys".count)), at: "/sys/bus/pci/devices/\(address)")
    }
}
