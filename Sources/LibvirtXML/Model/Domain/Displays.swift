extension Domain {
    /// `<graphics>`: a display, as it is reached from outside.
    public struct Graphics: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// How it is reached.
        public enum Kind: String, LibvirtEnumeration {
            case sdl, vnc, spice, rdp, desktop, dbus
            case eglHeadless = "egl-headless"
        }

        /// What kind of connection is made where nothing else is said.
        public enum DefaultMode: String, LibvirtEnumeration {
            case any, secure, insecure
        }

        /// Whether several may look on.
        public enum SharePolicy: String, LibvirtEnumeration {
            case ignore
            case allowExclusive = "allow-exclusive"
            case forceShared = "force-shared"
        }

        /// Whether a password is written. What it is, is never read.
        public enum Password: Sendable, Hashable {
            /// None is written, which in a document without secrets says nothing.
            case absent
            /// One is written, of so many bytes.
            case present(length: Int)
        }

        /// How a display is reached, as one of libvirt's types.
        public enum Access: Sendable, Hashable {
            /// VNC: port (nil where chosen at the start), and port of WebSocket.
            case vnc(port: Int?, webSocket: Int?)
            /// SPICE: port and port of TLS.
            case spice(port: Int?, tlsPort: Int?)
            /// RDP: port.
            case rdp(port: Int?)
            /// A window on the host.
            case window
            /// D-Bus.
            case dbus(address: String?)
            /// Not at all; only drawing.
            case headless
            /// A type of tomorrow.
            case other(String)
        }

        /// How it is reached.
        public var type: Field<Open<Kind>> { attribute("type") }
        /// The port; -1 is one chosen at the start.
        public var port: Field<Int> { attribute("port", .integer(-1...65535)) }
        /// The port with TLS, of SPICE; -1 is one chosen at the start.
        public var tlsPort: Field<Int> { attribute("tlsPort", .integer(-1...65535)) }
        /// Whether the port is chosen at the start.
        public var choosesPort: Field<Bool> { attribute("autoport", .yesNo) }
        /// The port for web browsers, of VNC; -1 is one chosen at the start.
        public var webSocket: Field<Int> { attribute("websocket", .integer(-1...65535)) }
        /// The address listened at, as libvirt before 0.9.4 wrote it; the same as the first `<listen>`'s.
        public var listenAddress: Field<String> { attribute("listen") }
        /// The socket, of VNC, as libvirt before 1.3 wrote it.
        public var socket: Field<String> { attribute("socket") }
        /// Until when the password is good.
        public var passwordValidTo: Field<String> { attribute("passwdValidTo") }
        /// What happens to who is connected when the password changes: `fail`, `disconnect`, `keep`.
        public var connected: Field<String> { attribute("connected") }
        /// Whether several may look on, of VNC.
        public var sharePolicy: Field<Open<SharePolicy>> { attribute("sharePolicy") }
        /// Whether who looks on may switch off, of VNC.
        public var allowsPowerControl: Field<Bool> { attribute("powerControl", .yesNo) }
        /// The keyboard.
        public var keymap: Field<String> { attribute("keymap") }
        /// What kind of connection is made where nothing else is said, of SPICE.
        public var defaultMode: Field<Open<DefaultMode>> { attribute("defaultMode") }
        /// The X display, of SDL and desktop.
        public var display: Field<String> { attribute("display") }
        /// The bus, of D-Bus.
        public var busAddress: Field<String> { attribute("address") }
        /// Where it listens.
        public var listens: [Listen] { views("listen") }
        /// Channels of SPICE.
        public var channels: [Channel] { views("channel") }
        /// Whether drawing is by the host's graphics card.
        public var usesGL: Field<Bool> { attribute("enable", of: "gl", .yesNo) }
        /// The host's device for drawing.
        public var renderNode: Field<String> { attribute("rendernode", of: "gl") }
        /// Whether the clipboard is shared.
        public var sharesClipboard: Field<Bool> { attribute("copypaste", of: "clipboard", .yesNo) }
        /// Whether files can be sent.
        public var transfersFiles: Field<Bool> { attribute("enable", of: "filetransfer", .yesNo) }

        /// How pictures are made smaller, of SPICE.
        public var imageCompression: Field<String> { attribute("compression", of: "image") }
        /// Whether JPEG is used, of SPICE: `auto`, `never`, `always`.
        public var jpegCompression: Field<String> { attribute("compression", of: "jpeg") }
        /// Whether zlib is used, of SPICE: `auto`, `never`, `always`.
        public var zlibCompression: Field<String> { attribute("compression", of: "zlib") }
        /// Whether sound is made smaller, of SPICE.
        public var compressesPlayback: Field<Bool> { attribute("compression", of: "playback", .onOff) }
        /// Which video is streamed, of SPICE: `filter`, `all`, `off`.
        public var streamingMode: Field<String> { attribute("mode", of: "streaming") }
        /// Who draws the pointer, of SPICE: `server`, `client`.
        public var mouseMode: Field<String> { attribute("mode", of: "mouse") }
        /// The number of the audio backend.
        public var audioID: Field<Int> { attribute("id", of: "audio", .count) }

        /// Whether a password is written, and how long it is. VNC uses eight bytes of it.
        public var password: Password { element?["passwd"].map { .present(length: $0.utf8.count) } ?? .absent }

        /// Where the password is written.
        public var passwordPosition: XMLPosition { element?.attribute("passwd")?.position ?? position }

        /// How the display is reached. Ports that are chosen at the start are nil.
        public var access: Access {
            func fixed(_ field: Field<Int>) -> Int? { field.value.flatMap { $0 > 0 ? $0 : nil } }
            switch type.value ?? .other("") {
            case .other(let type): return .other(type)
            case .known(.vnc): return .vnc(port: fixed(port), webSocket: fixed(webSocket))
            case .known(.spice): return .spice(port: fixed(port), tlsPort: fixed(tlsPort))
            case .known(.rdp): return .rdp(port: fixed(port))
            case .known(.sdl), .known(.desktop): return .window
            case .known(.dbus): return .dbus(address: busAddress.value)
            case .known(.eglHeadless): return .headless
            }
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                type, port, tlsPort, choosesPort, webSocket, listenAddress, socket, passwordValidTo, connected,
                sharePolicy, allowsPowerControl, keymap, defaultMode, display, busAddress, listens, channels, usesGL,
                renderNode, sharesClipboard, transfersFiles, imageCompression, jpegCompression, zlibCompression,
                compressesPlayback, streamingMode, mouseMode, audioID, to: visit)
        }

        /// `<listen>`: where a display listens.
        public struct Listen: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// What it listens at; `nothing` is libvirt's `none`.
            public enum Kind: String, LibvirtEnumeration {
                case address, network, socket
                case nothing = "none"
            }

            /// What it listens at.
            public var type: Field<Open<Kind>> { attribute("type") }
            /// The address; may be a name.
            public var address: Field<String> { attribute("address") }
            /// The network of libvirt whose bridge's address it is.
            public var network: Field<String> { attribute("network") }
            /// The socket.
            public var socket: Field<String> { attribute("socket") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(type, address, network, socket, to: visit)
            }
        }

        /// `<channel>` of SPICE.
        public struct Channel: PlacedView {
            /// Where it stands.
            public let place: XMLPlace

            /// Which one, such as `main`.
            public var name: Field<String> { attribute("name") }
            /// What kind of connection is made.
            public var mode: Field<Open<DefaultMode>> { attribute("mode") }

            func visitParts(_ visit: (XMLField) -> Void) {
                hand(name, mode, to: visit)
            }
        }
    }

    /// `<video>`: a display, as the guest sees it.
    public struct Video: PlacedView, DomainDevice {
        /// Where it stands.
        public let place: XMLPlace

        /// The card; `nothing` is libvirt's `none`.
        public enum Model: String, LibvirtEnumeration {
            case vga, cirrus, vmvga, xen, vbox, qxl, virtio, gop, bochs, ramfb, parallels
            case nothing = "none"
        }

        /// The card.
        public var model: Field<Open<Model>> { attribute("type", of: "model") }
        /// Its memory, in KiB.
        public var videoMemory: Field<Int> { attribute("vram", of: "model", .count) }
        /// Its second memory, in KiB, of QXL.
        public var ram: Field<Int> { attribute("ram", of: "model", .count) }
        /// Its memory in VGA mode, in KiB, of QXL.
        public var vgaMemory: Field<Int> { attribute("vgamem", of: "model", .count) }
        /// Its memory above 4 GiB, in KiB, of QXL.
        public var videoMemory64: Field<Int> { attribute("vram64", of: "model", .count) }
        /// The number of screens.
        public var heads: Field<Int> { attribute("heads", of: "model", .count) }
        /// Whether it is the first.
        public var isPrimary: Field<Bool> { attribute("primary", of: "model", .yesNo) }
        /// Whether pictures need not be copied.
        public var usesBlobs: Field<Bool> { attribute("blob", of: "model", .onOff) }
        /// Whether there is 3D.
        public var accelerates3D: Field<Bool> { acceleration("accel3d", .yesNo) }
        /// Whether there is 2D acceleration.
        public var accelerates2D: Field<Bool> { acceleration("accel2d", .yesNo) }
        /// The host's device for drawing.
        public var renderNode: Field<String> { acceleration("rendernode", .string) }
        /// The width of a screen.
        public var width: Field<Int> { resolution("x") }
        /// The height of a screen.
        public var height: Field<Int> { resolution("y") }
        /// Who draws: `qemu`, `vhostuser`.
        public var driverName: Field<String> { attribute("name", of: "driver") }
        /// How VGA is decoded: `io`, `on`, `off`.
        public var vgaConfiguration: Field<String> { attribute("vgaconf", of: "driver") }

        /// How it uses virtio.
        public var virtioDriver: PlainVirtioDriver { view("driver") }

        private func acceleration<Value>(_ name: StaticString, _ format: FieldFormat<Value>) -> Field<Value> {
            Field(place.child("model"), "acceleration", .attribute(name), format)
        }

        private func resolution(_ name: StaticString) -> Field<Int> {
            Field(place.child("model"), "resolution", .attribute(name), .count)
        }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                model, videoMemory, ram, vgaMemory, videoMemory64, heads, isPrimary, usesBlobs, accelerates3D,
                accelerates2D, renderNode, width, height, driverName, vgaConfiguration, virtioDriver, to: visit)
            visitDeviceParts(visit)
        }
    }
}
