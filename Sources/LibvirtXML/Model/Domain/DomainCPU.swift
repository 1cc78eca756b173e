extension Domain {
    /// `<cpu>`: the CPU that the guest sees.
    public struct CPU: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// How the model is chosen.
        public enum Mode: String, LibvirtEnumeration {
            case custom, maximum
            case hostModel = "host-model"
            case hostPassthrough = "host-passthrough"
        }

        /// How the host's CPU must match.
        public enum Match: String, LibvirtEnumeration {
            case minimum, exact, strict
        }

        /// What is checked before the start.
        public enum Check: String, LibvirtEnumeration {
            case partial, full
            case nothing = "none"
        }

        /// What happens when the model is not supported.
        public enum Fallback: String, LibvirtEnumeration {
            case allow, forbid
        }

        /// Whether a feature is there.
        public enum Policy: String, LibvirtEnumeration {
            case force, require, optional, disable, forbid
        }

        /// How the model is chosen.
        public var mode: Field<Open<Mode>> { attribute("mode") }
        /// How the host's CPU must match.
        public var match: Field<Open<Match>> { attribute("match") }
        /// What is checked before the start.
        public var check: Field<Open<Check>> { attribute("check") }
        /// Whether the guest can be migrated.
        public var isMigratable: Field<Bool> { attribute("migratable", .onOff) }
        /// The model, such as `Skylake-Client`.
        public var model: Field<String> { child("model") }
        /// What happens when the model is not supported.
        public var fallback: Field<Open<Fallback>> { attribute("fallback", of: "model") }
        /// The manufacturer that CPUID shows.
        public var vendorID: Field<String> { attribute("vendor_id", of: "model") }
        /// The manufacturer that the host must be of.
        public var vendor: Field<String> { child("vendor") }
        /// Sockets, dies, cores and threads.
        public var topology: Topology { view("topology") }
        /// The cache that the guest sees.
        public var cache: Cache { view("cache") }
        /// The size of physical addresses.
        public var maxPhysicalAddress: MaxPhysicalAddress { view("maxphysaddr") }
        /// Features by name.
        public var features: [Feature] { views("feature") }
        /// The guest's nodes.
        public var numaCells: [NUMACell] { views("numa", "cell") }
        /// How long nodes wait for memory, in nanoseconds.
        public var latencies: [Latency] { interconnects("latency") }
        /// How much nodes read a second, in bytes.
        public var bandwidths: [Bandwidth] { interconnects("bandwidth") }
        /// What is done with features that the host's maker has given up.
        public var deprecatedFeatures: Field<Bool> { attribute("deprecated_features", .onOff) }

        private func interconnects<View: PlacedView>(_ name: String) -> [View] {
            place.child("numa").child("interconnects").children(name).map { View(place: XMLPlace($0)) }
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                mode, match, check, isMigratable, model, fallback, vendorID, vendor, topology, cache,
                maxPhysicalAddress, features, numaCells, latencies, bandwidths, deprecatedFeatures, to: visit)
        }

        /// `<topology>`.
        public struct Topology: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Sockets.
            public var sockets: Field<Int> { attribute("sockets", .count) }
            /// Dies in a socket; 1 where absent.
            public var dies: Field<Int> { attribute("dies", .count) }
            /// Clusters in a die (libvirt 10.1); 1 where absent.
            public var clusters: Field<Int> { attribute("clusters", .count) }
            /// Cores in a cluster.
            public var cores: Field<Int> { attribute("cores", .count) }
            /// Threads in a core.
            public var threads: Field<Int> { attribute("threads", .count) }

            /// How many CPUs that makes; nil where a number is malformed or the product is out of range.
            public var product: Int? {
                var product = 1
                for field in [sockets, dies, clusters, cores, threads] where field.isPresent {
                    guard let value = field.value else { return nil }
                    let (next, overflow) = product.multipliedReportingOverflow(by: value)
                    guard !overflow else { return nil }
                    product = next
                }
                return product
            }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(sockets, dies, clusters, cores, threads, to: visit)
            }
        }

        /// `<cache>`.
        public struct Cache: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Where the cache comes from.
            public enum Mode: String, LibvirtEnumeration {
                case emulate, passthrough, disable
            }

            /// Where it comes from.
            public var mode: Field<Open<Mode>> { attribute("mode") }
            /// The level.
            public var level: Field<Int> { attribute("level", .count) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(mode, level, to: visit)
            }
        }

        /// `<maxphysaddr>` (libvirt 8.7).
        public struct MaxPhysicalAddress: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Where the number of bits comes from.
            public enum Mode: String, LibvirtEnumeration {
                case passthrough, emulate
            }

            /// Where the number of bits comes from.
            public var mode: Field<Open<Mode>> { attribute("mode") }
            /// The number of bits.
            public var bits: Field<Int> { attribute("bits", .count) }
            /// The most bits of the host that are passed through (libvirt 9.3).
            public var limit: Field<Int> { attribute("limit", .count) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(mode, bits, limit, to: visit)
            }
        }

        /// `<feature>`.
        public struct Feature: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The name, such as `vmx`.
            public var name: Field<String> { attribute("name") }
            /// Whether it is there.
            public var policy: Field<Open<Policy>> { attribute("policy") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(name, policy, to: visit)
            }
        }

        /// `<numa><cell>`: a node of the guest.
        public struct NUMACell: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Its number; in order where absent.
            public var id: Field<Int> { attribute("id", .count) }
            /// Its virtual CPUs.
            public var cpus: Field<CPUSet> { attribute("cpus", .cpuSet) }
            /// Its memory, in bytes.
            public var memory: Field<UInt64> { bytes(attribute: "memory", .kibibyte) }
            /// Who else may see its memory.
            public var memoryAccess: Field<Open<MemoryBacking.Access>> { attribute("memAccess") }
            /// Whether its memory's contents are thrown away at the end.
            public var isDiscarded: Field<Bool> { attribute("discard", .yesNo) }
            /// Distances to nodes.
            public var distances: [Distance] { views("distances", "sibling") }
            /// Caches beside its memory.
            public var caches: [MemorySideCache] { views("cache") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(id, cpus, memory, memoryAccess, isDiscarded, distances, caches, to: visit)
            }
        }

        /// `<distances><sibling>`.
        public struct Distance: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The other node.
            public var id: Field<Int> { attribute("id", .count) }
            /// The distance; 10 is the node itself.
            public var value: Field<Int> { attribute("value", .integer(10...255)) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(id, value, to: visit)
            }
        }

        /// `<cache>` of a node: a cache beside its memory.
        public struct MemorySideCache: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Its level.
            public var level: Field<Int> { attribute("level", .count) }
            /// How memory is in it: `none`, `direct`, `full`.
            public var associativity: Field<String> { attribute("associativity") }
            /// What is done when it is written: `none`, `writeback`, `writethrough`.
            public var policy: Field<String> { attribute("policy") }
            /// Its size, in bytes.
            public var size: Field<UInt64> {
                Field(place, "size", .scaledAttribute("value", unit: "unit"), .bytes(.byte))
            }
            /// The size of a line, in bytes.
            public var lineSize: Field<UInt64> {
                Field(place, "line", .scaledAttribute("value", unit: "unit"), .bytes(.byte))
            }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(level, associativity, policy, size, lineSize, to: visit)

            }
        }

        /// `<latency>` of `<interconnects>`: how long a node waits for memory.
        public struct Latency: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The node that asks.
            public var initiator: Field<Int> { attribute("initiator", .count) }
            /// The node that has the memory.
            public var target: Field<Int> { attribute("target", .count) }
            /// The level of the cache that answers; 0 is the memory.
            public var cache: Field<Int> { attribute("cache", .count) }
            /// What is measured: `access`, `read`, `write`.
            public var type: Field<String> { attribute("type") }
            /// How long, in nanoseconds.
            public var value: Field<Int> { attribute("value", .count) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(initiator, target, cache, type, value, to: visit)

            }
        }

        /// `<bandwidth>` of `<interconnects>`: how much a node reads a second.
        public struct Bandwidth: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The node that asks.
            public var initiator: Field<Int> { attribute("initiator", .count) }
            /// The node that has the memory.
            public var target: Field<Int> { attribute("target", .count) }
            /// The level of the cache that answers; 0 is the memory.
            public var cache: Field<Int> { attribute("cache", .count) }
            /// What is measured: `access`, `read`, `write`.
            public var type: Field<String> { attribute("type") }
            /// How much, in bytes a second.
            public var value: Field<UInt64> { bytes(attribute: "value", .kibibyte) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(initiator, target, cache, type, value, to: visit)

            }
        }

    }

    /// `<cputune>`: where threads run, and how much.
    public struct CPUTuning: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The domain's weight, relative to the others.
        public var shares: Field<UInt64> { child("shares", .large) }
        /// The period of virtual CPUs' limits, in microseconds.
        public var period: Field<UInt64> { child("period", .large) }
        /// How much of the period a virtual CPU gets, in microseconds; less than 0 is no limit.
        public var quota: Field<Int> { child("quota", .signed) }
        /// The period of the whole domain's limit.
        public var globalPeriod: Field<UInt64> { child("global_period", .large) }
        /// How much of it the whole domain gets.
        public var globalQuota: Field<Int> { child("global_quota", .signed) }
        /// The period of the emulator's limit.
        public var emulatorPeriod: Field<UInt64> { child("emulator_period", .large) }
        /// How much of it the emulator gets.
        public var emulatorQuota: Field<Int> { child("emulator_quota", .signed) }
        /// The period of I/O threads' limits.
        public var ioThreadPeriod: Field<UInt64> { child("iothread_period", .large) }
        /// How much of it an I/O thread gets.
        public var ioThreadQuota: Field<Int> { child("iothread_quota", .signed) }
        /// On which host CPUs a virtual CPU runs.
        public var vcpuPins: [VCPUPin] { views("vcpupin") }
        /// On which host CPUs the emulator runs.
        public var emulatorPin: Field<CPUSet> { attribute("cpuset", of: "emulatorpin", .cpuSet) }
        /// On which host CPUs an I/O thread runs.
        public var ioThreadPins: [IOThreadPin] { views("iothreadpin") }
        /// How virtual CPUs are scheduled.
        public var vcpuSchedulers: [Scheduler] { views("vcpusched") }
        /// How I/O threads are scheduled.
        public var ioThreadSchedulers: [Scheduler] { views("iothreadsched") }
        /// How the emulator is scheduled.
        public var emulatorScheduler: Scheduler { view("emulatorsched") }
        /// How much of the host's caches virtual CPUs get.
        public var cacheTunings: [CacheTuning] { views("cachetune") }
        /// How much of the host's memory bandwidth virtual CPUs get.
        public var memoryTunings: [MemoryBandwidthTuning] { views("memorytune") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                shares, period, quota, globalPeriod, globalQuota, emulatorPeriod, emulatorQuota, ioThreadPeriod,
                ioThreadQuota, vcpuPins, emulatorPin, ioThreadPins, vcpuSchedulers, ioThreadSchedulers,
                emulatorScheduler, cacheTunings, memoryTunings, to: visit)
        }

        /// `<vcpupin>`.
        public struct VCPUPin: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The virtual CPU.
            public var vcpu: Field<Int> { attribute("vcpu", .count) }
            /// The host's CPUs.
            public var cpuSet: Field<CPUSet> { attribute("cpuset", .cpuSet) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(vcpu, cpuSet, to: visit)
            }
        }

        /// `<iothreadpin>`.
        public struct IOThreadPin: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The I/O thread.
            public var ioThread: Field<Int> { attribute("iothread", .count) }
            /// The host's CPUs.
            public var cpuSet: Field<CPUSet> { attribute("cpuset", .cpuSet) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(ioThread, cpuSet, to: visit)
            }
        }

        /// `<vcpusched>`, `<iothreadsched>` or `<emulatorsched>`.
        public struct Scheduler: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The scheduler's name.
            public enum Name: String, LibvirtEnumeration {
                case batch, idle, fifo
                case roundRobin = "rr"
            }

            /// Which virtual CPUs.
            public var vcpus: Field<CPUSet> { attribute("vcpus", .cpuSet) }
            /// Which I/O threads.
            public var ioThreads: Field<CPUSet> { attribute("iothreads", .cpuSet) }
            /// The scheduler.
            public var scheduler: Field<Open<Name>> { attribute("scheduler") }
            /// The priority, for `fifo` and `rr`.
            public var priority: Field<Int> { attribute("priority", .signed) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(vcpus, ioThreads, scheduler, priority, to: visit)
            }
        }

        /// `<cachetune>`.
        public struct CacheTuning: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Which virtual CPUs.
            public var vcpus: Field<CPUSet> { attribute("vcpus", .cpuSet) }
            /// The caches.
            public var caches: [Cache] { views("cache") }
            /// What is watched.
            public var monitors: [Monitor] { views("monitor") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(vcpus, caches, monitors, to: visit)
            }
        }

        /// `<cachetune><cache>`.
        public struct Cache: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Its number.
            public var id: Field<Int> { attribute("id", .count) }
            /// Its level.
            public var level: Field<Int> { attribute("level", .count) }
            /// What is in it: `both`, `code`, `data`.
            public var type: Field<String> { attribute("type") }
            /// How much, in bytes.
            public var size: Field<UInt64> { bytes(attribute: "size", .byte) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(id, level, type, size, to: visit)
            }
        }

        /// `<memorytune>`.
        public struct MemoryBandwidthTuning: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Which virtual CPUs.
            public var vcpus: Field<CPUSet> { attribute("vcpus", .cpuSet) }
            /// How much each memory controller gives.
            public var nodes: [Bandwidth] { views("node") }
            /// What is watched.
            public var monitors: [Monitor] { views("monitor") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(vcpus, nodes, monitors, to: visit)
            }
        }

        /// `<monitor>` of `<cachetune>` or `<memorytune>`.
        public struct Monitor: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The level of the cache.
            public var level: Field<Int> { attribute("level", .count) }
            /// Which virtual CPUs.
            public var vcpus: Field<CPUSet> { attribute("vcpus", .cpuSet) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(level, vcpus, to: visit)

            }
        }

        /// `<node>` of `<memorytune>`.
        public struct Bandwidth: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The memory controller.
            public var id: Field<Int> { attribute("id", .count) }
            /// How much of it, in percent or in the units of the host.
            public var bandwidth: Field<Int> { attribute("bandwidth", .count) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(id, bandwidth, to: visit)

            }
        }
    }
}
