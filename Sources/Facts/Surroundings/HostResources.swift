@_spi(Probing) internal import Evidence
public import LibvirtXML

/// What is one domain's at a time, or should be.
public enum HostResource: Sendable, Hashable {
    /// A hardware address of an interface.
    case mac(MACAddress)
    /// An image or device, by its one name.
    case image(String)
    /// A file with variables of the firmware, or with the state of a TPM.
    case variables(String)
    /// A device of the host, as messages name it.
    case device(String)
}

/// That a domain uses a resource.
public struct ResourceUse: Sendable {
    /// How it is used.
    public enum Access: Sendable {
        /// Written.
        case write
        /// Read.
        case read
        /// Read through another image that is a difference to it.
        case base
    }

    /// What is used.
    public let resource: HostResource
    /// How.
    public let access: Access
    /// By which part of the domain: a disk's target; of an address, what the interface is connected to.
    public let part: String
    /// How the resource is written in the definition, for messages.
    public let spelling: String
    /// Whether the definition says that others may use it.
    public let isShareable: Bool
    /// Whether only what runs uses it, and not the definition.
    public let isLiveOnly: Bool
    /// Where it stands in the definition.
    public let position: XMLPosition
}

/// Who uses what: of all domains that stand around a definition, indexed once.
public struct ResourceUses: Sendable {
    /// A use, and whose.
    public struct Entry: Sendable {
        /// The domain's place among the neighbours.
        public let domain: Int
        /// The use.
        public let use: ResourceUse
    }

    /// Whether domains run or start with the host, as far as it is known.
    public enum Readiness: Int, Sendable, CaseIterable {
        /// They run, or are started with the host.
        case toRun
        /// They do neither.
        case idle
        /// Nobody tells, as of definitions from files.
        case untold
    }

    /// The users of one resource. Each list has those first that do not say that others may use it.
    public struct Users: Sendable {
        /// Those that write.
        public fileprivate(set) var writers: [Entry] = []
        /// Those that read, by themselves or through another image.
        public fileprivate(set) var readers: [Entry] = []
    }

    private var users: [HostResource: [Users]] = [:]
    private var byDomain: [[ResourceUse]] = []

    init(_ domains: [DomainNeighbour], files: HostFiles, pools: Neighbours<PoolNeighbour>) {
        let backing = Self.backing(of: pools.all, files)
        byDomain.reserveCapacity(domains.count)
        for (index, domain) in domains.enumerated() {
            let readiness = domain.readiness
            var reader = UseReader(files: files, pools: pools, backing: backing)
            reader.read(domain)
            byDomain.append(reader.uses)
            for use in reader.uses {
                let entry = Entry(domain: index, use: use)
                let none = Readiness.allCases.map { _ in Users() }
                users[use.resource, default: none][readiness.rawValue].insert(entry)
            }
        }
        for resource in users.keys {
            for readiness in Readiness.allCases { users[resource]?[readiness.rawValue].putUnshareableFirst() }
        }
    }

    /// What a domain uses, in the order of its definition.
    public func of(domain index: Int) -> [ResourceUse] { byDomain.indices.contains(index) ? byDomain[index] : [] }

    /// Who uses a resource, of those domains that are so ready to run.
    public func users(of resource: HostResource, _ readiness: Readiness) -> Users {
        users[resource]?[readiness.rawValue] ?? Users()
    }

    /// Which image each volume is a difference to, by their one names.
    private static func backing(of pools: [PoolNeighbour], _ files: HostFiles) -> [String: String] {
        var backing: [String: String] = [:]
        for volume in pools.lazy.flatMap({ $0.volumes.known ?? [] }) {
            guard let path = volume.path, let base = volume.backing.known else { continue }
            backing[files.state(of: path).canonicalPath] = files.state(of: base).canonicalPath
        }
        return backing
    }
}

extension ResourceUses.Users {
    fileprivate mutating func insert(_ entry: ResourceUses.Entry) {
        if entry.use.access == .write { writers.append(entry) } else { readers.append(entry) }
    }

    fileprivate mutating func putUnshareableFirst() {
        writers = Self.unshareableFirst(writers)
        readers = Self.unshareableFirst(readers)
    }

    private static func unshareableFirst(_ entries: [ResourceUses.Entry]) -> [ResourceUses.Entry] {
        guard entries.contains(where: \.use.isShareable) else { return entries }
        return entries.filter { !$0.use.isShareable } + entries.filter(\.use.isShareable)
    }
}

/// Reads what a domain uses out of its definitions.
private struct UseReader {
    let files: HostFiles
    let pools: Neighbours<PoolNeighbour>
    let backing: [String: String]
    private(set) var uses: [ResourceUse] = []

    /// More layers than any chain has that QEMU opens in a usable time.
    private static let longestChain = 256

    init(files: HostFiles, pools: Neighbours<PoolNeighbour>, backing: [String: String]) {
        self.files = files
        self.pools = pools
        self.backing = backing
    }

    mutating func read(_ domain: DomainNeighbour) {
        let live = domain.live.known
        read(domain.definition, running: live, liveAt: nil)
        guard let live else { return }
        let planned = Set(uses.map(\.resource))
        var running = UseReader(files: files, pools: pools, backing: backing)
        running.read(live, running: live, liveAt: domain.definition.position)
        uses += running.uses.filter { !planned.contains($0.resource) }
    }

