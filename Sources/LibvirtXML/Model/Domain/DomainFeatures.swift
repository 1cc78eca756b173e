extension Domain {
    /// `<features>`: what the machine can do.
    public struct Features: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Whether there is ACPI.
        public var hasACPI: Field<Bool> { presence("acpi") }
        /// Whether there is an APIC.
        public var hasAPIC: Field<Bool> { presence("apic") }
        /// Whether the end of an interrupt can be told without an exit.
        public var apicEOI: Field<Bool> { attribute("eoi", of: "apic", .onOff) }
        /// Whether 32-bit guests see more than 4 GiB.
        public var hasPAE: Field<Bool> { presence("pae") }
        /// Whether page tables are nested in hardware.
        public var hardwareAssistedPaging: Field<Bool> { attribute("state", of: "hap", .onOff) }
        /// What Windows is told of the hypervisor.
        public var hyperV: HyperV { view("hyperv") }
        /// What KVM does.
        public var kvm: KVM { view("kvm") }
        /// Whether system management mode is there, which secure boot needs.
        public var smm: Field<Bool> { attribute("state", of: "smm", .onOff) }
        /// Whether system management mode is named, with or without a state.
        public var namesSMM: Field<Bool> { presence("smm") }
        /// The memory of system management mode, in bytes.
        public var smmMemory: Field<UInt64> {
            Field(place.child("smm"), "tseg", .scaledText(unit: "unit"), .bytes(.mebibyte))
        }
        /// Whether the guest sees performance counters.
        public var pmu: Field<Bool> { attribute("state", of: "pmu", .onOff) }
        /// Whether there is VMware's port.
        public var vmport: Field<Bool> { attribute("state", of: "vmport", .onOff) }
        /// Whether there is a `<gic>`, the interrupt controller of Arm.
        public var namesGIC: Field<Bool> { presence("gic") }
        /// Whether the machine has a PS/2 controller (after libvirt 9.0).
        public var ps2: Field<Bool> { attribute("state", of: "ps2", .onOff) }
        /// The interrupt controller of Arm: `2`, `3`, `host`.
        public var gicVersion: Field<String> { attribute("version", of: "gic") }
        /// Who makes the I/O APIC: `qemu`, `kvm`.
        public var ioAPICDriver: Field<String> { attribute("driver", of: "ioapic") }
        /// Whether spinlocks of the guest are paravirtual.
        public var pvSpinlock: Field<Bool> { attribute("state", of: "pvspinlock", .onOff) }
        /// Whether the guest's kernel tells where its crash notes are.
        public var vmcoreinfo: Field<Bool> { attribute("state", of: "vmcoreinfo", .onOff) }
        /// What is done with model-specific registers that are not known: `ignore`, `fault`.
        public var unknownMSRs: Field<String> { attribute("unknown", of: "msrs") }
        /// Whether POWER guests may run guests.
        public var nestedHV: Field<Bool> { attribute("state", of: "nested-hv", .onOff) }

        /// Whether memory is freed while the next domain starts (libvirt 9.6).
        public var asyncTeardown: Field<Bool> { attribute("enabled", of: "async-teardown", .yesNo) }
        /// Which capabilities a container keeps: `default`, `allow`, `deny`.
        public var capabilitiesPolicy: Field<String> { attribute("policy", of: "capabilities") }
        /// Whether a container has a network of its own.
        public var hasPrivateNetwork: Field<Bool> { presence("privnet") }
        /// Which capabilities of a container differ from the policy.
        public var containerCapabilities: [ContainerCapability] {
            place.element?.first("capabilities")?.elements.map { ContainerCapability(place: XMLPlace($0)) } ?? []
        }
        /// The translations that QEMU keeps where it emulates, in bytes.
        public var tcgTranslationCache: Field<UInt64> {
            Field(place.child("tcg"), "tb-cache", .scaledText(unit: "unit"), .bytes(.kibibyte))
        }
        /// How the page table of POWER can be resized: `enabled`, `disabled`, `required`.
        public var hptResizing: Field<String> { attribute("resizing", of: "hpt") }
        /// The largest page of the page table of POWER, in bytes.
        public var hptMaximumPageSize: Field<UInt64> {
            Field(place.child("hpt"), "maxpagesize", .scaledText(unit: "unit"), .bytes(.kibibyte))
        }
        /// Whether POWER has transactional memory.
        public var hardwareTransactionalMemory: Field<Bool> { attribute("state", of: "htm", .onOff) }
        /// Whether POWER helps to flush the count cache.
        public var countCacheFlushAssist: Field<Bool> { attribute("state", of: "ccf-assist", .onOff) }
        /// How POWER flushes caches on a change of privilege: `broken`, `workaround`, `fixed`.
        public var cacheFlushOnPrivilegeChange: Field<String> { attribute("value", of: "cfpc") }
        /// How POWER checks bounds speculatively: `broken`, `workaround`, `fixed`.
        public var speculationBarrierBoundsChecking: Field<String> { attribute("value", of: "sbbc") }
        /// How POWER predicts indirect branches: `broken`, `workaround`, `fixed-ibs`, `fixed-ccd`, `fixed-na`.
        public var indirectBranchSpeculation: Field<String> { attribute("value", of: "ibs") }
        /// The interrupt controller of RISC-V: `none`, `aplic`, `aplic-imsic`.
        public var advancedInterruptArchitecture: Field<String> { attribute("value", of: "aia") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                hasACPI, hasAPIC, apicEOI, hasPAE, hardwareAssistedPaging, hyperV, kvm, smm, namesSMM, smmMemory, pmu,
                vmport, namesGIC, ps2, gicVersion, ioAPICDriver, pvSpinlock, vmcoreinfo, unknownMSRs, nestedHV,
                asyncTeardown, capabilitiesPolicy, hasPrivateNetwork, containerCapabilities, tcgTranslationCache,
                hptResizing, hptMaximumPageSize, hardwareTransactionalMemory, countCacheFlushAssist,
                cacheFlushOnPrivilegeChange, speculationBarrierBoundsChecking, indirectBranchSpeculation,
                advancedInterruptArchitecture, to: visit)
        }

        /// `<kvm>`.
        public struct KVM: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Whether the guest cannot see that it is one.
            public var isHidden: Field<Bool> { attribute("state", of: "hidden", .onOff) }
            /// Whether the guest is told that it has its CPUs for itself.
            public var hintDedicated: Field<Bool> { attribute("state", of: "hint-dedicated", .onOff) }
            /// Whether halting polls in the host.
            public var pollControl: Field<Bool> { attribute("state", of: "poll-control", .onOff) }
            /// Whether the guest sends interrupts through the hypervisor.
            public var pvIPI: Field<Bool> { attribute("state", of: "pv-ipi", .onOff) }
            /// Whether dirty memory is in a ring.
            public var dirtyRing: Field<Bool> { attribute("state", of: "dirty-ring", .onOff) }
            /// The ring's size.
            public var dirtyRingSize: Field<Int> { attribute("size", of: "dirty-ring", .count) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(isHidden, hintDedicated, pollControl, pvIPI, dirtyRing, dirtyRingSize, to: visit)
            }
        }

        /// `<hyperv>`: enlightenments of Windows.
        public struct HyperV: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Who chooses them.
            public enum Mode: String, LibvirtEnumeration {
                case custom, passthrough
                case hostModel = "host-model"
            }

            /// Who chooses them; `custom` where absent.
            public var mode: Field<Open<Mode>> { attribute("mode") }
            /// Timing is not watched.
            public var relaxed: Field<Bool> { attribute("state", of: "relaxed", .onOff) }
            /// The APIC is paravirtual.
            public var vapic: Field<Bool> { attribute("state", of: "vapic", .onOff) }
            /// Spinlocks tell the hypervisor.
            public var spinlocks: Field<Bool> { attribute("state", of: "spinlocks", .onOff) }
            /// After how many tries; at least 4095.
            public var spinlockRetries: Field<Int> { attribute("retries", of: "spinlocks", .count) }
            /// A virtual CPU knows its number.
            public var vpIndex: Field<Bool> { attribute("state", of: "vpindex", .onOff) }
            /// The time that a virtual CPU ran.
            public var runtime: Field<Bool> { attribute("state", of: "runtime", .onOff) }
            /// Interrupts are messages.
            public var synic: Field<Bool> { attribute("state", of: "synic", .onOff) }
            /// Timers are messages.
            public var stimer: Field<Bool> { attribute("state", of: "stimer", .onOff) }
            /// Timers interrupt without a message.
            public var stimerDirect: Field<Bool> {
                Field(place.child("stimer"), "direct", .attribute("state"), .onOff)
            }
            /// The hypervisor can reset.
            public var reset: Field<Bool> { attribute("state", of: "reset", .onOff) }
            /// Whether the hypervisor has a name.
            public var vendorID: Field<Bool> { attribute("state", of: "vendor_id", .onOff) }
            /// Its name, up to 12 characters.
            public var vendorIDValue: Field<String> { attribute("value", of: "vendor_id") }
            /// Clock rates are told.
            public var frequencies: Field<Bool> { attribute("state", of: "frequencies", .onOff) }
            /// Migration is told.
            public var reenlightenment: Field<Bool> { attribute("state", of: "reenlightenment", .onOff) }
            /// Translations of other CPUs are thrown away by the hypervisor.
            public var tlbFlush: Field<Bool> { attribute("state", of: "tlbflush", .onOff) }
            /// Interrupts to other CPUs go through the hypervisor.
            public var ipi: Field<Bool> { attribute("state", of: "ipi", .onOff) }
            /// Nested guests' state is shared; Intel only.
            public var evmcs: Field<Bool> { attribute("state", of: "evmcs", .onOff) }
            /// The APIC's virtualisation stays on beside `synic`.
            public var avic: Field<Bool> { attribute("state", of: "avic", .onOff) }
            /// Whether the guest tells which registers it watches (libvirt 11.3).
            public var emsrBitmap: Field<Bool> { attribute("state", of: "emsr_bitmap", .onOff) }
            /// Whether hypercalls take arguments in vector registers (libvirt 11.3).
            public var xmmInput: Field<Bool> { attribute("state", of: "xmm_input", .onOff) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(
                    mode, relaxed, vapic, spinlocks, spinlockRetries, vpIndex, runtime, synic, stimer, stimerDirect,
                    reset, vendorID, vendorIDValue, frequencies, reenlightenment, tlbFlush, ipi, evmcs, avic,
                    emsrBitmap, xmmInput, to: visit)
            }
        }
    }

    /// An element of `<capabilities>`: a capability of a container.
    public struct ContainerCapability: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Which: the name of the element, as `sys_module`.
        public var name: String { element?.name ?? "" }
        /// Whether it is kept.
        public var isKept: Field<Bool> { attribute("state", .onOff) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(isKept, to: visit)

        }
    }

    /// `<clock>`: how time passes.
    public struct Clock: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// What the guest's clock shows at the start.
        public enum Offset: String, LibvirtEnumeration {
            case utc, localtime, timezone, variable, absolute
        }

        /// What the guest's clock shows at the start.
        public var offset: Field<Open<Offset>> { attribute("offset") }
        /// The time zone, of offset `timezone`.
        public var timezone: Field<String> { attribute("timezone") }
        /// By how many seconds it is apart, or `reset`.
        public var adjustment: Field<String> { attribute("adjustment") }
        /// What it is apart from, of offset `variable`.
        public var basis: Field<Open<Offset>> { attribute("basis") }
        /// The seconds since 1970, of offset `absolute`.
        public var start: Field<UInt64> { attribute("start", .large) }
        /// The timers.
        public var timers: [Timer] { views("timer") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(offset, timezone, adjustment, basis, start, timers, to: visit)
        }

        /// `<timer>`.
        public struct Timer: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Which one.
            public enum Name: String, LibvirtEnumeration {
                case platform, rtc, tsc, hpet, pit, kvmclock, hypervclock, armvtimer
            }

            /// What is done about ticks that were missed.
            public enum TickPolicy: String, LibvirtEnumeration {
                case delay, catchup, merge, discard
            }

            /// What it follows.
            public enum Track: String, LibvirtEnumeration {
                case boot, guest, wall, realtime
            }

            /// Which one.
            public var name: Field<Open<Name>> { attribute("name") }
            /// Whether the guest sees it.
            public var isThere: Field<Bool> { attribute("present", .yesNo) }
            /// What is done about ticks that were missed.
            public var tickPolicy: Field<Open<TickPolicy>> { attribute("tickpolicy") }
            /// What it follows.
            public var track: Field<Open<Track>> { attribute("track") }
            /// Its rate in Hz, of `tsc`.
            public var frequency: Field<UInt64> { attribute("frequency", .large) }
            /// How it is made, of `tsc`: `auto`, `native`, `emulate`, `paravirt`, `smpsafe`.
            public var mode: Field<String> { attribute("mode") }
            /// Catching up with ticks that were missed.
            public var catchUp: CatchUp { view("catchup") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(name, isThere, tickPolicy, track, frequency, mode, catchUp, to: visit)
            }

            /// `<catchup>`.
            public struct CatchUp: PlacedView {
                /// Where it stands.
                public let place: XMLPlace

                /// From how much it starts.
                public var threshold: Field<UInt64> { attribute("threshold", .large) }
                /// How fast it goes.
                public var slew: Field<UInt64> { attribute("slew", .large) }
                /// How much is caught up at most.
                public var limit: Field<UInt64> { attribute("limit", .large) }

                func visitParts(_ visit: (XMLField) -> Void) {
                    hand(threshold, slew, limit, to: visit)
                }
            }
        }
    }
}
