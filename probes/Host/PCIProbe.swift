@_spi(Probing) internal import Evidence
internal import Facts

/// PCI devices as `/sys/bus/pci` shows them: Linux `Documentation/ABI/testing/sysfs-bus-pci`.
enum PCIProbe {
    static func facts(from source: some Source, answers: KernelAnswers) -> PCIFacts {
        var facts = PCIFacts()
        facts.devices = devices(source)
        facts.nodes = numbers(source, "/sys/devices/system/node/online")
        facts.nodesWithMemory = numbers(source, "/sys/devices/system/node/has_memory")
        facts.nodesWithProcessors = numbers(source, "/sys/devices/system/node/has_cpu")
        facts.deprecatedParameters = DriverParameters.deprecated(from: source)
        facts.disks = disks(source)
        return facts
    }

    // MARK: - Devices

    private static let root = "/sys/bus/pci/devices"

    private static func devices(_ source: some Source) -> Observation<[PCIDevice]> {
        source.entries(root).flatMap { addresses in
            // A virtual function's number is greater than its physical function's, so it comes after it and need not
            // be looked at again: a card can have 256 of them.
            var functions: Set<String> = []
            return addresses.observe(from: .file(root)) { address -> Observation<PCIDevice> in
                guard !functions.contains(address) else { return .absent() }
                let device = device(address, source)
                for function in device.known?.sriov.known?.functions.known ?? [] { functions.insert(function.address) }
                return device
            }
        }
    }

    /// One device, or absent where it is none that guests care for, or was taken away since the directory was read.
    private static func device(_ address: String, _ source: some Source) -> Observation<PCIDevice> {
        let path = "\(root)/\(address)"
        let uevent = source.text(path + "/uevent", limit: 4096)
        return uevent.parsed(as: "a PCI device's uevent") { text in basics(address, KeyValueFile.parse(text)) }.flatMap
        {
            device -> Observation<PCIDevice> in
            // Bridges (class 06) are the way to devices, not devices to give away; they are many.
            guard device.classCode >> 16 != 0x06 else { return .absent(from: .file(path)) }
            var device = device
            device.sriov = sriov(path, source)
            guard device.kind != .other || !device.sriov.isAbsent else { return .absent(from: .file(path)) }
            device.node = source.integer(path + "/numa_node").compactMap { $0 < 0 ? nil : $0 }
            device.group = group(path, source)
            device.link = link(path, source)
            if device.link.known?.isBelowMaximum == true { device.port = port(above: path, source) }
            device.mediatedTypes =
                device.kind == .display || device.kind == .accelerator
                ? source.entries(path + "/mdev_supported_types") : .absent(from: .file(path))
            return .known(device, from: .file(path))
        }
    }

    /// `uevent` has class, driver and modalias in one file.
    private static func basics(_ address: String, _ values: [String: String]) -> PCIDevice? {
        guard let classCode = values["PCI_CLASS"].flatMap({ UInt32($0, radix: 16) }), let modalias = values["MODALIAS"]
        else { return nil }
        return PCIDevice(address: address, classCode: classCode, modalias: modalias, driver: values["DRIVER"])
    }

    private static func group(_ path: String, _ source: some Source) -> Observation<Int> {
        source.linkName(path + "/iommu_group").parsed(as: "the number of an IOMMU group") { Int($0) }
    }

    // MARK: - SR-IOV

    private static func sriov(_ path: String, _ source: some Source) -> Observation<SRIOV> {
        source.integer(path + "/sriov_totalvfs").map { total in
            var sriov = SRIOV(total: total)
            sriov.enabled = source.integer(path + "/sriov_numvfs")
            sriov.autoprobe = source.boolean(path + "/sriov_drivers_autoprobe")
            sriov.functions = functions(path, source)
            sriov.functionModalias =
                sriov.functions.compactMap(\.first).flatMap { first in
                    source.text("\(root)/\(first.address)/modalias", limit: 4096)
                }
            return sriov
        }
    }

