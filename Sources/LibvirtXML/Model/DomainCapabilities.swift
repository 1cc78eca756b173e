/// `<domainCapabilities>`: what guests of one hypervisor, architecture and machine can have.
///
/// Source of names and values: libvirt's formatdomaincaps.rst and domaincaps.rng (9.0).
public struct DomainCapabilities: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    init(place: XMLPlace) { self.place = place }

    /// The capabilities that a document holds at its root; nil where the root is something else.
    public init?(_ document: XMLDocument) { self.init(root: document, named: "domainCapabilities") }

    /// The hypervisor's program.
    public var path: Field<String> { child("path") }
    /// The hypervisor.
    public var domain: Field<Open<Domain.VirtualizationType>> { child("domain") }
    /// The machine.
    public var machine: Field<String> { child("machine") }
    /// The architecture.
    public var arch: Field<String> { child("arch") }
    /// The most virtual CPUs.
    public var maxVCPUs: Field<Int> { attribute("max", of: "vcpu", .count) }
    /// Whether I/O threads are supported.
    public var ioThreads: Field<Bool> { attribute("supported", of: "iothreads", .yesNo) }
    /// What is supported of booting; enumerations `firmware`.
    public var os: Support { view("os") }
    /// What is supported of firmware code; enumerations `type`, `readonly`, `secure`.
    public var loader: Support { Support(place: place.child("os").child("loader")) }
    /// The modes of CPUs.
    public var cpuModes: [CPUMode] { views("cpu", "mode") }
    /// What is supported of memory backing; enumerations `sourceType`.
    public var memoryBacking: Support { view("memoryBacking") }
    /// What is supported of each kind of device: `disk`, `graphics`, `video`, `hostdev`, `tpm` …
    public var devices: [Support] { kinds(of: "devices") }
    /// What is supported of each feature: `gic`, `vmcoreinfo`, `genid`, `backup`, `sev`, `sgx`, `hyperv` …
    public var features: [Support] { kinds(of: "features") }

    /// What is supported of a kind of device, by its element's name.
    public func device(_ name: String) -> Support {
        Support(place: place.child("devices").child(name))
    }

    /// What is supported of a feature, by its element's name.
    public func feature(_ name: String) -> Support {
        Support(place: place.child("features").child(name))
    }

    /// A mode of CPUs.
    public func cpuMode(_ mode: Domain.CPU.Mode) -> CPUMode? { cpuModes.first { $0.name == mode } }

    private func kinds(of name: String) -> [Support] {
        place.child(name).element?.elements.map { Support(place: XMLPlace($0)) } ?? []
    }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(
            path, domain, machine, arch, maxVCPUs, ioThreads, os, loader, cpuModes, memoryBacking, devices, features,
            to: visit)
    }

    /// What is supported of one thing.
    public struct Support: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The element's name.
        public var name: String { element?.name ?? "" }
        /// Whether it is supported at all.
        public var isSupported: Field<Bool> { attribute("supported", .yesNo) }
        /// Values without a name, such as paths of firmware.
        public var values: [Field<String>] { texts("value") }
        /// The values of attributes.
        public var enumerations: [Enumeration] { views("enum") }

        /// The values of an attribute, such as `bus`; nil where the document does not tell.
        public func values(of name: String) -> [String]? {
            enumerations.first { $0.name == name }?.values.compactMap(\.value)
        }
        /// The bit of an address that means encrypted, of SEV.
        public var cBitPosition: Field<Int> { child("cbitpos", .count) }
        /// By how much physical addresses are shorter, of SEV.
        public var reducedPhysicalBits: Field<Int> { child("reducedPhysBits", .count) }
        /// The most guests, of SEV.
        public var maximumGuests: Field<Int> { child("maxGuests", .count) }
        /// The most guests whose registers are encrypted too, of SEV.
        public var maximumESGuests: Field<Int> { child("maxESGuests", .count) }
        /// The identity of the first CPU's chip, of SEV.
        public var firstCPUID: Field<String> { child("cpu0Id") }
        /// Whether enclaves can be launched as their owner decides, of SGX.
        public var hasFlexibleLaunchControl: Field<Bool> { child("flc", .yesNo) }
        /// Whether there is the first generation, of SGX.
        public var hasSGX1: Field<Bool> { child("sgx1", .yesNo) }
        /// Whether there is the second generation, of SGX.
        public var hasSGX2: Field<Bool> { child("sgx2", .yesNo) }
        /// How much memory enclaves have, in bytes, of SGX.
        public var sectionSize: Field<UInt64> { bytes("section_size", .kibibyte) }
        /// That memory by node, of SGX.
        public var sections: [Section] { views("sections", "section") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                isSupported, values, enumerations, cBitPosition, reducedPhysicalBits, maximumGuests, maximumESGuests,
                firstCPUID, hasFlexibleLaunchControl, hasSGX1, hasSGX2, sectionSize, sections, to: visit)
        }
    }

    /// `<enum>`: the values of an attribute.
    public struct Enumeration: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// What the values are of, such as `bus`.
        public var name: Field<String> { attribute("name") }
        /// The values.
        public var values: [Field<String>] { texts("value") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, values, to: visit)
        }
    }

    /// `<mode>`: a mode of CPUs.
    public struct CPUMode: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Which one.
        public var name: Field<Open<Domain.CPU.Mode>> { attribute("name") }
        /// Whether it is supported.
        public var isSupported: Field<Bool> { attribute("supported", .yesNo) }
        /// The models: of `custom` all, of `host-model` the host's.
        public var models: [Model] { views("model") }
        /// The manufacturer, of `host-model`.
        public var vendor: Field<String> { child("vendor") }
        /// The features on top of the model, of `host-model`.
        public var features: [Domain.CPU.Feature] { views("feature") }
        /// The size of physical addresses, of `host-model` and `host-passthrough`.
        public var maxPhysicalAddress: Domain.CPU.MaxPhysicalAddress { view("maxphysaddr") }
        /// Why models do not run on the host (libvirt 10.2), of `custom`.
        public var blockers: [Blockers] { views("blockers") }
        /// The values of attributes.
        public var enumerations: [Enumeration] { views("enum") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, isSupported, models, vendor, features, maxPhysicalAddress, blockers, enumerations, to: visit)
        }
    }

    /// `<blockers>`: why a model does not run on the host.
    public struct Blockers: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The model.
        public var model: Field<String> { attribute("model") }
        /// The features that the host lacks.
        public var features: [Domain.CPU.Feature] { views("feature") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(model, features, to: visit)
        }
    }

    /// `<model>` of CPUs.
    public struct Model: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Whether a model runs on the host.
        public enum Usability: String, LibvirtEnumeration {
            case yes, no, unknown
        }

        /// The name.
        public var name: Field<String> { ownText }
        /// Whether it runs on the host.
        public var usable: Field<Open<Usability>> { attribute("usable") }
        /// Whether it will go away.
        public var isDeprecated: Field<Bool> { attribute("deprecated", .yesNo) }
        /// The manufacturer.
        public var vendor: Field<String> { attribute("vendor") }
        /// The name that it stands for (libvirt 10.6).
        public var canonical: Field<String> { attribute("canonical") }
        /// What may be done where it is not there, of `host-model`.
        public var fallback: Field<Open<Domain.CPU.Fallback>> { attribute("fallback") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, usable, isDeprecated, vendor, canonical, fallback, to: visit)
        }
    }

    /// `<section>`: memory for enclaves.
    public struct Section: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// The node.
        public var node: Field<Int> { attribute("node", .count) }
        /// How much, in bytes.
        public var size: Field<UInt64> { bytes(attribute: "size", .kibibyte) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(node, size, to: visit)

        }
    }
}
