@_spi(Probing) internal import Evidence

extension ImageFacts {
    /// A fit image, on which the examples of the rules are built: an overlay on a base, both qcow2, a GPT with an EFI system
    /// partition and a root.
    public static var sample: ImageFacts {
        var facts = ImageFacts(path: "/var/lib/libvirt/images/web1.qcow2")
        facts.file = .known(FileMetadata(kind: .regular, mode: 0o600, size: 1 << 30))
        facts.allocatedSize = .known(1 << 30)
        facts.isInUse = .known(false)
        facts.truncation = .absent()
        facts.snapshots = .known([])
        var format = ImageFormatFacts(name: "qcow2")
        format.version = "1.1"
        format.claimedByExtension = ["qcow2"]
        format.virtualSize = 8 << 30
        format.clusterSize = 65536
        facts.format = .known(format)
        var image = ImageLinkFacts(reference: facts.path, state: .present)
        image.path = facts.path
        image.format = "qcow2"
        image.virtualSize = 8 << 30
        var base = ImageLinkFacts(reference: "debian12.qcow2", state: .present)
        base.path = "/var/lib/libvirt/images/debian12.qcow2"
        base.claimedFormat = "qcow2"
        base.format = "qcow2"
        base.virtualSize = 2 << 30
        base.isInUse = false
        facts.chain = .known([image, base])
        var disk = DiskFacts(size: 8 << 30)
        var table = PartitionTableFacts(.gpt, sectorSize: 512)
        var system = PartitionFacts(number: 15, start: 1 << 20, size: 127 << 20, type: "EFI System")
        system.content = content("vfat", FileSystemFacts(size: 127 << 20, blockSize: 4096, state: .clean))
        var root = PartitionFacts(
            number: 1, start: 128 << 20, size: (8 << 30) - (129 << 20), type: "Linux root (x86-64)")
        root.content = content("ext4", FileSystemFacts(size: (8 << 30) - (129 << 20), blockSize: 4096, state: .clean))
        table.partitions = [root, system]
        disk.table = .known(table)
        disk.content = .absent()
        disk.roots = [RootFacts(location: "partition 1", system: "Debian GNU/Linux 12 (bookworm)")]
        facts.disk = .known(disk)
        return facts
    }

    private static func content(_ type: String, _ system: FileSystemFacts) -> ContentFacts {
        var content = ContentFacts(type: type)
        content.uuid = type == "ext4" ? "0c6c3b3c-9d29-4a5e-8f5a-5a0c1fb6a2b7" : "4E1D-2B7C"
        var system = system
        system.free = system.size / 2
        content.fileSystem = system
        return content
    }

    /// Changes what its format says, where that is known; for the examples of rules.
    public mutating func changeFormat(_ change: (inout ImageFormatFacts) -> Void) {
        Self.change(&format, change)
    }

    /// Changes what it is read through, where that is known; for the examples of rules.
    public mutating func changeChain(_ change: (inout [ImageLinkFacts]) -> Void) {
        Self.change(&chain, change)
    }

    /// Changes what is on its disk, where that is known; for the examples of rules.
    public mutating func changeDisk(_ change: (inout DiskFacts) -> Void) {
        Self.change(&disk, change)
    }

    /// Changes its partition table, where that is known; for the examples of rules.
    public mutating func changeTable(_ change: (inout PartitionTableFacts) -> Void) {
        Self.change(&disk) { disk in Self.change(&disk.table, change) }
    }

    /// Changes what is in each of its partitions; for the examples of rules.
    public mutating func changeContents(_ change: (inout ContentFacts) -> Void) {
        changeTable { table in
            for index in table.partitions.indices {
                if var content = table.partitions[index].content {
                    change(&content)
                    table.partitions[index].content = content
                }
            }
        }
    }

    private static func change<Value>(_ observation: inout Observation<Value>, _ change: (inout Value) -> Void) {
        guard var value = observation.known else { return }
        change(&value)
        observation = .known(value, from: observation.provenance)
    }
}
