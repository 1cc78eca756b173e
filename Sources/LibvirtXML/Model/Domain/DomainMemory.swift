extension Domain {
    /// `<memtune>`: limits of memory on the host.
    ///
    /// Absent and `unlimited` (a number of libvirt's near 2⁶³) both mean no limit.
    public struct MemoryTuning: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The most memory, in bytes; beyond it the domain is killed.
        public var hardLimit: Field<UInt64> { bytes("hard_limit", .kibibyte) }
        /// The most memory while the host lacks memory, in bytes.
        public var softLimit: Field<UInt64> { bytes("soft_limit", .kibibyte) }
        /// The most memory and swap together, in bytes.
        public var swapHardLimit: Field<UInt64> { bytes("swap_hard_limit", .kibibyte) }
        /// The least memory, in bytes. QEMU's driver refuses it.
        public var minimumGuarantee: Field<UInt64> { bytes("min_guarantee", .kibibyte) }

        /// `VIR_DOMAIN_MEMORY_PARAM_UNLIMITED`, in bytes: 2⁵³ - 1 times 1 KiB.
        public static let unlimited: UInt64 = 9_007_199_254_740_991 << 10

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(hardLimit, softLimit, swapHardLimit, minimumGuarantee, to: visit)
        }
    }

    /// `<memoryBacking>`: what the memory is made of.
    public struct MemoryBacking: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Where memory comes from.
        public enum Source: String, LibvirtEnumeration {
            case file, anonymous, memfd
        }

        /// Who else may see memory.
        public enum Access: String, LibvirtEnumeration {
            case shared, `private`
        }

        /// When memory is allocated.
        public enum Allocation: String, LibvirtEnumeration {
            case immediate, ondemand
        }

        /// Whether it is made of huge pages.
        public var usesHugePages: Field<Bool> { presence("hugepages") }
        /// The sizes of huge pages, by guest node.
        public var hugePages: [HugePage] { views("hugepages", "page") }
        /// Whether it is kept out of KSM.
        public var forbidsSharingPages: Field<Bool> { presence("nosharepages") }
        /// Whether it is never swapped.
        public var isLocked: Field<Bool> { presence("locked") }
        /// Where it comes from.
        public var source: Field<Open<Source>> { attribute("type", of: "source") }
        /// Who else may see it.
        public var access: Field<Open<Access>> { attribute("mode", of: "access") }
        /// When it is allocated.
        public var allocation: Field<Open<Allocation>> { attribute("mode", of: "allocation") }
        /// By how many threads it is allocated.
        public var allocationThreads: Field<Int> { attribute("threads", of: "allocation", .count) }
        /// Whether its contents are thrown away at the end.
        public var isDiscarded: Field<Bool> { presence("discard") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                usesHugePages, hugePages, forbidsSharingPages, isLocked, source, access, allocation, allocationThreads,
                isDiscarded, to: visit)
        }

        /// `<hugepages><page>`.
        public struct HugePage: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The size of a page, in bytes.
            public var size: Field<UInt64> { bytes(attribute: "size", .kibibyte) }
            /// The guest's nodes that are made of it; all others where absent.
            public var nodeSet: Field<CPUSet> { attribute("nodeset", .cpuSet) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(size, nodeSet, to: visit)
            }
        }
    }

    /// `<numatune>`: from which of the host's nodes memory comes.
    public struct NUMATuning: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// What happens when the nodes have no memory left.
        public enum Mode: String, LibvirtEnumeration {
            case strict, preferred, interleave, restrictive
        }

        /// What happens when the nodes have no memory left.
        public var mode: Field<Open<Mode>> { attribute("mode", of: "memory") }
        /// The nodes.
        public var nodeSet: Field<CPUSet> { attribute("nodeset", of: "memory", .cpuSet) }
        /// Who chooses the nodes.
        public var placement: Field<Open<VCPU.Placement>> { attribute("placement", of: "memory") }
        /// By guest node.
        public var memoryNodes: [MemoryNode] { views("memnode") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(mode, nodeSet, placement, memoryNodes, to: visit)
        }

        /// `<memnode>`.
        public struct MemoryNode: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The guest's node.
            public var cellID: Field<Int> { attribute("cellid", .count) }
            /// What happens when the nodes have no memory left.
            public var mode: Field<Open<Mode>> { attribute("mode") }
            /// The host's nodes.
            public var nodeSet: Field<CPUSet> { attribute("nodeset", .cpuSet) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(cellID, mode, nodeSet, to: visit)
            }
        }
    }

    /// `<blkiotune>`: weights and limits of disk traffic on the host.
    public struct BlockIOTuning: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The domain's weight, 100 to 1000 (10 to 1000 since Linux 2.6.39).
        public var weight: Field<Int> { child("weight", .count) }
        /// By device of the host.
        public var devices: [Device] { views("device") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(weight, devices, to: visit)
        }

        /// `<blkiotune><device>`.
        public struct Device: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The device of the host.
            public var path: Field<String> { child("path") }
            /// Its weight.
            public var weight: Field<Int> { child("weight", .count) }
            /// Bytes read a second.
            public var readBytesPerSecond: Field<UInt64> { child("read_bytes_sec", .large) }
            /// Bytes written a second.
            public var writeBytesPerSecond: Field<UInt64> { child("write_bytes_sec", .large) }
            /// Reads a second.
            public var readOperationsPerSecond: Field<UInt64> { child("read_iops_sec", .large) }
            /// Writes a second.
            public var writeOperationsPerSecond: Field<UInt64> { child("write_iops_sec", .large) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(
                    path, weight, readBytesPerSecond, writeBytesPerSecond, readOperationsPerSecond,
                    writeOperationsPerSecond, to: visit)
            }
        }
    }
}
