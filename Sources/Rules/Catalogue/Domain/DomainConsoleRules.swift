internal import Evidence
internal import Facts
internal import LibvirtXML

/// Graphics, video, serial lines and channels. KVD120–KVD149.
enum DomainConsoleRules {
    static let area = "Consoles"

    static let all: [Rule<DomainFacts>] = [
        openToNetwork, passwordTooLong, listenDiffers, portTaken, serialMissing, videoOld, qxlWithoutSpice,
        displayRefused,
    ]

    private static let format = Citation("libvirt docs/formatdomain.rst, graphical framebuffers", "11.3")

    /// Whether an address is reached from beyond the host and its private networks.
    private static func isWide(_ text: String) -> Bool {
        guard let address = IPAddress(text) else { return false }
        if address.isUnspecified { return true }
        if address.isLoopback { return false }
        let octets = address.octets + [0, 0]
        switch address.family {
        case .ipv4:
            return
                !(octets[0] == 10 || (octets[0] == 172 && octets[1] & 0xf0 == 16)
                || (octets[0] == 192 && octets[1] == 168) || (octets[0] == 169 && octets[1] == 254))
        case .ipv6: return octets[0] & 0xfe != 0xfc && !(octets[0] == 0xfe && octets[1] & 0xc0 == 0x80)
        }
    }

    static let openToNetwork = Rule<DomainFacts>(
        RuleInfo(
            "KVD120", "graphics-open-to-network", "no display is open to every network", area: area,
            severity: .warning,
            rationale: """
                VNC and SPICE are the guest's keyboard and screen, and plain VNC is not encrypted. What listens on \
                all addresses, or a public one, without password or TLS is anybody's.
                """,
            sources: [
                format, Citation("Mastering KVM Virtualization, 2nd ed., chapter 6: VNC over a public network", "2020"),
            ],
            remedy: Remedy("listen on 127.0.0.1 and connect through ssh")),
        violates: {
            $0.rewrite("<listen type='address' address='127.0.0.1'/>", "<listen address='0.0.0.0' type='address'/>")
        },
        remedy: { domain in
            Remedy(
                "listen on the host alone, and use ssh; or switch on vnc_tls in /etc/libvirt/qemu.conf",
                commands: ["virt-xml \(domain.nameWord) --edit --graphics listen=127.0.0.1"])
        },
        faults: { domain in
            var faults: [Fault] = []
            for graphics in domain.definition.devices.graphics {
                guard let type = graphics.type.value?.known, [.vnc, .spice].contains(type) else { continue }
                if case .present(let length) = graphics.password, length > 0 { continue }
                if type == .spice, graphics.defaultMode == .secure { continue }
                let attribute = graphics.listens.isEmpty ? [graphics.listenAddress] : []
                for field in attribute + graphics.listens.map(\.address) {
                    guard let address = field.value, isWide(address) else { continue }
                    faults.add(
                        "\(type.rawValue) listens on \(address); the definition names neither password nor TLS",
                        at: field.position)
                }
            }
            return faults
        })

    static let passwordTooLong = Rule<DomainFacts>(
        RuleInfo(
            "KVD121", "vnc-password-too-long", "VNC passwords are of at most 8 characters", area: area,
            severity: .error,
            rationale: "VNC's own authentication takes 8 characters: libvirt refuses a definition with more.",
            sources: [Citation("libvirt 9.0, virsh define", "2026")],
            remedy: Remedy("use at most 8 characters, or SASL or TLS"),
            explains: ["VNC password is"]),
        violates: { $0.rewrite("port='-1' autoport='yes'", "port='-1' autoport='yes' passwd='example-of-17-ch'") },
        faults: { domain in
            var faults: [Fault] = []
            for graphics in domain.definition.devices.graphics where graphics.type == .vnc {
                guard case .present(let length) = graphics.password, length > 8 else { continue }
                faults.add("a VNC password of \(length) characters", at: graphics.passwordPosition)
            }
            return faults
        })

