public import Evidence

/// PCI devices: SR-IOV, links, NUMA nodes, drivers.
public struct PCIFacts: Sendable {
    /// The devices that guests care for: network, storage, display, accelerators, and every physical function of
    /// SR-IOV; bridges and virtual functions are not among them. Absent where the machine has no PCI bus.
    public var devices: Observation<[PCIDevice]> = .notProbed
    /// The NUMA nodes that are online.
    public var nodes: Observation<[Int]> = .notProbed
    /// The NUMA nodes that have memory.
    public var nodesWithMemory: Observation<[Int]> = .notProbed
    /// The NUMA nodes that have processors.
    public var nodesWithProcessors: Observation<[Int]> = .notProbed
    /// Parameters of network drivers that make virtual functions and are deprecated: `max_vfs` and its like.
    public var deprecatedParameters: Observation<[DriverParameter]> = .notProbed
    /// The block devices that hang on a PCI device, by name, with that device's address.
    public var disks: Observation<[String: String]> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// One function of a PCI device.
public struct PCIDevice: Sendable {
    /// Domain, bus, device and function: `0000:04:10.0`.
    public var address: String
    /// Class, subclass and programming interface, such as 0x020000 for Ethernet.
    public var classCode: UInt32
    /// What udev's database knows the device by: `pci:v00008086d0000159Bsv…`.
    public var modalias: String
    /// The driver that is bound to it; nil where none is.
    public var driver: String?
    /// The NUMA node it hangs on; absent where the firmware does not say.
    public var node: Observation<Int> = .notProbed
    /// The IOMMU group it is in; absent where the kernel has no IOMMU for it.
    public var group: Observation<Int> = .notProbed
    /// The PCI Express link; absent where the device has none.
    public var link: Observation<PCILink> = .notProbed
    /// What the port above it could do; read only where the link runs below what the device can do.
    public var port: Observation<PCILink> = .notProbed
    /// What it offers as a physical function of SR-IOV; absent where it is none.
    public var sriov: Observation<SRIOV> = .notProbed
    /// The types of mediated devices (vGPU) that its driver offers; absent where it offers none.
    public var mediatedTypes: Observation<[String]> = .notProbed
    /// Vendor and model from udev's database; filled in by whoever asks udev.
    public var name: Observation<DeviceName> = .notProbed

    /// Makes a device of which nothing else is known.
    public init(address: String, classCode: UInt32, modalias: String, driver: String? = nil) {
        self.address = address
        self.classCode = classCode
        self.modalias = modalias
        self.driver = driver
    }

    /// The base classes of the PCI Code and ID Assignment Specification that are told apart here.
    public enum Kind: String, Sendable {
        case storage
        case network
        case display
        case accelerator
        case other
    }

    /// What kind of device it is, by its class.
    public var kind: Kind {
        switch (classCode >> 16, classCode >> 8 & 0xff) {
        case (0x01, _), (0x0c, 0x04): .storage
        case (0x02, _), (0x0c, 0x06): .network
        case (0x03, _): .display
        case (0x12, _), (0x0b, 0x40): .accelerator
        default: .other
        }
    }
}

/// The PCI Express link of a device: what it is, and what the device could do.
public struct PCILink: Sendable, Hashable {
    /// The lanes in use; 0 where the link is down or the device has none of its own.
    public var width: Int
    /// The lanes the device has.
    public var maximumWidth: Int
    /// The speed in use, in megatransfers a second for each lane; 0 where the kernel does not know it.
    public var speed: Int
    /// The speed the device can do, in megatransfers a second for each lane; 0 where the kernel does not know it.
    public var maximumSpeed: Int

    /// Makes a link; see the properties.
    public init(width: Int, maximumWidth: Int, speed: Int, maximumSpeed: Int) {
        self.width = width
        self.maximumWidth = maximumWidth
        self.speed = speed
        self.maximumSpeed = maximumSpeed
    }
}

/// What a physical function offers and has.
public struct SRIOV: Sendable {
    /// The virtual functions that it can have: `sriov_totalvfs`.
    public var total: Int
    /// The virtual functions that are enabled: `sriov_numvfs`.
    public var enabled: Observation<Int> = .notProbed
    /// Whether the host's drivers take new virtual functions at once: `sriov_drivers_autoprobe`.
    public var autoprobe: Observation<Bool> = .notProbed
    /// The virtual functions that the links `virtfnN` lead to, by their number.
    public var functions: Observation<[VirtualFunction]> = .notProbed
    /// What udev's database knows the virtual functions by; absent where there are none.
    public var functionModalias: Observation<String> = .notProbed
    /// Vendor and model of the virtual functions; filled in by whoever asks udev.
    public var functionName: Observation<DeviceName> = .notProbed

    /// Makes the capability of a function of which nothing else is known.
    public init(total: Int) {
        self.total = total
    }
}

/// One virtual function.
public struct VirtualFunction: Sendable {
    /// The number in `virtfnN`.
    public var number: Int
    /// Domain, bus, device and function.
    public var address: String
    /// The driver that is bound to it; absent where none is.
    public var driver: Observation<String>
    /// The IOMMU group it is in; absent where it is in none.
    public var group: Observation<Int>

