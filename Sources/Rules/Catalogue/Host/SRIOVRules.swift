internal import Evidence
internal import Facts

/// Cards that give each guest a function of its own. KVH070–KVH079.
enum SRIOVRules {
    private static let howto = Citation("Linux Documentation/PCI/pci-iov-howto.rst", "6.18")
    private static let sysfs = Citation("Linux Documentation/ABI/testing/sysfs-bus-pci", "6.18")
    private static let book = Citation("Mastering KVM Virtualization, chapter 4, SR-IOV", "2020")

    static let all: [Rule<HostFacts>] = [
        absent, withoutIOMMU, notEnabled, countWrong, withoutDriver, sharedGroup, uplink, linkDown,
        deprecatedParameter,
    ]

    static let absent = Rule<HostFacts>(
        RuleInfo(
            "KVH070", "sriov-absent", "a device of the host has SR-IOV", area: PCIRules.area, severity: .note,
            rationale: """
                Virtual functions come from a card with SR-IOV, in a slot and with a firmware that allow it. The kernel \
                shows such a card by the file sriov_totalvfs.
                """,
            sources: [sysfs, book],
            remedy: Remedy(
                "put in a card that has SR-IOV, and switch SR-IOV on in the firmware and in the card's own setup")),
        violates: { $0.pci.changeFunctions { $0.sriov = .absent() } },
        decide: { host throws(Undecided) in
            let functions = try physicalFunctions(host)
            guard !functions.isEmpty else { return .fail("no device has SR-IOV", at: [Place("/sys/bus/pci/devices")]) }
            var lines: [String] = []
            for (device, sriov) in functions {
                let enabled = (try? sriov.enabled.get()).map { "\($0) of " } ?? ""
                let driver = device.driver ?? "no driver"
                let name = (try? sriov.functionName.get()).map { " (\($0))" } ?? ""
                lines.append("\(host.label(device)): \(enabled)\(sriov.total) functions\(name), \(driver)")
            }
            return .pass(nil, lines.joined(separator: "; "))
        })

    static let withoutIOMMU = Rule<HostFacts>(
        RuleInfo(
            "KVH071", "sriov-without-iommu", "the devices with SR-IOV are behind an IOMMU", area: PCIRules.area,
            severity: .note,
            rationale: """
                VFIO gives a virtual function to a guest only as a member of an IOMMU group. Without an IOMMU the \
                functions can be made, but no guest can have one.
                """,
            sources: [Citation("Linux Documentation/driver-api/vfio.rst", "6.18"), book],
            remedy: Remedy(
                "switch VT-d or AMD-Vi on in the firmware; on Intel add intel_iommu=on to the kernel's command line")),
        violates: { $0.pci.changeFunctions { $0.group = .absent() } },
        decide: { host throws(Undecided) in
            let functions = try physicalFunctions(host)
            guard !functions.isEmpty else { return .notApplicable("no device has SR-IOV") }
            var lines: [String] = []
            for (device, _) in functions where try device.group.get() == nil { lines.append(host.label(device)) }
            return lines.isEmpty
                ? .pass()
                : .fail(
                    "\(lines.count == 1 ? "a device" : "\(lines.count) devices") with SR-IOV, and no IOMMU", lines,
                    at: [Place("/sys/kernel/iommu_groups")])
        })

    static let notEnabled = Rule<HostFacts>(
        RuleInfo(
            "KVH072", "sriov-functions-not-enabled", "virtual functions are enabled", area: PCIRules.area,
            severity: .note,
            rationale:
                "A card with SR-IOV starts without virtual functions; somebody has to ask for them at every boot.",
            sources: [howto, book], remedy: Remedy("")),
        violates: { $0.pci.changeSRIOV { $0.enabled = .known(0) } },
        decide: { host throws(Undecided) in
            let functions = try physicalFunctions(host)
            guard !functions.isEmpty else { return .notApplicable("no device has SR-IOV") }
            var enabled = 0
            var commands: [String] = []
            for (device, sriov) in functions {
                let number = try sriov.enabled.get(whenAbsent: 0)
                if number > 0 {
                    enabled += 1
                } else if sriov.total > 0 {
                    let path = "/sys/bus/pci/devices/\(device.address)/sriov_numvfs"
                    commands.append("echo \(min(sriov.total, 4)) > \(path.shellWord)")
                }
            }
            guard enabled == 0 else { return .pass(nil, "on \(enabled) of \(functions.count) devices") }
            guard !commands.isEmpty else {
                return .fail(
                    "every device with SR-IOV is set to 0 functions by its firmware",
                    remedy: Remedy("give the card functions in its own setup (mlxconfig, bnxtnvm, the firmware's menu)")
                )
            }
            return .fail(
                "no virtual function is enabled", functions.map { "\(host.label($0.0)): 0 of \($0.1.total)" },
                at: functions.map { Place("/sys/bus/pci/devices/\($0.0.address)/sriov_numvfs") },
                remedy: Remedy("and make it last: a udev rule, or a unit that runs at boot", commands: commands))
        })

