/// `<capabilities>`: what a host and its hypervisor can do.
///
/// Source of names and values: libvirt's formatcaps.rst and capability.rng (9.0).
public struct Capabilities: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The capabilities that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "capabilities") }

    /// The host.
    public var host: Host { view("host") }
    /// What guests can be.
    public var guests: [Guest] { views("guest") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(host, guests, to: visit)
    }

    /// `<host>`.
    public struct Host: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The UUID.
        public var uuid: Field<UUIDValue> { child("uuid", .uuid) }
        /// The architecture.
        public var arch: Field<String> { Field(place.child("cpu"), "arch", .text, .string) }
        /// The CPU.
        public var cpu: Domain.CPU { view("cpu") }
        /// The sizes of pages that the CPU has.
        public var pages: [Pages] { views("cpu", "pages") }
        /// Whether devices can be given to guests.
        public var hasIOMMU: Field<Bool> { attribute("support", of: "iommu", .yesNo) }
        /// Ways to migrate.
        public var migrationTransports: [Field<String>] {
            place.child("migration_features").child("uri_transports").children("uri_transport").map {
                Field(XMLPlace($0), .text, .string)
            }
        }
        /// Nodes.
        public var cells: [Cell] {
            place.child("topology").child("cells").children("cell").map { Cell(place: XMLPlace($0)) }
        }
        /// Caches that can be shared out.
        public var cacheBanks: [CacheBank] { views("cache", "bank") }
        /// Security drivers.
        public var securityModels: [SecurityModel] { views("secmodel") }
        /// Whether the host can suspend to memory.
        public var suspendsToMemory: Field<Bool> {
            Field(place.child("power_management"), "suspend_mem", .presence, .presence)
        }
        /// Whether the host can suspend to disk.
        public var suspendsToDisk: Field<Bool> {
            Field(place.child("power_management"), "suspend_disk", .presence, .presence)
        }
        /// Whether the host can suspend to both.
        public var suspendsToBoth: Field<Bool> {
            Field(place.child("power_management"), "suspend_hybrid", .presence, .presence)
        }
        /// Whether domains can migrate while they run.
        public var migratesLive: Field<Bool> { Field(place.child("migration_features"), "live", .presence, .presence) }
        /// The version of the CPU's microcode.
        public var microcodeVersion: Field<Int> {
            Field(place.child("cpu"), "microcode", .attribute("version"), .count)
        }
        /// The CPU's counter of time.
        public var timeCounter: TimeCounter { TimeCounter(place: place.child("cpu").child("counter")) }
        /// The number of nodes.
        public var cellCount: Field<Int> { Field(place.child("topology"), "cells", .attribute("num"), .count) }
        /// Monitors of caches.
        public var cacheMonitors: [ResourceMonitor] { views("cache", "monitor") }
        /// Memory controllers whose bandwidth can be shared out.
        public var memoryBandwidthNodes: [MemoryBandwidthNode] { views("memory_bandwidth", "node") }
        /// Monitors of bandwidth of memory.
        public var memoryBandwidthMonitors: [ResourceMonitor] { views("memory_bandwidth", "monitor") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                uuid, arch, cpu, pages, hasIOMMU, migrationTransports, cells, cacheBanks, securityModels,
                suspendsToMemory, suspendsToDisk, suspendsToBoth, migratesLive, microcodeVersion, timeCounter,
                cellCount, cacheMonitors, memoryBandwidthNodes, memoryBandwidthMonitors, to: visit)
        }
    }

    /// `<pages>`: a size of pages, and of a node how many there are.
    public struct Pages: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The size of a page, in bytes.
        public var size: Field<UInt64> { bytes(attribute: "size", .kibibyte) }
        /// How many there are, of a node.
        public var count: Field<UInt64> { own(.large) }

        func visitParts(_ visit: (XMLField) -> Void) {
            // Of the CPU the element is empty.
            hand(size, place.parent?.element?.isNamed("cell") == true ? [count] : [], to: visit)
        }
    }

    /// `<cell>`: a node.
    public struct Cell: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Its number.
        public var id: Field<Int> { attribute("id", .count) }
        /// Its memory, in bytes.
        public var memory: Field<UInt64> { bytes("memory", .kibibyte) }
        /// Its pages.
        public var pages: [Pages] { views("pages") }
        /// Distances to nodes.
        public var distances: [Domain.CPU.Distance] { views("distances", "sibling") }
        /// Its CPUs.
        public var cpus: [CPU] { views("cpus", "cpu") }
        /// The number of its CPUs.
        public var cpuCount: Field<Int> { attribute("num", of: "cpus", .count) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(id, memory, pages, distances, cpus, cpuCount, to: visit)
        }
    }

    /// `<cpu>` of a node.
    public struct CPU: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Its number.
        public var id: Field<Int> { attribute("id", .count) }
        /// Its socket.
        public var socketID: Field<Int> { attribute("socket_id", .count) }
        /// Its die.
        public var dieID: Field<Int> { attribute("die_id", .count) }
        /// Its cluster (libvirt 10.1).
        public var clusterID: Field<Int> { attribute("cluster_id", .count) }
        /// Its core.
        public var coreID: Field<Int> { attribute("core_id", .count) }
        /// The threads of the core.
        public var siblings: Field<CPUSet> { attribute("siblings", .cpuSet) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(id, socketID, dieID, clusterID, coreID, siblings, to: visit)
        }
    }

    /// `<bank>`: a cache.
    public struct CacheBank: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Its number.
        public var id: Field<Int> { attribute("id", .count) }
        /// Its level.
        public var level: Field<Int> { attribute("level", .count) }
        /// What is in it: `both`, `code`, `data`.
        public var type: Field<String> { attribute("type") }
        /// Its size, in bytes.
        public var size: Field<UInt64> { bytes(attribute: "size", .byte) }
        /// The CPUs that share it.
        public var cpus: Field<CPUSet> { attribute("cpus", .cpuSet) }
        /// How it can be shared out.
        public var controls: [CacheControl] { views("control") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(id, level, type, size, cpus, controls, to: visit)
        }
    }

    /// `<secmodel>`: a security driver.
    public struct SecurityModel: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Its name: `selinux`, `apparmor`, `dac`, `none`.
        public var model: Field<String> { child("model") }
        /// Its domain of interpretation.
        public var domainOfInterpretation: Field<String> { child("doi") }
        /// What labels start from.
        public var baseLabels: [Field<String>] { texts("baselabel") }
        /// The kinds of domain that the labels are for, in their order.
        public var baseLabelTypes: [Field<Open<Domain.VirtualizationType>>] {
            place.children("baselabel").map { Field(XMLPlace($0), .attribute("type"), .open()) }
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(model, domainOfInterpretation, baseLabels, baseLabelTypes, to: visit)
        }
    }

    /// `<guest>`: an architecture that guests can have.
    public struct Guest: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// How guests are virtualised.
        public var osType: Field<Open<Domain.OperatingSystem.VirtualizationKind>> { child("os_type") }
        /// The architecture.
        public var arch: Field<String> { attribute("name", of: "arch") }
        /// Bits of a word.
        public var wordSize: Field<Int> {
            Field(place.child("arch"), "wordsize", .text, .count)
        }
        /// The hypervisor's program.
        public var emulator: Field<String> {
            Field(place.child("arch"), "emulator", .text, .string)
        }
        /// The machines.
        public var machines: [Machine] { views("arch", "machine") }
        /// The hypervisors.
        public var domains: [Hypervisor] { views("arch", "domain") }
        /// What guests can have.
        public var features: [GuestFeature] {
            place.element?.first("features")?.elements.map { GuestFeature(place: XMLPlace($0)) } ?? []
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(osType, arch, wordSize, emulator, machines, domains, features, to: visit)
        }
    }

    /// `<domain>` of a guest: a hypervisor.
    public struct Hypervisor: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Which one.
        public var type: Field<Open<Domain.VirtualizationType>> { attribute("type") }
        /// Its program, where it is another.
        public var emulator: Field<String> { child("emulator") }
        /// Its machines, where they are others.
        public var machines: [Machine] { views("machine") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, emulator, machines, to: visit)
        }
    }

    /// `<machine>`.
    public struct Machine: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The name.
        public var name: Field<String> { ownText }
        /// What the name stands for.
        public var canonical: Field<String> { attribute("canonical") }
        /// The most virtual CPUs.
        public var maxCPUs: Field<Int> { attribute("maxCpus", .count) }
        /// Whether it will go away.
        public var isDeprecated: Field<Bool> { attribute("deprecated", .yesNo) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, canonical, maxCPUs, isDeprecated, to: visit)
        }
    }

    /// `<counter>` of `<cpu>`.
    public struct TimeCounter: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Which: `tsc`.
        public var name: Field<String> { attribute("name") }
        /// Cycles a second.
        public var frequency: Field<UInt64> { attribute("frequency", .large) }
        /// Whether the host can make another frequency of it for a guest.
        public var scales: Field<Bool> { attribute("scaling", .yesNo) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, frequency, scales, to: visit)

        }
    }

    /// `<control>` of a cache.
    public struct CacheControl: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// What can be allotted, in bytes, in multiples.
        public var granularity: Field<UInt64> { bytes(attribute: "granularity", .byte) }
        /// The least that can be allotted, in bytes.
        public var minimum: Field<UInt64> { bytes(attribute: "min", .byte) }
        /// What is in it: `both`, `code`, `data`.
        public var type: Field<String> { attribute("type") }
        /// The most parts.
        public var maximumAllocations: Field<Int> { attribute("maxAllocs", .count) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(granularity, minimum, type, maximumAllocations, to: visit)

        }
    }

    /// `<node>` of `<memory_bandwidth>`.
    public struct MemoryBandwidthNode: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Its number.
        public var id: Field<Int> { attribute("id", .count) }
        /// Its CPUs.
        public var cpus: Field<CPUSet> { attribute("cpus", .cpuSet) }
        /// What can be allotted in percent, in multiples.
        public var granularity: Field<Int> { attribute("granularity", of: "control", .count) }
        /// The least that can be allotted, in percent.
        public var minimum: Field<Int> { attribute("min", of: "control", .count) }
        /// The most parts.
        public var maximumAllocations: Field<Int> { attribute("maxAllocs", of: "control", .count) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(id, cpus, granularity, minimum, maximumAllocations, to: visit)

        }
    }

    /// `<monitor>` of `<cache>` or `<memory_bandwidth>`.
    public struct ResourceMonitor: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The level of the cache.
        public var level: Field<Int> { attribute("level", .count) }
        /// Below how much a monitor can be used again, in bytes.
        public var reuseThreshold: Field<UInt64> { attribute("reuseThreshold", .large) }
        /// The most monitors.
        public var maximumMonitors: Field<Int> { attribute("maxMonitors", .count) }
        /// What can be watched, as `llc_occupancy`.
        public var features: [Field<String>] {
            place.children("feature").map { Field(XMLPlace($0), .attribute("name"), .string) }
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(level, reuseThreshold, maximumMonitors, features, to: visit)

        }
    }

    /// An element of `<features>`: what guests can have.
    public struct GuestFeature: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Which: the name of the element, as `acpi`.
        public var name: String { element?.name ?? "" }
        /// Whether a guest has it that does not ask.
        public var isDefault: Field<Bool> { attribute("default", .onOff) }
        /// Whether it can be turned on and off.
        public var canBeToggled: Field<Bool> { attribute("toggle", .yesNo) }
        /// That it is named at all.
        public var isNamed: Field<Bool> { Field(place, .presence, .presence) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(isDefault, canBeToggled, isNamed, to: visit)

        }
    }
}
