/// The order in which libvirt writes what is in an element (`virDomainDefFormat` and its like), by the element's name.
///
/// It matters to people, and to no parser: libvirt reads any order. Devices are in the order of their kinds.
enum ElementOrder {
    static func children(of element: XMLElement) -> [String] {
        switch (element.name, element.parent?.name) {
        case ("domain", _), ("inactiveDomain", _): domain
        case ("devices", _): devices
        case ("os", "domain"): os
        case ("disk", _): disk
        case ("interface", "devices"): interface
        case ("source", "pool"): poolSource
        case ("source", _): ["host", "snapshot", "config", "auth", "encryption", "reservations", "seclabel", "address"]
        case ("network", _): network
        case ("ip", "network"): ["tftp", "dhcp"]
        case ("dhcp", _): ["range", "host", "bootp"]
        case ("forward", _): ["pf", "interface", "address", "nat", "driver"]
        case ("pool", _): pool
        case ("volume", _): volume
        case ("target", "volume"): ["path", "format", "permissions", "timestamps", "encryption", "compat"]
        case ("target", "pool"): ["path", "permissions"]
        case ("cputune", _): cputune
        case ("cpu", "domain"): ["model", "vendor", "topology", "cache", "maxphysaddr", "feature", "numa"]
        case ("memoryBacking", _):
            ["hugepages", "nosharepages", "locked", "source", "access", "allocation", "discard"]
        case ("memtune", _): ["hard_limit", "soft_limit", "min_guarantee", "swap_hard_limit"]
        default: []
        }
    }

    private static let domain = [
        "name", "uuid", "hwuuid", "genid", "title", "description", "metadata", "maxMemory", "memory", "currentMemory",
        "blkiotune", "memtune", "memoryBacking", "vcpu", "vcpus", "iothreads", "iothreadids", "defaultiothread",
        "cputune", "numatune", "resource", "sysinfo", "bootloader", "bootloader_args", "os", "idmap", "features", "cpu",
        "clock", "on_poweroff", "on_reboot", "on_crash", "on_lockfailure", "pm", "perf", "devices", "seclabel",
        "keywrap", "launchSecurity",
    ]
    private static let os = [
        "type", "init", "initarg", "initenv", "initdir", "inituser", "initgroup", "firmware", "loader", "nvram",
        "kernel", "initrd", "cmdline", "shim", "dtb", "acpi", "boot", "bootmenu", "bios", "smbios",
    ]
    private static let devices = [
        "emulator", "disk", "controller", "lease", "filesystem", "interface", "smartcard", "serial", "parallel",
        "console", "channel", "input", "tpm", "graphics", "sound", "audio", "video", "hostdev", "redirdev",
        "redirfilter", "hub", "watchdog", "memballoon", "rng", "nvram", "panic", "shmem", "memory", "iommu", "vsock",
        "crypto", "pstore",
    ]
    private static let disk = [
        "driver", "auth", "source", "backingStore", "backenddomain", "geometry", "blockio", "mirror", "target",
        "iotune", "throttlefilters", "readonly", "shareable", "transient", "serial", "wwn", "vendor", "product",
        "encryption", "boot", "alias", "address",
    ]
    private static let interface = [
        "mac", "source", "virtualport", "ip", "route", "script", "downscript", "backenddomain", "target", "guest",
        "portForward", "vlan", "bandwidth", "port", "model", "driver", "backend", "filterref", "link", "mtu", "teaming",
        "tune", "coalesce", "boot", "rom", "acpi", "alias", "address",
    ]
    private static let network = [
        "name", "uuid", "title", "description", "metadata", "forward", "bridge", "mtu", "mac", "domain", "dns", "vlan",
        "bandwidth", "port", "ip", "route", "virtualport", "portgroup",
    ]
    private static let pool = [
        "name", "uuid", "capacity", "allocation", "available", "features", "source", "target", "refresh",
    ]
    private static let poolSource = [
        "host", "device", "dir", "adapter", "name", "initiator", "auth", "format", "protocol", "vendor", "product",
    ]
    private static let volume = [
        "name", "key", "source", "capacity", "allocation", "physical", "target", "backingStore",
    ]
    private static let cputune = [
        "shares", "period", "quota", "global_period", "global_quota", "emulator_period", "emulator_quota",
        "iothread_period", "iothread_quota", "vcpupin", "emulatorpin", "iothreadpin", "vcpusched", "emulatorsched",
        "iothreadsched", "cachetune", "memorytune",
    ]
}