    /// - Parameter place: Where a use stands that is not in the definition; nil while the definition itself is read.
    private mutating func read(_ domain: Domain, running: Domain?, liveAt place: XMLPosition?) {
        func add(
            _ resource: HostResource, _ access: ResourceUse.Access, _ part: String, _ spelling: String,
            isShareable: Bool = false, at position: XMLPosition
        ) {
            uses.append(
                ResourceUse(
                    resource: resource, access: access, part: part, spelling: spelling, isShareable: isShareable,
                    isLiveOnly: place != nil, position: place ?? position))
        }
        for interface in domain.devices.interfaces {
            if let mac = interface.mac.value {
                add(.mac(mac), .write, interface.segment, mac.description, at: interface.mac.position)
            }
            if case .hostdev(let address) = interface.connection {
                add(.device("PCI device \(address)"), .write, "interface", "\(address)", at: interface.position)
            }
        }
        for disk in domain.devices.disks {
            guard let (key, spelling) = key(of: disk.source) else { continue }
            let target = disk.target.device.value ?? "a disk"
            let isRead = disk.isReadOnly.value == true || disk.device == .cdrom || disk.isTransient.value == true
            add(
                .image(key), isRead ? .read : .write, target, spelling, isShareable: disk.isShareable.value == true,
                at: disk.source.position)
            for layer in layers(below: key, of: disk, running: running) {
                add(.image(layer), .base, target, layer, at: disk.source.position)
            }
        }
        let nvram = domain.os.nvram
        if let path = nvram.path.value ?? nvram.source.file.value {
            add(.variables(files.state(of: path).canonicalPath), .write, "nvram", path, at: nvram.position)
        }
        for tpm in domain.devices.tpms {
            if let path = tpm.statePath.value {
                add(.variables(files.state(of: path).canonicalPath), .write, "TPM", path, at: tpm.position)
            }
            if tpm.backend == .passthrough, let path = tpm.devicePath.value {
                add(.device("TPM \(path)"), .write, "TPM", path, at: tpm.position)
            }
        }
        for device in domain.devices.hostDevices {
            guard let name = device.resourceName else { continue }
            add(
                .device(name), .write, "hostdev", name, isShareable: device.isShareable.value == true,
                at: device.position)
        }
    }

    /// What tells one image from another, and how it is written; nil where nothing does.
    private func key(of source: DiskSource) -> (key: String, spelling: String)? {
        // Parts of one file are several images.
        guard source.slices.isEmpty else { return nil }
        switch source.location {
        case .file(let path), .block(let path), .vhostVDPA(let path):
            return (files.state(of: path).canonicalPath, path)
        case .volume(let pool, let volume):
            let text = "\(volume) of pool \(pool)"
            let place = pools.places(of: .name(pool)).first.map { pools.all[$0] }
            guard let path = place?.volume(volume).known?.path else { return (text, text) }
            return (files.state(of: path).canonicalPath, text)
        case .nvme(let address, let namespace):
            let text = "\(address) namespace \(namespace)"
            return (text, text)
        case .network(let access, let name, let hosts):
            let servers = hosts.map { "\($0.name.value ?? $0.socket.value ?? ""):\($0.port.value ?? 0)" }
            let text = "\(access.text):\(servers.joined(separator: ","))/\(name ?? "")"
            return (text, text)
        case .dir, .vhostUser, .empty, .other: return nil
        }
    }

    /// The one names of the images below a disk's own: as the definition says, as the image itself says, as the running
    /// domain says of the same image, or as its pool says.
    private func layers(below key: String, of disk: Domain.Disk, running: Domain?) -> [String] {
        let written = disk.chain.dropFirst().compactMap { self.key(of: $0)?.key }
        if !written.isEmpty || disk.backingStore.isEnd { return written }
        if let path = disk.source.hostPath, let chain = files.state(of: path).chain.known {
            return chain.map(\.canonicalPath)
        }
        if let target = disk.target.device.value,
            let same = running?.devices.disks.first(where: { $0.target.device.value == target }),
            self.key(of: same.source)?.key == key
        {
            let chain = same.chain.dropFirst().compactMap { self.key(of: $0)?.key }
            if !chain.isEmpty || same.backingStore.isEnd { return chain }
        }
        var (layers, seen, next) = ([String](), Set([key]), backing[key])
        while let layer = next, seen.insert(layer).inserted, layers.count < Self.longestChain {
            layers.append(layer)
            next = backing[layer]
        }
        return layers
    }
}

extension Domain.Interface {
    /// What it is connected to, as messages name it.
    fileprivate var segment: String {
        switch connection {
        case .network(let name, _): "network \(name)"
        case .bridge(let name): "bridge \(name)"
        case .direct(let device, _): "device \(device)"
        default: "type \(type.text ?? "")"
        }
    }
}

extension Domain.HostDevice {
    /// The device, as messages name it; nil where it is on no host, or not told.
    fileprivate var resourceName: String? {
        switch device {
        case .pci(let address): return "PCI device \(address)"
        case .usb(_, _, let bus?, let device?): return "USB device \(bus):\(device)"
        case .usb(let vendor?, let product?, _, _):
            return "USB device \(Self.hexadecimal(vendor)):\(Self.hexadecimal(product))"
        case .scsi(let adapter, let bus, let target, let unit):
            return "SCSI device \(adapter) \(bus ?? 0):\(target ?? 0):\(unit ?? 0)"
        case .mdev(let uuid): return "mediated device \(uuid)"
        case .usb, .iscsi, .scsiHost, .container, .incomplete, .other: return nil
        }
    }

    private static func hexadecimal(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