    static let countWrong = Rule<HostFacts>(
        RuleInfo(
            "KVH073", "sriov-function-count-wrong", "each device has the virtual functions it says it has",
            area: PCIRules.area, severity: .warning,
            rationale: """
                sriov_numvfs is what the card was told, the virtfn links are what the bus found. Where they differ, the \
                firmware has not left room for the functions, or one was removed: libvirt's pool counts on guests it \
                cannot serve.
                """,
            sources: [sysfs],
            remedy: Remedy("")),
        violates: { $0.pci.changeSRIOV { $0.enabled = .known(8) } },
        decide: { host throws(Undecided) in
            let functions = try physicalFunctions(host)
            guard !functions.isEmpty else { return .notApplicable("no device has SR-IOV") }
            var lines: [String] = []
            var places: [Place] = []
            var commands: [String] = []
            for (device, sriov) in functions {
                let enabled = try sriov.enabled.get(whenAbsent: 0)
                let found = try sriov.functions.get(whenAbsent: []).count
                guard enabled != found else { continue }
                let path = "/sys/bus/pci/devices/\(device.address)/sriov_numvfs"
                lines.append("\(host.label(device)): \(enabled) enabled, \(found) found")
                places.append(Place(path))
                commands += [
                    "echo 0 > \(path.shellWord)", "echo \(enabled) > \(path.shellWord)",
                    "dmesg | grep -e \(device.address.shellWord) -e BAR",
                ]
            }
            return lines.isEmpty
                ? .pass()
                : .fail(
                    "virtual functions are missing", lines, at: places,
                    remedy: Remedy(
                        "make them again while no guest uses one, and read what the kernel says", commands: commands))
        })

    static let withoutDriver = Rule<HostFacts>(
        RuleInfo(
            "KVH074", "sriov-functions-without-driver", "every virtual function has a driver, or is meant to have none",
            area: PCIRules.area, severity: .note,
            rationale: """
                With sriov_drivers_autoprobe on, the host's driver for virtual functions takes each one. None has taken \
                these: the driver is not installed or refused. libvirt with managed='yes' can still give them away.
                """,
            sources: [sysfs],
            remedy: Remedy("")),
        violates: {
            $0.pci.changeSRIOV {
                $0.functions = .known([
                    VirtualFunction(number: 0, address: "0000:b1:01.0", driver: .absent(), group: .known(51))
                ])
            }
        },
        decide: { host throws(Undecided) in
            let functions = try physicalFunctions(host)
            guard !functions.isEmpty else { return .notApplicable("no device has SR-IOV") }
            var lines: [String] = []
            var addresses: [String] = []
            for (device, sriov) in functions where try sriov.autoprobe.get(whenAbsent: true) {
                var bare: [String] = []
                for function in try sriov.functions.get(whenAbsent: []) where try function.driver.get() == nil {
                    bare.append(function.address)
                }
                guard let first = bare.first else { continue }
                addresses.append(first)
                lines.append("\(host.label(device)): \(bare.joined(separator: ", "))")
            }
            return lines.isEmpty
                ? .pass()
                : .fail(
                    "virtual functions without a driver", lines,
                    at: addresses.map { Place("/sys/bus/pci/devices/\($0)") },
                    remedy: Remedy(
                        "nothing, where all of them go to guests; else load the driver of the functions",
                        commands: addresses.map {
                            "modprobe \"$(cat \("/sys/bus/pci/devices/\($0)/modalias".shellWord))\""
                        }))
        })

