internal import LibvirtXML

// What several families of rules read out of a domain, as libvirt takes it where it is not written.

extension Domain {
    /// Whether QEMU runs it. What libvirt's other drivers refuse differs.
    var isQEMU: Bool {
        switch type.value?.known {
        case .kvm, .qemu, .kqemu, .hvf: true
        default: false
        }
    }

    /// The disks of a domain that QEMU runs; none of another.
    var qemuDisks: [Disk] { isQEMU ? devices.disks : [] }

    /// The interfaces of a domain that QEMU runs; none of another.
    var qemuInterfaces: [Interface] { isQEMU ? devices.interfaces : [] }

    /// Whether its architecture is written and is x86.
    var isX86: Bool { os.arch.value == "x86_64" || os.arch.value == "i686" }

    /// Whether it is an x86 machine, or does not say: then it is of the host's architecture.
    var mayBeX86: Bool { isX86 || !os.arch.isPresent }

    /// Whether the machine is a Q35, which has no IDE.
    var isQ35: Bool { os.machine.value.map { $0 == "q35" || $0.hasPrefix("pc-q35-") } ?? false }

    /// The numbers of the I/O threads that are there: those that are written, and as many as `<iothreads>` says, which
    /// libvirt numbers from 1 where a number is free (`virDomainIOThreadIDDefArrayInit`).
    var ioThreadNumbers: Set<Int> {
        var numbers = Set(ioThreadIDs.compactMap(\.id.value))
        // A count that nobody has would only cost time.
        let count = min(ioThreads.value ?? 0, 4096)
        var next = 1
        while numbers.count < count {
            numbers.insert(next)
            next += 1
        }
        return numbers
    }
}

extension Domain.Disk {
    /// How messages call it.
    var label: String { target.device.value ?? "a disk without a target" }

    /// What the guest sees; `disk` where it is not written.
    var effectiveDevice: Open<Device> { device.value ?? .known(.disk) }

    /// Whether it is a disk to the guest, and no drive whose medium can be changed.
    var isHardDisk: Bool { effectiveDevice == .disk || effectiveDevice == .lun }

    /// Whether the guest cannot write, as it is written or by what it is.
    var isEffectivelyReadOnly: Bool { isReadOnly.value == true || effectiveDevice == .cdrom }

    /// The bus, as libvirt guesses it from the target's name where it is not written.
    var effectiveBus: Open<Bus>? {
        if let bus = target.bus.value { return bus }
        if effectiveDevice == .floppy { return .known(.fdc) }
        guard let name = target.device.value else { return nil }
        let buses: [(String, Bus)] = [
            ("hd", .ide), ("sd", .scsi), ("vd", .virtio), ("xvd", .xen), ("ubd", .uml), ("fd", .fdc),
        ]
        return buses.first { name.hasPrefix($0.0) }.map { .known($0.1) }
    }

    /// Whether the guest sees a virtio disk.
    var isVirtio: Bool { effectiveBus == .known(.virtio) }

    /// What tells one image from another; nil where nothing does.
    var sourceKey: String? {
        // Parts of one file are several images.
        guard source.slices.isEmpty else { return nil }
        switch source.location {
        case .file(let path), .block(let path), .vhostVDPA(let path): return path
        case .volume(let pool, let volume): return "\(volume) of pool \(pool)"
        case .nvme(let address, let namespace): return "\(address) namespace \(namespace)"
        case .network(let access, let name, let hosts):
            let servers = hosts.map { "\($0.name.value ?? $0.socket.value ?? ""):\($0.port.value ?? 0)" }
            return "\(access):\(servers.joined(separator: ","))/\(name ?? "")"
        case .dir, .vhostUser, .empty, .other: return nil
        }
    }

    /// The file or device on the host; nil where it is neither.
    var hostPath: String? {
        switch source.location {
        case .file(let path), .block(let path): path
        default: nil
        }
    }
}

extension Domain.Interface {
    /// How messages call it.
    var label: String { "interface \(mac.text ?? "without an address")" }

    /// Whether the guest sees a virtio device.
    var isVirtio: Bool {
        switch model.value?.known {
        case .virtio, .virtioTransitional, .virtioNonTransitional: true
        default: false
        }
    }
}