    /// Makes a virtual function; see the properties.
    public init(number: Int, address: String, driver: Observation<String>, group: Observation<Int>) {
        self.number = number
        self.address = address
        self.driver = driver
        self.group = group
    }
}

/// A module parameter as a file sets it.
public struct DriverParameter: Sendable, Hashable {
    /// The driver: `ixgbe`.
    public var driver: String
    /// The parameter: `max_vfs`.
    public var name: String
    /// The value as written.
    public var value: String
    /// Where it is set.
    public var place: Place

    /// Makes a parameter; see the properties.
    public init(driver: String, name: String, value: String, place: Place) {
        self.driver = driver
        self.name = name
        self.value = value
        self.place = place
    }
}

extension PCIFacts {
    /// What udev should be asked for: the physical functions, their virtual functions, and devices whose link runs
    /// below what they can do. No other device is named in a report.
    public var modaliasesToName: Set<String> {
        var modaliases: Set<String> = []
        for device in (try? devices.get()) ?? [] {
            if let sriov = try? device.sriov.get() {
                modaliases.insert(device.modalias)
                if let function = try? sriov.functionModalias.get() { modaliases.insert(function) }
            }
            if let link = try? device.link.get(), link.isBelowMaximum { modaliases.insert(device.modalias) }
        }
        return modaliases
    }

    /// Of the fit host; see ``HostFacts/sample``: network cards for the host itself and for SR-IOV, and two NVMe disks.
    public static var sample: PCIFacts {
        var facts = PCIFacts()
        facts.devices = .known(
            [
                .sample("0000:17:00.0", 0x020000, "v000014E4d000016D7", "bnxt_en", node: 0, group: 30),
                .sample("0000:17:00.1", 0x020000, "v000014E4d000016D7", "bnxt_en", node: 0, group: 31),
                .sample("0000:65:00.0", 0x010802, "v0000144Dd0000A824", "nvme", node: 0, group: 40),
                .sample("0000:b1:00.0", 0x020000, "v00008086d0000159B", "ice", node: 1, group: 50, functions: 4),
                .sample("0000:e3:00.0", 0x010802, "v0000144Dd0000A824", "nvme", node: 1, group: 60),
            ], from: .file("/sys/bus/pci/devices"))
        facts.nodes = .known([0, 1], from: .file("/sys/devices/system/node/online"))
        facts.nodesWithMemory = .known([0, 1], from: .file("/sys/devices/system/node/has_memory"))
        facts.nodesWithProcessors = .known([0, 1], from: .file("/sys/devices/system/node/has_cpu"))
        facts.deprecatedParameters = .known([], from: .file("/etc/modprobe.d"))
        facts.disks = .known(["nvme0n1": "0000:65:00.0", "nvme1n1": "0000:e3:00.0"], from: .file("/sys/block"))
        return facts
    }
}

extension PCILink {
    /// Whether it has fewer lanes, or is slower, than the device can do; a link that is down is neither.
    public var isBelowMaximum: Bool { isNarrow || isSlow }
    /// Whether lanes are missing. A width of 0 or 255 means that the kernel does not know it.
    public var isNarrow: Bool { (1..<255).contains(width) && (1..<255).contains(maximumWidth) && width < maximumWidth }
    /// Whether each lane is slower than the device can do.
    public var isSlow: Bool { width > 0 && speed > 0 && speed < maximumSpeed }
}

extension PCIDevice {
    fileprivate static func sample(
        _ address: String, _ classCode: UInt32, _ ids: String, _ driver: String, node: Int, group: Int,
        functions: Int = 0
    ) -> PCIDevice {
        var device = PCIDevice(address: address, classCode: classCode, modalias: "pci:\(ids)", driver: driver)
        device.node = .known(node, from: .file("/sys/bus/pci/devices/\(address)/numa_node"))
        device.group = .known(group, from: .file("/sys/bus/pci/devices/\(address)/iommu_group"))
        device.link = .known(PCILink(width: 8, maximumWidth: 8, speed: 16000, maximumSpeed: 16000))
        device.mediatedTypes = .absent()
        device.sriov = .absent(from: .file("/sys/bus/pci/devices/\(address)/sriov_totalvfs"))
        if functions > 0 {
            var sriov = SRIOV(total: 128)
            sriov.enabled = .known(functions, from: .file("/sys/bus/pci/devices/\(address)/sriov_numvfs"))
            sriov.autoprobe = .known(true)
            let bus = address.prefix(8)
            sriov.functions = .known(
                (0..<functions).map {
                    VirtualFunction(
                        number: $0, address: "\(bus)01.\($0)", driver: .known("iavf"), group: .known(group + 1 + $0))
                })
            sriov.functionModalias = .known("pci:v00008086d00001889")
            device.sriov = .known(sriov, from: .file("/sys/bus/pci/devices/\(address)/sriov_totalvfs"))
        }
        return device
    }
}