    static let sharedGroup = Rule<HostFacts>(
        RuleInfo(
            "KVH075", "sriov-functions-share-group", "every virtual function is alone in its IOMMU group",
            area: PCIRules.area, severity: .note,
            rationale: """
                VFIO hands out whole groups. Functions that share one can only go to one guest together: a port above \
                the card lacks Access Control Services.
                """,
            sources: [Citation("Linux Documentation/driver-api/vfio.rst", "6.18")],
            remedy: Remedy("move the card to a slot that is wired to a processor, or switch ACS on in the firmware")),
        violates: {
            $0.pci.changeSRIOV {
                $0.functions = .known(
                    [0, 1].map {
                        VirtualFunction(number: $0, address: "0000:b1:01.\($0)", driver: .absent(), group: .known(51))
                    })
            }
        },
        decide: { host throws(Undecided) in
            let functions = try physicalFunctions(host)
            guard !functions.isEmpty else { return .notApplicable("no device has SR-IOV") }
            var members: [Int: [String]] = [:]
            // Physical functions that share a group among themselves are not judged: they stay with the host.
            var virtual: Set<String> = []
            for (device, sriov) in functions {
                if let group = try device.group.get() { members[group, default: []].append(device.address) }
                for function in try sriov.functions.get(whenAbsent: []) {
                    virtual.insert(function.address)
                    if let group = try function.group.get() { members[group, default: []].append(function.address) }
                }
            }
            guard !virtual.isEmpty else { return .notApplicable("no virtual function is enabled") }
            let shared = members.filter { $0.value.count > 1 && $0.value.contains(where: virtual.contains) }
            return shared.isEmpty
                ? .pass(nil, "\(virtual.count) functions")
                : .fail(
                    "virtual functions share an IOMMU group",
                    shared.sorted { $0.key < $1.key }.map { "group \($0.key): \($0.value.joined(separator: ", "))" },
                    at: shared.keys.sorted().map { Place("/sys/kernel/iommu_groups/\($0)") })
        })

    static let uplink = Rule<HostFacts>(
        RuleInfo(
            "KVH076", "sriov-device-is-uplink",
            "the host's own default route leaves by another device than the guests'",
            area: PCIRules.area, severity: .note,
            rationale: """
                To change the number of functions or to reload the driver takes the card's port down for a moment or \
                for good, and a guest that floods its function takes bandwidth from the host. Whoever is logged in over \
                that port is cut off.
                """,
            sources: [book],
            remedy: Remedy("give the host a port on another card, or make such changes from the console")),
        violates: {
            $0.network.routes = .known([Route("ens1f0np0", network: "0/0", isDefault: true, isDirect: false)])
        },
        decide: { host throws(Undecided) in
            let functions = try physicalFunctions(host)
            guard !functions.isEmpty else { return .notApplicable("no device has SR-IOV") }
            let uplinks = try host.network.uplinks()
            let both = uplinks.filter { uplink in functions.contains { $0.0.address == uplink.pciAddress } }
            guard !both.isEmpty else { return .pass(nil, uplinks.map(\.name).joined(separator: ", ")) }
            return .fail(
                "the default route leaves by \(both.map(\.name).joined(separator: " and ")), which has SR-IOV",
                functions.filter { entry in both.contains { $0.pciAddress == entry.0.address } }.map {
                    host.label($0.0)
                },
                at: both.map { Place("/sys/class/net/\($0.name)") })
        })

    static let linkDown = Rule<HostFacts>(
        RuleInfo(
            "KVH077", "sriov-link-down", "ports with virtual functions have a link", area: PCIRules.area,
            severity: .warning,
            rationale: """
                A virtual function follows the link of its physical port: without it, guests have a card without \
                carrier. The port must be up as well, even where the host itself does not use it.
                """,
            sources: [Citation("ip-link(8), vf state", "iproute2 6.1"), book],
            remedy: Remedy("")),
        violates: { host in
            host.network.changeInterface("ens1f0np0") { $0.state = .known("down") }
        },
        decide: { host throws(Undecided) in
            let functions = try physicalFunctions(host)
            guard !functions.isEmpty else { return .notApplicable("no device has SR-IOV") }
            let interfaces = try host.network.interfaces.get(whenAbsent: [])
            var down: [String] = []
            var used = 0
            for (device, sriov) in functions where try sriov.enabled.get(whenAbsent: 0) > 0 {
                used += 1
                // In switchdev mode the device has an interface for each function beside its own; one that is up is
                // enough.
                var names: [String] = []
                var hasLink = false
                for interface in interfaces where interface.pciAddress == device.address {
                    let state = try interface.state.get() ?? ""
                    if !["down", "lowerlayerdown", "notpresent"].contains(state) { hasLink = true }
                    names.append(interface.name)
                }
                if !hasLink { down += names }
            }
            guard used > 0 else { return .notApplicable("no virtual function is enabled") }
            return down.isEmpty
                ? .pass()
                : .fail(
                    "\(down.joined(separator: ", ")) \(down.count == 1 ? "has" : "have") virtual functions and no link",
                    at: down.map { Place("/sys/class/net/\($0)/operstate") },
                    remedy: Remedy(
                        "take it up, and look at the cable", commands: down.map { "ip link set \($0.shellWord) up" }))
        })

