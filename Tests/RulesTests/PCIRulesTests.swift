import Evidence
import Facts
import Testing

@testable import Rules

/// What the examples in the rules themselves leave open.
struct PCIRulesTests {
    private func verdict(_ id: String, _ change: (inout HostFacts) -> Void = { _ in }) throws -> Finding {
        var host = HostFacts.sample
        change(&host)
        let rule = try #require(HostCatalogue.all.first { $0.info.id == id })
        return try #require(Engine.evaluate([rule], on: host).first)
    }

    private func device(_ address: String, _ classCode: UInt32, _ change: (inout PCIDevice) -> Void = { _ in })
        -> PCIDevice
    {
        var device = PCIDevice(address: address, classCode: classCode, modalias: "pci:x", driver: "x")
        device.node = .known(0)
        device.group = .known(1)
        device.link = .absent()
        device.sriov = .absent()
        change(&device)
        return device
    }

    @Test func `a graphics processor that idles at a low speed is not at fault`() throws {
        let link = PCILink(width: 16, maximumWidth: 16, speed: 2500, maximumSpeed: 16000)
        let finding = try verdict("KVH081") {
            $0.pci.devices = .known([device("0000:01:00.0", 0x030000) { $0.link = .known(link) }])
        }
        #expect(finding.verdict == .pass)
    }

    @Test func `a link that is down, and one that the kernel does not know, are not at fault`() throws {
        let links = [
            PCILink(width: 0, maximumWidth: 8, speed: 2500, maximumSpeed: 8000),
            PCILink(width: 4, maximumWidth: 255, speed: 0, maximumSpeed: 8000),
        ]
        for id in ["KVH080", "KVH081"] {
            for link in links {
                let finding = try verdict(id) {
                    $0.pci.devices = .known([device("0000:01:00.0", 0x020000) { $0.link = .known(link) }])
                }
                #expect(finding.verdict != .fail, "\(id) \(link)")
            }
        }
    }

    @Test func `a narrow link says whether the slot is the reason`() throws {
        let link = PCILink(width: 4, maximumWidth: 8, speed: 8000, maximumSpeed: 8000)
        for (width, phrase) in [(4, "the slot has x4"), (16, "although the slot can do it")] {
            let finding = try verdict("KVH080") {
                $0.pci.devices = .known([
                    device("0000:01:00.0", 0x020000) {
                        $0.link = .known(link)
                        $0.port = .known(PCILink(width: 4, maximumWidth: width, speed: 8000, maximumSpeed: 8000))
                    }
                ])
            }
            #expect(finding.evidence == ["0000:01:00.0: x4 of x8, \(phrase)"])
        }
    }

    @Test func `a device is named by its interfaces, disks and udev's name`() throws {
        let finding = try verdict("KVH080") {
            $0.pci.devices = .known([
                device("0000:b1:00.0", 0x020000) {
                    $0.link = .known(PCILink(width: 4, maximumWidth: 8, speed: 8000, maximumSpeed: 8000))
                    $0.name = .known(DeviceName(vendor: "Intel Corporation", model: "E810"))
                }
            ])
        }
        #expect(finding.evidence == ["0000:b1:00.0 (ens1f0np0, Intel Corporation E810): x4 of x8"])
    }

    @Test func `on one node nobody asks which`() throws {
        for id in ["KVH082", "KVH083"] {
            let finding = try verdict(id) {
                $0.pci.nodes = .known([0])
                $0.pci.devices = .known([device("0000:01:00.0", 0x020000) { $0.node = .absent() }])
            }
            #expect(finding.verdict == .notApplicable)
        }
    }

    @Test func `a host without SR-IOV has no question about it`() throws {
        for number in 71...77 {
            let finding = try verdict("KVH0\(number)") { $0.pci.devices = .known([device("0000:01:00.0", 0x020000)]) }
            #expect(finding.verdict == .notApplicable, "KVH0\(number)")
        }
    }

    @Test func `what cannot be read of one device leaves the question open`() throws {
        let denied = Obstacle(.permissionDenied, "x")
        for id in ["KVH070", "KVH071", "KVH072", "KVH073", "KVH074", "KVH075", "KVH076", "KVH077"] {
            let finding = try verdict(id) {
                $0.pci.devices = .known([device("0000:01:00.0", 0x020000) { $0.sriov = .unknown(denied) }])
            }
            #expect(finding.verdict == .unknown, "\(id)")
        }
    }

    @Test func `functions are asked for by number, four at most, with the device's own path`() throws {
        let finding = try verdict("KVH072") {
            var sriov = SRIOV(total: 2)
            sriov.enabled = .known(0)
            $0.pci.devices = .known([device("0000:01:00.0", 0x020000) { $0.sriov = .known(sriov) }])
        }
        #expect(finding.remedy?.commands == ["echo 2 > /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs"])
    }

    @Test func `functions without a driver are right where the host is told to leave them`() throws {
        var sriov = SRIOV(total: 2)
        sriov.enabled = .known(1)
        sriov.autoprobe = .known(false)
        sriov.functions = .known([
            VirtualFunction(number: 0, address: "0000:01:10.0", driver: .absent(), group: .known(9))
        ])
        let finding = try verdict("KVH074") {
            $0.pci.devices = .known([device("0000:01:00.0", 0x020000) { $0.sriov = .known(sriov) }])
        }
        #expect(finding.verdict == .pass)
    }

    @Test func `a port that is down beside one that is up of the same device is no fault`() throws {
        for (states, isFault) in [
            (["down", "up"], false), (["down", "down"], true), (["unknown"], false), ([], false),
        ] {
            let finding = try verdict("KVH077") { host in
                host.network.interfaces = .known(
                    states.enumerated().map { index, state in
                        var port = NetworkInterface("p\(index)", .physical, pciAddress: "0000:b1:00.0")
                        port.state = .known(state)
                        return port
                    })
            }
            #expect((finding.verdict == .fail) == isFault, "\(states)")
        }
    }

    @Test func `a deprecated parameter becomes a number for each port of the driver`() throws {
        let finding = try verdict("KVH078") {
            $0.pci.deprecatedParameters = .known([
                DriverParameter(driver: "ice", name: "max_vfs", value: "4,4", place: Place("/etc/modprobe.d/a.conf"))
            ])
        }
        #expect(finding.remedy?.commands == ["echo 4 > /sys/bus/pci/devices/0000:b1:00.0/sriov_numvfs"])
    }
}