    static let listenDiffers = Rule<DomainFacts>(
        RuleInfo(
            "KVD122", "graphics-listen-differs", "a display's two addresses are the same", area: area,
            severity: .warning,
            rationale: """
                The listen attribute is the old way to write the first <listen type='address'>, and may be the stale one \
                of the two. libvirt refuses to define them when they differ, but no domain that it has does: nothing that \
                runs is hurt.
                """,
            sources: [
                Citation("libvirt src/conf/domain_conf.c: virDomainGraphicsListensParseXML", "9.0"),
                Citation("libvirt 9.0, virsh define", "2026"),
            ],
            remedy: Remedy("drop the listen attribute"),
            explains: ["must match 'address' attribute of first listen element"]),
        violates: { $0.rewrite("listen='127.0.0.1'", "listen='192.168.122.1'") },
        faults: { domain in
            var faults: [Fault] = []
            for graphics in domain.definition.devices.graphics {
                guard let attribute = graphics.listenAddress.value, !attribute.isEmpty,
                    let first = graphics.listens.first, first.type == .address, let address = first.address.value,
                    address != attribute
                else { continue }
                faults.add(
                    "listen='\(attribute)', and the first <listen> has '\(address)'",
                    at: graphics.listenAddress.position)
            }
            return faults
        })

    static let portTaken = Rule<DomainFacts>(
        RuleInfo(
            "KVD123", "graphics-port-taken-twice", "each display has a port of its own", area: area,
            severity: .error, rationale: "Two displays of one domain cannot listen on one port: QEMU does not start.",
            sources: [format], remedy: Remedy("use autoport='yes'"), explains: ["Failed to find an available port"]),
        violates: { domain in
            domain.rewrite(
                "<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'>",
                """
                <graphics type='spice' port='5901' autoport='no' listen='127.0.0.1'/>
                <graphics type='vnc' port='5901' autoport='no' listen='127.0.0.1'>
                """)
        },
        faults: { domain in
            var faults: [Fault] = []
            var taken: [String: String] = [:]
            for graphics in domain.definition.devices.graphics {
                guard graphics.choosesPort.value != true, let type = graphics.type.value?.text else { continue }
                let address = graphics.listens.first?.address.value ?? graphics.listenAddress.value ?? ""
                for field in [graphics.port, graphics.tlsPort, graphics.webSocket] {
                    guard let port = field.value, port > 0 else { continue }
                    if let other = taken.updateValue(type, forKey: "\(port) \(address)") {
                        faults.add("\(other) and \(type) both on port \(port)", at: field.position)
                    }
                }
            }
            return faults
        })

    static let serialMissing = Rule<DomainFacts>(
        RuleInfo(
            "KVD124", "serial-console-missing", "the domain has a serial console", area: area, severity: .note,
            rationale: "Without one `virsh console` has nothing to show when neither network nor display works.",
            sources: [Citation("Mastering KVM Virtualization, 2nd ed., chapter 9: console=ttyS0", "2020"), format],
            remedy: Remedy("add a serial port")),
        violates: { $0.rewrite("<serial type='pty'/>\n    <console type='pty'/>", "") },
        remedy: { domain in
            Remedy(
                "add one; in the guest boot with console=ttyS0",
                commands: ["virt-xml \(domain.nameWord) --add-device --console pty,target.type=serial"])
        },
        faults: { domain in
            var faults: [Fault] = []
            let devices = domain.definition.devices
            faults.add(
                "neither <serial> nor <console>", at: devices.position,
                if: domain.definition.isQEMU && devices.serials.isEmpty && devices.consoles.isEmpty)
            return faults
        })

