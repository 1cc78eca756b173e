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

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(uuid, arch, cpu, pages, hasIOMMU, migrationTransports, cells, cacheBanks, securityModels, to: visit)
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

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(id, memory, pages, distances, cpus, to: visit)
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

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(id, level, type, size, cpus, to: visit)
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

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(model, domainOfInterpretation, baseLabels, to: visit)
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

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(osType, arch, wordSize, emulator, machines, domains, to: visit)
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
}
