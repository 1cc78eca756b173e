extension Domain {
    /// `<serial>`, `<parallel>`, `<console>`, `<channel>`, `<smartcard>` or `<redirdev>`: bytes in and out.
    public struct CharacterDevice: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// What the host has at the other end.
        public enum Kind: String, LibvirtEnumeration {
            case pty, dev, file, pipe, unix, tcp, udp, null, stdio, vc, spicevmc, spiceport, nmdm, dbus
            case qemuVDAgent = "qemu-vdagent"
            case host
            case hostCertificates = "host-certificates"
            case passthrough
        }

        /// What the guest sees.
        public enum TargetType: String, LibvirtEnumeration {
            case virtio, serial, xen, guestfwd, uml, lxc, openvz, sclp, sclplm
            case isaSerial = "isa-serial"
            case isaDebug = "isa-debug"
            case usbSerial = "usb-serial"
            case pciSerial = "pci-serial"
            case spaprVIOSerial = "spapr-vio-serial"
            case systemSerial = "system-serial"
            case sclpSerial = "sclp-serial"
        }

        /// Who opens the connection.
        public enum Mode: String, LibvirtEnumeration {
            case bind, connect, client, server
        }

        /// What the host has at the other end.
        public var type: Field<Open<Kind>> { attribute("type") }
        /// The terminal of a running domain.
        public var terminal: Field<String> { attribute("tty") }
        /// How a smart card is shown: `host`, `host-certificates`, `passthrough`.
        public var mode: Field<String> { attribute("mode") }
        /// What a redirected device is on: `usb`.
        public var bus: Field<String> { attribute("bus") }
        /// The other end.
        public var sources: [Source] { views("source") }
        /// What is spoken: `raw`, `telnet`, `telnets`, `tls`.
        public var transport: Field<String> { attribute("type", of: "protocol") }
        /// Where what passes is kept.
        public var logFile: Field<String> { attribute("file", of: "log") }
        /// Whether it is appended to.
        public var logAppends: Field<Bool> { attribute("append", of: "log", .onOff) }
        /// What the guest sees.
        public var targetType: Field<Open<TargetType>> { attribute("type", of: "target") }
        /// The port that the guest sees.
        public var targetPort: Field<Int> { attribute("port", of: "target", .count) }
        /// The name by which the guest finds a channel, such as `org.qemu.guest_agent.0`.
        public var targetName: Field<String> { attribute("name", of: "target") }
        /// The address that the guest connects to, of `guestfwd`.
        public var targetAddress: Field<String> { attribute("address", of: "target") }
        /// Whether the guest has it open: `connected`, `disconnected`.
        public var targetState: Field<String> { attribute("state", of: "target") }
        /// The device that QEMU makes, such as `isa-serial`.
        public var targetModel: Field<String> {
            Field(place.child("target"), "model", .attribute("name"), .string)
        }

        /// Whether it is the channel of QEMU's guest agent.
        public var isGuestAgent: Bool { targetName.value == "org.qemu.guest_agent.0" }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                type, terminal, mode, bus, sources, transport, logFile, logAppends, targetType, targetPort, targetName,
                targetAddress, targetState, targetModel, to: visit)
            visitDeviceParts(visit)
        }

        /// `<source>`: the other end.
        public struct Source: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Who opens the connection.
            public var mode: Field<Open<Mode>> { attribute("mode") }
            /// The file, terminal or socket.
            public var path: Field<String> { attribute("path") }
            /// The host.
            public var host: Field<String> { attribute("host") }
            /// The port or its name.
            public var service: Field<String> { attribute("service") }
            /// The channel, of SPICE and D-Bus.
            public var channel: Field<String> { attribute("channel") }
            /// Whether a file is appended to.
            public var appends: Field<Bool> { attribute("append", .onOff) }
            /// Whether the connection is encrypted.
            public var usesTLS: Field<Bool> { attribute("tls", .yesNo) }

            /// Whether a lost connection is made again.
            public var reconnects: Field<Bool> { attribute("enabled", of: "reconnect", .yesNo) }
            /// After how many seconds.
            public var reconnectTimeout: Field<Int> { attribute("timeout", of: "reconnect", .count) }
            /// One end, of type `nmdm`.
            public var master: Field<String> { attribute("master") }
            /// The other end, of type `nmdm`.
            public var slave: Field<String> { attribute("slave") }
            /// Who draws the pointer, of type `qemu-vdagent`: `client`, `server`.
            public var mouseMode: Field<String> { attribute("mode", of: "mouse") }
            /// Whether the clipboard is shared, of type `qemu-vdagent`.
            public var sharesClipboard: Field<Bool> { attribute("copypaste", of: "clipboard", .yesNo) }
            /// How its file is labelled.
            public var securityLabels: [SecurityLabel] { views("seclabel") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(
                    mode, path, host, service, channel, appends, usesTLS, reconnects, reconnectTimeout, master, slave,
                    mouseMode, sharesClipboard, securityLabels, to: visit)
            }
        }
    }
}