    private static func functions(_ path: String, _ source: some Source) -> Observation<[VirtualFunction]> {
        source.entries(path).flatMap { names in
            let numbers = names.compactMap { name in
                name.hasPrefix("virtfn") ? Int(name.dropFirst("virtfn".count)) : nil
            }
            return numbers.sorted().observe(from: .file(path)) { number in
                source.linkName("\(path)/virtfn\(number)").map { address in
                    VirtualFunction(
                        number: number, address: address, driver: source.linkName("\(root)/\(address)/driver"),
                        group: group("\(root)/\(address)", source))
                }
            }
        }
    }

    // MARK: - Links

    private static func link(_ path: String, _ source: some Source) -> Observation<PCILink> {
        source.integer(path + "/current_link_width").flatMap { width in
            source.integer(path + "/max_link_width").flatMap { maximumWidth in
                speed(path + "/current_link_speed", source).flatMap { speed in
                    self.speed(path + "/max_link_speed", source).map { maximumSpeed in
                        PCILink(width: width, maximumWidth: maximumWidth, speed: speed, maximumSpeed: maximumSpeed)
                    }
                }
            }
        }
    }

    /// The link of the port that the device is plugged into, by where the device's directory stands.
    private static func port(above path: String, _ source: some Source) -> Observation<PCILink> {
        source.link(path).compactMap { target in
            PCIAddress.last(in: target.split(separator: "/").dropLast().joined(separator: "/"))
        }.flatMap { link("\(root)/\($0)", source) }
    }

    /// `8.0 GT/s PCIe`, before Linux 5.3 `8 GT/s`, or `Unknown` (`pci_speed_string` in Linux `drivers/pci/probe.c`).
    private static func speed(_ path: String, _ source: some Source) -> Observation<Int> {
        source.text(path, limit: 4096).parsed(as: "the speed of a PCI Express link") { text in
            if text.hasPrefix("Unknown") { return 0 }
            let words = text.words
            guard words.count >= 2, words[1] == "GT/s" else { return nil }
            let parts = words[0].split(separator: ".", omittingEmptySubsequences: false)
            guard let whole = parts.first.flatMap({ Int($0) }), (0..<10000).contains(whole), parts.count <= 2 else {
                return nil
            }
            guard parts.count == 2 else { return whole * 1000 }
            guard parts[1].count == 1, let tenths = Int(parts[1]) else { return nil }
            return whole * 1000 + tenths * 100
        }
    }

    // MARK: - Disks and nodes

    /// Which PCI device each disk hangs on, by where its link in `/sys/block` leads.
    private static func disks(_ source: some Source) -> Observation<[String: String]> {
        source.entries("/sys/block").flatMap { names in
            let pairs = names.observe(from: .file("/sys/block")) { name in
                source.link("/sys/block/\(name)").compactMap { target in
                    PCIAddress.last(in: target).map { (name, $0) }
                }
            }
            return pairs.map { pairs in Dictionary(pairs, uniquingKeysWith: { first, _ in first }) }
        }
    }

    /// A list of numbers and ranges as the kernel writes it, `0-3,8`: Linux `lib/bitmap.c`, bitmap_parselist.
    private static func numbers(_ source: some Source, _ path: String) -> Observation<[Int]> {
        source.possiblyEmptyText(path, limit: 4096).parsed(as: "a list of numbers") { text in
            var numbers: [Int] = []
            for part in text.split(separator: ",") {
                let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
                guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last,
                    (0..<4096).contains(first), last < 4096
                else { return nil }
                numbers.append(contentsOf: first...last)
            }
            return numbers
        }
    }
}

/// Addresses of PCI functions in paths.
enum PCIAddress {
    /// The last component of a path that is a PCI address: the function that what the path names belongs to.
    static func last(in path: String) -> String? {
        path.split(separator: "/").last { isAddress($0) }.map(String.init)
    }

    /// Domain, bus, device and function in hexadecimal: `0000:04:10.0`; domains of VMD have five digits.
    private static func isAddress(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count >= 4, parts[1].count == 2, parts[2].count == 4 else { return false }
        let last = parts[2].split(separator: ".", omittingEmptySubsequences: false)
        guard last.count == 2, last[0].count == 2, last[1].count == 1 else { return false }
        return ([parts[0], parts[1]] + last).allSatisfy { part in part.allSatisfy(\.isHexDigit) }
    }
}
