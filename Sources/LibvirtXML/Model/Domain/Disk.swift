extension Domain {
    /// `<disk>`.
    public struct Disk: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// Where it is kept.
        public typealias Source = DiskSource

        /// What the guest sees.
        public enum Device: String, LibvirtEnumeration {
            case disk, cdrom, floppy, lun
        }

        /// The models of virtio devices, by how old a guest may be.
        public enum Model: String, LibvirtEnumeration {
            case virtio
            case virtioTransitional = "virtio-transitional"
            case virtioNonTransitional = "virtio-non-transitional"
        }

        /// What the guest sees it on.
        public enum Bus: String, LibvirtEnumeration {
            case ide, fdc, scsi, virtio, xen, usb, uml, sata, sd, nvme
        }

        /// What a domain's snapshot does with it.
        public enum Snapshot: String, LibvirtEnumeration {
            case `internal`, external, manual, no
        }

        /// What is done with SCSI commands of the guest.
        public enum SGIO: String, LibvirtEnumeration {
            case filtered, unfiltered
        }

        /// Where it is kept; `file` where absent.
        public var type: Field<Open<StorageType>> { attribute("type") }
        /// What the guest sees; `disk` where absent.
        public var device: Field<Open<Device>> { attribute("device") }
        /// The virtio model.
        public var model: Field<Open<Model>> { attribute("model") }
        /// Whether a SCSI LUN needs raw commands.
        public var usesRawIO: Field<Bool> { attribute("rawio", .yesNo) }
        /// What is done with SCSI commands of the guest.
        public var sgio: Field<Open<SGIO>> { attribute("sgio") }
        /// What a domain's snapshot does with it.
        public var snapshot: Field<Open<Snapshot>> { attribute("snapshot") }
        /// How the host reads and writes it.
        public var driver: Driver { view("driver") }
        /// Where it is kept.
        public var source: DiskSource { view("source") }
        /// What it is a difference to; an empty one ends the chain.
        public var backingStore: BackingStore { view("backingStore") }
        /// What it is being copied to.
        public var mirror: Mirror { view("mirror") }
        /// What the guest sees it on.
        public var target: Target { view("target") }
        /// Limits of traffic.
        public var ioTuning: IOTuning { view("iotune") }
        /// Whether the guest cannot write.
        public var isReadOnly: Field<Bool> { presence("readonly") }
        /// Whether several domains may write.
        public var isShareable: Field<Bool> { presence("shareable") }
        /// Whether changes are thrown away at the end.
        public var isTransient: Field<Bool> { presence("transient") }
        /// The serial number that the guest sees.
        public var serial: Field<String> { child("serial") }
        /// The World Wide Name that the guest sees.
        public var worldWideName: Field<String> { child("wwn") }
        /// The manufacturer that the guest sees.
        public var vendor: Field<String> { child("vendor") }
        /// The product that the guest sees.
        public var product: Field<String> { child("product") }
        /// Its encryption, where it is written here rather than in the source.
        public var encryption: Encryption { view("encryption") }
        /// Its credentials, where they are written here rather than in the source.
        public var authentication: Authentication { view("auth") }
        /// The size of a block that the guest addresses.
        public var logicalBlockSize: Field<Int> { attribute("logical_block_size", of: "blockio", .count) }
        /// The size of a block that is written at once.
        public var physicalBlockSize: Field<Int> { attribute("physical_block_size", of: "blockio", .count) }
        /// The size of a block that is discarded at once (libvirt 11.3).
        public var discardGranularity: Field<Int> { attribute("discard_granularity", of: "blockio", .count) }
        /// The shape that the BIOS shows.
        public var geometry: Geometry { view("geometry") }

        /// The layers from the disk down, each by its source; the disk's own first. It ends at an empty `<backingStore/>`,
        /// or where nothing is written.
        public var chain: [DiskSource] {
            var (sources, store) = ([source], backingStore)
            while store.isPresent, store.source.isPresent || store.type.isPresent {
                sources.append(store.source)
                store = store.backingStore
            }
            return sources
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                type, device, model, usesRawIO, sgio, snapshot, driver, source, backingStore, mirror, target, ioTuning,
                isReadOnly, isShareable, isTransient, serial, worldWideName, vendor, product, encryption,
                authentication, logicalBlockSize, physicalBlockSize, discardGranularity, geometry, to: visit)
            visitDeviceParts(visit)
        }
    }
}