    static let deprecatedParameter = Rule<HostFacts>(
        RuleInfo(
            "KVH078", "sriov-parameter-deprecated", "no deprecated module parameter makes virtual functions",
            area: PCIRules.area, severity: .note,
            rationale: """
                max_vfs applies to every port of the driver at once and only when the module is loaded; num_vf of cxgb4 \
                went away with Linux 4.10. sriov_numvfs in sysfs is for each port, and at any time.
                """,
            sources: [
                Citation("Linux drivers/net/ethernet/intel/ixgbe/ixgbe_sriov.c, ixgbe_enable_sriov", "6.18"),
                Citation("Linux commit ea1e76f78a30, cxgb4: remove deprecated module parameters", "2016-12"),
            ],
            remedy: Remedy(""),
            explains: ["Enabling SR-IOV VFs using the max_vfs module parameter is deprecated"]),
        violates: {
            $0.pci.deprecatedParameters = .known([
                DriverParameter(
                    driver: "ixgbe", name: "max_vfs", value: "4", place: Place("/etc/modprobe.d/ixgbe.conf", line: 1))
            ])
        },
        decide: { host throws(Undecided) in
            let parameters = try host.pci.deprecatedParameters.get(whenAbsent: [])
            guard !parameters.isEmpty else { return .pass() }
            var commands: [String] = []
            for parameter in parameters {
                for device in (try? host.pci.devices.get()) ?? [] where device.driver == parameter.driver {
                    commands.append(
                        "echo \(number(parameter.value)) > /sys/bus/pci/devices/\(device.address)/sriov_numvfs")
                }
            }
            return .fail(
                "\(parameters.map { "\($0.driver) \($0.name)" }.joined(separator: ", ")) is deprecated",
                parameters.map { "\($0.driver).\($0.name)=\($0.value)" }, at: parameters.map(\.place),
                remedy: Remedy(
                    "take the option out, and write the number to sriov_numvfs of each port at boot", commands: commands
                ))
        })

    /// The first of the values that were given, one for each port; a placeholder where that is no number.
    private static func number(_ value: String) -> String {
        value.split(separator: ",").first.flatMap { Int($0) }.map(String.init) ?? "N"
    }

    /// Every physical function with what it offers.
    private static func physicalFunctions(_ host: HostFacts) throws(Undecided) -> [(PCIDevice, SRIOV)] {
        var functions: [(PCIDevice, SRIOV)] = []
        for device in try host.pci.devices.get(whenAbsent: []) {
            if let sriov = try device.sriov.get() { functions.append((device, sriov)) }
        }
        return functions
    }
}

extension PCIFacts {
    /// For the examples of rules: changes every device with SR-IOV.
    fileprivate mutating func changeFunctions(_ change: (inout PCIDevice) -> Void) {
        guard var list = try? devices.get() else { return }
        for index in list.indices where (try? list[index].sriov.get()) ?? nil != nil { change(&list[index]) }
        devices = .known(list, from: devices.provenance)
    }

    /// For the examples of rules: changes what every device with SR-IOV offers.
    fileprivate mutating func changeSRIOV(_ change: (inout SRIOV) -> Void) {
        changeFunctions { device in
            guard var sriov = try? device.sriov.get() else { return }
            change(&sriov)
            device.sriov = .known(sriov, from: device.sriov.provenance)
        }
    }
}

extension NetworkFacts {
    /// For the examples of rules: changes one interface.
    mutating func changeInterface(_ name: String, _ change: (inout NetworkInterface) -> Void) {
        guard var list = try? interfaces.get(), let index = list.firstIndex(where: { $0.name == name }) else { return }
        change(&list[index])
        interfaces = .known(list, from: interfaces.provenance)
    }
}
