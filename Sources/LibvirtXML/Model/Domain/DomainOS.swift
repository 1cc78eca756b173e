extension Domain {
    /// `<os>`: what the machine is and what it boots.
    public struct OperatingSystem: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// How the guest is virtualised.
        public enum VirtualizationKind: String, LibvirtEnumeration {
            case hvm, xen, linux, exe, uml, xenpvh
        }

        /// Which firmware libvirt is to choose.
        public enum Firmware: String, LibvirtEnumeration {
            case bios, efi
        }

        /// What is booted from.
        public enum BootDevice: String, LibvirtEnumeration {
            case floppy = "fd"
            case disk = "hd"
            case cdrom, network
        }

        /// Where SMBIOS comes from.
        public enum SMBIOSMode: String, LibvirtEnumeration {
            case emulate, host, sysinfo
        }

        /// How the guest is virtualised.
        public var type: Field<Open<VirtualizationKind>> { child("type") }
        /// The architecture, such as `x86_64`.
        public var arch: Field<String> { attribute("arch", of: "type") }
        /// The machine, such as `pc-q35-7.2`.
        public var machine: Field<String> { attribute("machine", of: "type") }
        /// Which firmware libvirt is to choose.
        public var firmware: Field<Open<Firmware>> { attribute("firmware") }
        /// What the chosen firmware must have or must not.
        public var firmwareFeatures: [FirmwareFeature] { views("firmware", "feature") }
        /// The firmware's code.
        public var loader: Loader { view("loader") }
        /// The firmware's variables.
        public var nvram: NVRAM { view("nvram") }
        /// The kernel booted without a boot loader.
        public var kernel: Field<String> { child("kernel") }
        /// Its initial RAM disk.
        public var initrd: Field<String> { child("initrd") }
        /// Its command line.
        public var commandLine: Field<String> { child("cmdline") }
        /// Its device tree.
        public var deviceTree: Field<String> { child("dtb") }
        /// The first program of a container.
        public var initProgram: Field<String> { child("init") }
        /// Its arguments.
        public var initArguments: [Field<String>] { texts("initarg") }
        /// What is booted from, in this order.
        public var boot: [Boot] { views("boot") }
        /// The firmware's menu.
        public var bootMenu: Field<Bool> { attribute("enable", of: "bootmenu", .yesNo) }
        /// How long the menu waits, in milliseconds.
        public var bootMenuTimeout: Field<Int> { attribute("timeout", of: "bootmenu", .integer(0...65535)) }
        /// Whether the BIOS prints on the serial port.
        public var usesSerial: Field<Bool> { attribute("useserial", of: "bios", .yesNo) }
        /// After how long a failed boot starts again, in milliseconds; -1 is never.
        public var rebootTimeout: Field<Int> { attribute("rebootTimeout", of: "bios", .integer(-1...65535)) }
        /// Where SMBIOS comes from.
        public var smbios: Field<Open<SMBIOSMode>> { attribute("mode", of: "smbios") }
        /// ACPI tables given to the guest.
        public var acpiTables: [ACPITable] { views("acpi", "table") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                type, arch, machine, firmware, firmwareFeatures, loader, nvram, kernel, initrd, commandLine, deviceTree,
                initProgram, initArguments, boot, bootMenu, bootMenuTimeout, usesSerial, rebootTimeout, smbios,
                acpiTables, to: visit)
        }

        /// `<firmware><feature>`.
        public struct FirmwareFeature: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// What it is.
            public enum Name: String, LibvirtEnumeration {
                case enrolledKeys = "enrolled-keys"
                case secureBoot = "secure-boot"
            }

            /// What it is.
            public var name: Field<Open<Name>> { attribute("name") }
            /// Whether it must be there, or must not.
            public var isEnabled: Field<Bool> { attribute("enabled", .yesNo) }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(name, isEnabled, to: visit)
            }
        }

        /// `<loader>`: the firmware's code.
        public struct Loader: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// How the guest sees it.
            public enum Kind: String, LibvirtEnumeration {
                case rom, pflash
                case nothing = "none"
            }

            /// The file; absent where libvirt chooses.
            public var path: Field<String> { ownTextIfAny }
            /// How the guest sees it.
            public var type: Field<Open<Kind>> { attribute("type") }
            /// Whether it cannot be written.
            public var isReadOnly: Field<Bool> { attribute("readonly", .yesNo) }
            /// Whether it refuses to boot what is not signed, which needs SMM.
            public var isSecure: Field<Bool> { attribute("secure", .yesNo) }
            /// Whether the variables are in the code's file (libvirt 8.5).
            public var isStateless: Field<Bool> { attribute("stateless", .yesNo) }
            /// The image's format (libvirt 9.2).
            public var format: Field<String> { attribute("format") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(path, type, isReadOnly, isSecure, isStateless, format, to: visit)
            }
        }

        /// `<nvram>`: the firmware's variables.
        public struct NVRAM: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// The file, where it is written in the element rather than in a source.
            public var path: Field<String> { ownTextIfAny }
            /// The file that it starts as a copy of.
            public var template: Field<String> { attribute("template") }
            /// The template's format (libvirt 10.9).
            public var templateFormat: Field<String> { attribute("templateFormat") }
            /// The image's format (libvirt 9.2).
            public var format: Field<String> { attribute("format") }
            /// Where it is kept, where it is written as of a disk.
            public var source: DiskSource { view("source") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(path, template, templateFormat, format, source, to: visit)
            }
        }

        /// `<boot>`.
        public struct Boot: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// What is booted from.
            public var device: Field<Open<BootDevice>> { attribute("dev") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(device, to: visit)
            }
        }

        /// `<acpi><table>`.
        public struct ACPITable: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Which kind: `slic`, `raw`.
            public var type: Field<String> { attribute("type") }
            /// The file.
            public var path: Field<String> { ownText }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(type, path, to: visit)
            }
        }
    }
}