extension Domain.Disk {
    /// `<driver>`: how the host reads and writes the disk.
    public struct Driver: PlacedView, VirtioDriver {
        /// Where it stands.
        public let place: XMLPlace

        /// How the host's cache is used. `nothing` is libvirt's `none`: past the cache.
        public enum Cache: String, LibvirtEnumeration {
            case `default`, writeback, writethrough, directsync, unsafe
            case nothing = "none"
        }

        /// How requests are made.
        public enum IO: String, LibvirtEnumeration {
            case threads, native
            case ioUring = "io_uring"
        }

        /// What is done with blocks that the guest discards.
        public enum Discard: String, LibvirtEnumeration {
            case unmap, ignore
        }

        /// What is done with zeros that the guest writes.
        public enum DetectZeroes: String, LibvirtEnumeration {
            case off, on, unmap
        }

        /// What is done on an error.
        public enum ErrorPolicy: String, LibvirtEnumeration {
            case stop, report, ignore, enospace
        }

        /// The hypervisor's driver: `qemu`, and of Xen `tap`, `tap2`, `phy`, `file`.
        public var name: Field<String> { attribute("name") }
        /// The image's format; QEMU guesses it where absent, which libvirt no longer allows.
        public var type: Field<Open<DiskFormat>> { attribute("type") }
        /// How the host's cache is used.
        public var cache: Field<Open<Cache>> { attribute("cache") }
        /// How requests are made.
        public var io: Field<Open<IO>> { attribute("io") }
        /// What is done with blocks that the guest discards.
        public var discard: Field<Open<Discard>> { attribute("discard") }
        /// What is done with zeros that the guest writes.
        public var detectZeroes: Field<Open<DetectZeroes>> { attribute("detect_zeroes") }
        /// What is done on an error.
        public var errorPolicy: Field<Open<ErrorPolicy>> { attribute("error_policy") }
        /// What is done on an error of reading.
        public var readErrorPolicy: Field<Open<ErrorPolicy>> { attribute("rerror_policy") }
        /// Whether the guest's requests are handled beside the virtual CPU.
        public var usesIOEventFD: Field<Bool> { attribute("ioeventfd", .onOff) }
        /// Whether interrupts are spared.
        public var usesEventIndex: Field<Bool> { attribute("event_idx", .onOff) }
        /// Whether what is read is copied to the overlay.
        public var copiesOnRead: Field<Bool> { attribute("copy_on_read", .onOff) }
        /// Whether discards without effect are not passed on (libvirt 9.3).
        public var discardsNoUnref: Field<Bool> { attribute("discard_no_unref", .onOff) }
        /// The I/O thread that handles it.
        public var ioThread: Field<Int> { attribute("iothread", .count) }
        /// The I/O threads that handle it (libvirt 10.0).
        public var ioThreads: [IOThreadMapping] { views("iothreads", "iothread") }
        /// The number of queues.
        public var queues: Field<Int> { attribute("queues", .count) }
        /// The requests in a queue.
        public var queueSize: Field<Int> { attribute("queue_size", .count) }
        /// The most memory that qcow2's metadata may take, in bytes.
        public var metadataCacheSize: Field<UInt64> {
            Field(place.child("metadata_cache"), "max_size", .scaledText(unit: "unit"), .bytes(.byte))
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                name, type, cache, io, discard, detectZeroes, errorPolicy, readErrorPolicy, usesIOEventFD,
                usesEventIndex, copiesOnRead, discardsNoUnref, ioThread, ioThreads, queues, queueSize,
                metadataCacheSize, to: visit)
            visitVirtioParts(visit)
        }