    static let videoOld = Rule<DomainFacts>(
        RuleInfo(
            "KVD125", "video-model-old", "the video card is one for guests of today", area: area, severity: .note,
            rationale: """
                Cirrus is a card of the nineties with 4 MiB and no driver in Windows since 8; VGA has no driver of \
                its own either. Both are slow, and fit for installing only.
                """,
            sources: [
                Citation("kraxel.org: VGA and other display devices in qemu", "2019"),
                Citation("Mastering KVM Virtualization, 2nd ed., chapter 6: cirrus", "2020"),
            ],
            remedy: Remedy("use <model type='virtio'/>")),
        violates: {
            $0.rewrite("<video>\n      <model type='virtio'/>", "<video>\n      <model type='cirrus'/>")
        },
        remedy: { domain in
            Remedy(
                "use virtio where the guest has its driver",
                commands: ["virt-xml \(domain.nameWord) --edit --video model.type=virtio"])
        },
        faults: { domain in
            var faults: [Fault] = []
            for video in domain.definition.devices.videos where domain.definition.isQEMU {
                guard video.model == .cirrus || video.model == .vga else { continue }
                faults.add("a video card '\(video.model.text ?? "")'", at: video.position)
            }
            return faults
        })

    static let qxlWithoutSpice = Rule<DomainFacts>(
        RuleInfo(
            "KVD126", "qxl-without-spice", "a QXL card has SPICE to draw with", area: area, severity: .note,
            rationale:
                "QXL is SPICE's card: without a SPICE display it is a plain VGA card that few systems still carry.",
            sources: [Citation("kraxel.org: VGA and other display devices in qemu", "2019")],
            remedy: Remedy("use <model type='virtio'/>")),
        violates: { $0.rewrite("<video>\n      <model type='virtio'/>", "<video>\n      <model type='qxl'/>") },
        remedy: { domain in
            Remedy(
                "use another card", commands: ["virt-xml \(domain.nameWord) --edit --video model.type=virtio"])
        },
        faults: { domain in
            var faults: [Fault] = []
            let devices = domain.definition.devices
            guard let video = devices.videos.first(where: { $0.model == .qxl }) else { return [] }
            faults.add(
                "a QXL card without SPICE", at: video.position,
                if: !devices.graphics.contains { $0.type == .spice })
            return faults
        })

    static let displayRefused = Rule<DomainFacts>(
        RuleInfo(
            "KVD127", "display-refused", "displays and cards go together", area: area, severity: .error,
            rationale: """
                libvirt refuses egl-headless beside another display than VNC or SPICE, two displays with OpenGL, a \
                card 'none' beside others, and ramfb with an address.
                """,
            sources: [
                Citation("libvirt tests/qemuxmlconfdata/graphics-*.err and video-*.err", "11.3"), format,
            ],
            remedy: Remedy("correct the display"),
            explains: [
                "graphics type 'egl-headless' is only supported with one of",
                "multiple OpenGL displays are not supported by QEMU",
                "a 'none' video type must be the only video device", "address not supported for video type ramfb",
            ]),
        violates: { $0.rewrite("<video>\n", "<video><model type='none'/></video><video>\n") },
        faults: { domain in
            guard domain.definition.isQEMU else { return [] }
            var faults: [Fault] = []
            let devices = domain.definition.devices
            let graphics = devices.graphics
            if let headless = graphics.first(where: { $0.type == .eglHeadless }) {
                let other = graphics.first { ![.vnc, .spice, .eglHeadless].contains($0.type.value?.known) }
                faults.add(
                    "egl-headless beside '\(other?.type.text ?? "")'", at: headless.position, if: other != nil)
            }
            let openGL = graphics.filter { $0.usesGL.value == true || $0.type == .eglHeadless }
            if openGL.count > 1, let last = openGL.last {
                faults.add("\(openGL.count) displays with OpenGL", at: last.position)
            }
            let videos = devices.videos
            for video in videos {
                faults.add(
                    "a video card 'none' beside others", at: video.position,
                    if: video.model == .nothing && videos.count > 1)
                faults.add(
                    "a ramfb card with an address", at: video.address.position,
                    if: video.model == .ramfb && video.address.isPresent)
            }
            return faults
        })
}