        /// `<iothreads><iothread>`.
        public struct IOThreadMapping: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The I/O thread.
            public var id: Field<Int> { attribute("id", .count) }
            /// The queues that it handles; in turn where there are none.
            public var queues: [Queue] { views("queue") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(id, queues, to: visit)
            }

            /// `<queue>`.
            public struct Queue: PlacedView {
                /// Where it stands.
                public let place: XMLPlace

                /// Its number, from 0.
                public var id: Field<Int> { attribute("id", .count) }

                func visitParts(_ visit: (XMLField) -> Void) {
                    hand(id, to: visit)
                }
            }
        }
    }

    /// `<target>`: what the guest sees the disk on.
    public struct Target: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Where the tray of a drive is.
        public enum Tray: String, LibvirtEnumeration {
            case open, closed
        }

        /// A name that is unique in the domain, such as `vda`; the guest may call it otherwise.
        public var device: Field<String> { attribute("dev") }
        /// What the guest sees it on; guessed from the name where absent.
        public var bus: Field<Open<Bus>> { attribute("bus") }
        /// Where the tray is.
        public var tray: Field<Open<Tray>> { attribute("tray") }
        /// Whether the guest is told that it can be taken out.
        public var isRemovable: Field<Bool> { attribute("removable", .onOff) }
        /// Turns a minute; 1 is a solid state disk.
        public var rotationRate: Field<Int> { attribute("rotation_rate", .count) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(device, bus, tray, isRemovable, rotationRate, to: visit)
        }
    }

    /// `<backingStore>`: a layer below another. An empty one says that there is none.
    public struct BackingStore: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Where it is kept; absent in an empty one.
        public var type: Field<Open<StorageType>> { attribute("type") }
        /// Its number in a running domain.
        public var index: Field<Int> { attribute("index", .count) }
        /// The image's format.
        public var format: Field<Open<DiskFormat>> { attribute("type", of: "format") }
        /// Where it is kept.
        public var source: DiskSource { view("source") }
        /// The layer below it.
        public var backingStore: BackingStore { view("backingStore") }

        /// Whether it says that there is no layer below.
        public var isEnd: Bool { element.map { $0.elements.isEmpty && !type.isPresent } ?? false }
        /// The most of the image's own tables that are kept in memory, in bytes.
        public var metadataCacheSize: Field<UInt64> {
            Field(place.child("format").child("metadata_cache"), "max_size", .scaledText(unit: "unit"), .bytes(.byte))
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, index, format, source, backingStore, metadataCacheSize, to: visit)
        }
    }

    /// `<mirror>`: what a job copies the disk to.
    public struct Mirror: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The job.
        public enum Job: String, LibvirtEnumeration {
            case copy
            case activeCommit = "active-commit"
        }

        /// Where the copy is kept.
        public var type: Field<Open<StorageType>> { attribute("type") }
        /// The job.
        public var job: Field<Open<Job>> { attribute("job") }
        /// Whether it has caught up: `yes`, `abort`, `pivot`.
        public var ready: Field<String> { attribute("ready") }
        /// The file, as libvirt before 1.2.6 wrote it.
        public var file: Field<String> { attribute("file") }
        /// The image's format.
        public var format: Field<Open<DiskFormat>> { attribute("type", of: "format") }
        /// Where the copy is kept.
        public var source: DiskSource { view("source") }
        /// What the copy is a difference to.
        public var backingStore: BackingStore { view("backingStore") }
        /// The format, as libvirt before 1.2.4 wrote it.
        public var formatName: Field<String> { attribute("format") }
        /// The most of the image's own tables that are kept in memory, in bytes.
        public var metadataCacheSize: Field<UInt64> {
            Field(place.child("format").child("metadata_cache"), "max_size", .scaledText(unit: "unit"), .bytes(.byte))
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, job, ready, file, format, source, backingStore, formatName, metadataCacheSize, to: visit)
        }
    }

    /// `<geometry>`.
    public struct Geometry: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Cylinders.
        public var cylinders: Field<Int> { attribute("cyls", .count) }
        /// Heads.
        public var heads: Field<Int> { attribute("heads", .count) }
        /// Sectors in a track.
        public var sectors: Field<Int> { attribute("secs", .count) }
        /// How the BIOS translates: `auto`, `none`, `lba`.
        public var translation: Field<String> { attribute("trans") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(cylinders, heads, sectors, translation, to: visit)
        }
    }

    /// `<iotune>`: limits of traffic. Bytes and requests a second; 0 is no limit.
    public struct IOTuning: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Bytes a second.
        public var totalBytes: Field<UInt64> { child("total_bytes_sec", .large) }
        /// Bytes read a second.
        public var readBytes: Field<UInt64> { child("read_bytes_sec", .large) }
        /// Bytes written a second.
        public var writeBytes: Field<UInt64> { child("write_bytes_sec", .large) }
        /// Requests a second.
        public var totalOperations: Field<UInt64> { child("total_iops_sec", .large) }
        /// Reads a second.
        public var readOperations: Field<UInt64> { child("read_iops_sec", .large) }
        /// Writes a second.
        public var writeOperations: Field<UInt64> { child("write_iops_sec", .large) }
        /// Bytes a second in a burst.
        public var totalBytesMaximum: Field<UInt64> { child("total_bytes_sec_max", .large) }
        /// Bytes read a second in a burst.
        public var readBytesMaximum: Field<UInt64> { child("read_bytes_sec_max", .large) }
        /// Bytes written a second in a burst.
        public var writeBytesMaximum: Field<UInt64> { child("write_bytes_sec_max", .large) }
        /// Requests a second in a burst.
        public var totalOperationsMaximum: Field<UInt64> { child("total_iops_sec_max", .large) }
        /// Reads a second in a burst.
        public var readOperationsMaximum: Field<UInt64> { child("read_iops_sec_max", .large) }
        /// Writes a second in a burst.
        public var writeOperationsMaximum: Field<UInt64> { child("write_iops_sec_max", .large) }
        /// The size of a request that counts as one, in bytes.
        public var operationSize: Field<UInt64> { child("size_iops_sec", .large) }
        /// Disks of the same name share the limits.
        public var groupName: Field<String> { child("group_name") }
        /// How long a burst may last, in seconds.
        public var totalBytesMaximumLength: Field<UInt64> { child("total_bytes_sec_max_length", .large) }
        /// How long a burst of reading may last, in seconds.
        public var readBytesMaximumLength: Field<UInt64> { child("read_bytes_sec_max_length", .large) }
        /// How long a burst of writing may last, in seconds.
        public var writeBytesMaximumLength: Field<UInt64> { child("write_bytes_sec_max_length", .large) }
        /// How long a burst of requests may last, in seconds.
        public var totalOperationsMaximumLength: Field<UInt64> { child("total_iops_sec_max_length", .large) }
        /// How long a burst of reads may last, in seconds.
        public var readOperationsMaximumLength: Field<UInt64> { child("read_iops_sec_max_length", .large) }
        /// How long a burst of writes may last, in seconds.
        public var writeOperationsMaximumLength: Field<UInt64> { child("write_iops_sec_max_length", .large) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                totalBytes, readBytes, writeBytes, totalOperations, readOperations, writeOperations, totalBytesMaximum,
                readBytesMaximum, writeBytesMaximum, totalOperationsMaximum, readOperationsMaximum,
                writeOperationsMaximum, operationSize, groupName, totalBytesMaximumLength, readBytesMaximumLength,
                writeBytesMaximumLength, totalOperationsMaximumLength, readOperationsMaximumLength,
                writeOperationsMaximumLength, to: visit)
        }
    }
}
