@_spi(Probing) import Evidence
import Facts
import Foundation
import LinuxIO
import Testing

@testable import LibvirtProbes

/// A real libvirtd with real QEMU processes; what it holds stands in ``PrivateLibvirt``. virsh is the other witness.
@Suite(
    .enabled(if: PrivateLibvirt.missing == nil, "\(PrivateLibvirt.missing ?? "")"), .serialized, .privateLibvirt)
struct DaemonTests {
    let libvirt: PrivateLibvirt

    init() throws { libvirt = try #require(PrivateLibvirt.current) }

    private func domains(_ deadline: Duration = .seconds(60)) throws -> [String: LibvirtDomainFacts] {
        var request = InventoryRequest.nothing
        request.domains = .all
        let facts = try libvirt.connect(deadline: deadline).inventory(request, host: TreeSource.live)
        let domains = try #require(try facts.domains.get())
        return Dictionary(uniqueKeysWithValues: domains.map { ($0.name, $0) })
    }

    /// The lines `Name: value` of virsh's answers.
    private func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[String(line[..<colon])] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return fields
    }

    @Test func `domains are as virsh tells them`() throws {
        let domains = try domains()
        #expect(Set(domains.keys) == ["onkvm", "ontcg", "off", "saved"])
        for (name, domain) in domains {
            let told = fields(try libvirt.virsh("dominfo", name))
            #expect(try domain.uuid.get() == told["UUID"])
            #expect(try domain.id.get().map(String.init) ?? "-" == told["Id"])
            #expect(try domain.isPersistent.get() == (told["Persistent"] == "yes"))
            #expect(try domain.autostart.get() == (told["Autostart"] == "enable"))
            #expect(try domain.hasManagedSave.get() == (told["Managed save"] == "yes"))
            #expect(try domain.isActive.get() == (told["State"] == "running"))
            #expect(try domain.state.get() == (told["State"] == "running" ? .running : .shutOff))
        }
        #expect(try domains["off"]?.autostart.get() == true)
        #expect(try domains["saved"]?.hasManagedSave.get() == true)
        #expect(try domains["off"]?.snapshots.get() == ["first"])
        #expect(try domains["onkvm"]?.snapshots.get() == [])
    }

    @Test func `both documents are there, and no password`() throws {
        let domains = try domains()
        let running = try #require(domains["ontcg"])
        // libvirt writes more at the end of a document that it prints; virsh adds a newline.
        #expect(
            try running.liveXML.get()?.trimmingCharacters(in: .whitespacesAndNewlines)
                == libvirt.virsh("dumpxml", "ontcg").trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(
            try running.persistentXML.get()?.trimmingCharacters(in: .whitespacesAndNewlines)
                == libvirt.virsh("dumpxml", "--inactive", "ontcg").trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(try running.liveXML.get() != running.persistentXML.get())
        for domain in domains.values {
            #expect(try domain.persistentXML.get()?.contains("passwd") == false)
            #expect(try domain.liveXML.get()?.contains("passwd") != true)
        }
        #expect(domains["off"]?.liveXML.isAbsent == true)
        #expect(domains["off"]?.id.isAbsent == true)
    }

    @Test func `disks have the sizes that virsh tells`() throws {
        let domains = try domains()
        for name in ["onkvm", "ontcg", "off"] {
            let block = try #require(try domains[name]?.blocks.get()?.first)
            let told = fields(try libvirt.virsh("domblkinfo", name, "vda"))
            #expect(block.target == "vda")
            #expect(block.path == "\(libvirt.folder.path)/images/\(name).qcow2")
            let sizes = try #require(try block.sizes.get())
            #expect(sizes.capacity == 16 << 20)
            #expect(String(sizes.physical) == told["Physical"])
            #expect(String(sizes.allocation) == told["Allocation"])
        }
    }

    @Test(.enabled(if: PrivateLibvirt.hasKVM, "no /dev/kvm"))
    func `a domain on KVM holds KVM, one on TCG does not`() throws {
        let domains = try domains()
        let fast = try #require(try domains["onkvm"]?.process.get())
        #expect(fast.pid == Int(try libvirt.pid(of: "onkvm")))
        #expect(try fast.usesKVM.get() == true)
        #expect(try fast.virtualCPUs.get() == [0, 1])
        #expect(try fast.accelerators.get() == ["kvm"])
        #expect(try fast.cpuModel.get()?.hasPrefix("qemu64") == true)
        #expect(try fast.machine.get()?.hasPrefix("pc-i440fx-") == true)
        #expect(try fast.resident.get() ?? 0 > 1 << 20)
        #expect(try fast.hugePages.get() == 0)
        #expect(try fast.swapped.get() != nil)
        let slow = try #require(try domains["ontcg"]?.process.get())
        #expect(try slow.usesKVM.get() == false)
        #expect(try slow.virtualCPUs.get() == [])
        #expect(try slow.accelerators.get() == ["tcg"])
        #expect(domains["off"]?.process.isAbsent == true)
    }

    @Test func `what another user may not see of a process is unknown`() async throws {
        await #expect(processExitsWith: .success) { [uri = libvirt.uri(readOnly: true) as String] in
            try #require(setgroups(0, nil) == 0 && setgid(65534) == 0 && setuid(65534) == 0)
            var request = InventoryRequest.nothing
            request.domains = .named(["ontcg"])
            let connection = try LibvirtConnection.open(LibvirtURI(uri), deadline: .seconds(60))
            let domains = connection.inventory(request, host: TreeSource.live).domains
            let process = try #require(try domains.get()?.first?.process.get())
            // Whoever may not count the descriptors must not say that there are none.
            #expect(process.usesKVM.obstacle?.kind == .permissionDenied)
            #expect(process.virtualCPUs.obstacle?.kind == .permissionDenied)
            #expect(process.vhostDevices.obstacle?.kind == .permissionDenied)
            #expect(try process.accelerators.get() == ["tcg"])
            #expect(try process.resident.get() != nil)
        }
    }

    @Test func `networks are as virsh tells them`() throws {
        var request = InventoryRequest.nothing
        request.networks = .all
        let networks = try #require(try libvirt.connect().inventory(request).networks.get())
        #expect(networks.map(\.name) == ["apart", "idle"])
        for network in networks {
            let told = fields(try libvirt.virsh("net-info", network.name))
            #expect(try network.uuid.get() == told["UUID"])
            #expect(try network.isActive.get() == (told["Active"] == "yes"))
            #expect(try network.isPersistent.get() == (told["Persistent"] == "yes"))
            #expect(try network.autostart.get() == (told["Autostart"] == "yes"))
            #expect(try network.bridge.get() == told["Bridge"])
            #expect(try network.persistentXML.get()?.contains("<name>\(network.name)</name>") == true)
        }
        #expect(try networks[0].leases.get() == [])
        #expect(try networks[0].liveXML.get()?.contains("192.0.2.1") == true)
        #expect(networks[1].liveXML.isAbsent)
        #expect(networks[1].leases.isAbsent)
    }

    @Test func `a lease that dnsmasq has written is read`() throws {
        // What libvirt's lease helper writes for dnsmasq; no guest here has an operating system to ask for one.
        let file = libvirt.folder.appending(path: "lib/dnsmasq/kvmchk0.status")
        defer { try? Data().write(to: file) }
        let expiry = Int(Date().timeIntervalSince1970) + 3600
        let mac = try #require(
            try libvirt.virsh("domiflist", "ontcg").firstMatch(of: /([0-9a-f]{2}:){5}[0-9a-f]{2}/)?.output.0)
        try Data(
            """
            [ { "ip-address": "192.0.2.17", "mac-address": "\(mac)", "hostname": "guest",
                "expiry-time": \(expiry) } ]
            """.utf8
        ).write(to: file)
        var request = InventoryRequest.nothing
        request.networks = .named(["apart"])
        request.domains = .named(["ontcg"])
        let facts = try libvirt.connect().inventory(request)
        let lease = LibvirtNetworkFacts.Lease(
            hardwareAddress: String(mac), address: "192.0.2.17", prefix: 24, hostName: "guest", expires: Int64(expiry))
        #expect(try facts.networks.get()?.first?.leases.get() == [lease])
        let interface = try #require(try facts.domains.get()?.first?.leasedAddresses.get()?.first)
        #expect(interface.hardwareAddress == String(mac))
        #expect(interface.addresses == [.init(address: "192.0.2.17", prefix: 24, isIPv6: false)])
    }

    @Test func `a pool and its volumes are there`() throws {
        var request = InventoryRequest.nothing
        request.pools = .all
        let pool = try #require(try libvirt.connect().inventory(request).pools.get()?.first)
        #expect(pool.name == "files")
        #expect(try pool.state.get() == .running)
        #expect(try pool.autostart.get() == false)
        let told = fields(try libvirt.virsh("pool-info", "--bytes", "files"))
        #expect(try pool.uuid.get() == told["UUID"])
        #expect(try pool.space.get().map { String($0.capacity) } == told["Capacity"])
        #expect(try pool.persistentXML.get()?.contains("<path>\(libvirt.folder.path)/pool</path>") == true)
        let volumes = try #require(try pool.volumes.get())
        #expect(volumes.map(\.name) == ["a.qcow2", "b.raw"])
        #expect(try volumes[0].path.get() == "\(libvirt.folder.path)/pool/a.qcow2")
        #expect(try volumes[0].information.get()?.capacity == 32 << 20)
        #expect(try volumes[1].information.get() == .init(kind: .file, capacity: 4 << 20, allocation: 4 << 20))
        #expect(try volumes[0].xml.get()?.contains("<format type='qcow2'/>") == true)
    }

    @Test func `the host's capabilities are there; domain capabilities are not for a read-only connection`() throws {
        var request = InventoryRequest.nothing
        request.capabilities = true
        request.domainCapabilities = [.init(), .init(architecture: "x86_64", virtualizationType: "qemu")]
        let facts = try libvirt.connect().inventory(request)
        #expect(try facts.daemon.driver.get() == "QEMU")
        #expect(try facts.capabilitiesXML.get()?.contains("<arch name='x86_64'>") == true)
        #expect(facts.domainCapabilities.map { $0.xml.obstacle?.kind } == [.unsupported, .unsupported])
    }

    @Test func `an agent is not asked over a read-only connection, and that is said`() throws {
        var request = InventoryRequest.nothing
        request.domains = .named(["ontcg"])
        request.agent = true
        let domain = try #require(try libvirt.connect().inventory(request).domains.get()?.first)
        for obstacle in [
            domain.agent.hostName.obstacle, domain.agent.addresses.obstacle, domain.agent.information.obstacle,
        ] {
            #expect(obstacle?.kind == .unsupported)
            #expect(obstacle?.detail.contains("read only access prevents") == true)
        }
    }

    @Test func `filters and secrets are listed without values`() throws {
        let secret = libvirt.folder.appending(path: "secret.xml")
        let uuid = "7aa7aa00-1111-2222-3333-444455556666"
        try Data(
            "<secret private='no'><uuid>\(uuid)</uuid><usage type='volume'><volume>/x</volume></usage></secret>".utf8
        )
        .write(to: secret)
        try libvirt.virsh("secret-define", secret.path)
        try libvirt.virsh("secret-set-value", uuid, "Z2VoZWlt")
        var request = InventoryRequest.nothing
        request.secrets = true
        request.networkFilters = true
        let facts = try libvirt.connect().inventory(request)
        #expect(try facts.secrets.get()?.map(\.name) == [uuid])
        #expect(try facts.secrets.get()?.first?.xml.get()?.contains("Z2VoZWlt") == false)
        #expect(try facts.networkFilters.get() != nil)
    }

    @Test func `a domain that goes between list and question is passed over`() throws {
        let file = libvirt.folder.appending(path: "gone.xml")
        try Data("<domain type='qemu'><name>gone</name><memory>65536</memory><os><type>hvm</type></os></domain>".utf8)
            .write(to: file)
        try libvirt.virsh("define", file.path)
        let connection = try libvirt.connect()
        var undefined = false
        let facts = connection.observe(.domain) { reader -> LibvirtDomainFacts? in
            if !undefined {
                undefined = true
                _ = try? libvirt.virsh("undefine", "gone")
            }
            return connection.domain(reader, processes: .none)
        }
        #expect(try facts.get()?.map(\.name) == ["off", "onkvm", "ontcg", "saved"])
    }

    @Test func `a QEMU that hangs costs one deadline, and the others are whole`() throws {
        let pid = try libvirt.pid(of: "ontcg")
        kill(pid, SIGSTOP)
        defer { kill(pid, SIGCONT) }
        let clock = ContinuousClock()
        let start = clock.now
        let domains = try domains(.seconds(2))
        #expect(clock.now - start < .seconds(10))
        #expect(domains["ontcg"]?.blocks.obstacle?.kind == .timedOut)
        #expect(try domains["ontcg"]?.persistentXML.get() != nil)
        #expect(try domains["saved"]?.blocks.get()?.count == 1)
        #expect(try domains["onkvm"]?.blocks.get()?.count == 1)
    }

    @Test func `closing a connection does not wait for a daemon that hangs`() throws {
        let pid = try String(contentsOf: libvirt.folder.appending(path: "libvirtd.pid"), encoding: .utf8)
        let number = try #require(Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines)))
        defer { kill(number, SIGCONT) }
        var connection: LibvirtConnection? = try libvirt.connect(deadline: .milliseconds(300))
        #expect(connection?.uri.driver == .known("qemu"))
        kill(number, SIGSTOP)
        let clock = ContinuousClock()
        let start = clock.now
        connection = nil
        #expect(clock.now - start < .seconds(3))
    }

    @Test func `a daemon that stops answering is given up after a few deadlines`() throws {
        let pid = try String(contentsOf: libvirt.folder.appending(path: "libvirtd.pid"), encoding: .utf8)
        let number = try #require(Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines)))
        func ask() throws -> LibvirtFacts {
            let connection = try libvirt.connect(deadline: .milliseconds(300))
            kill(number, SIGSTOP)
            return connection.inventory()
        }
        defer { kill(number, SIGCONT) }
        let clock = ContinuousClock()
        let start = clock.now
        // Back from there the connection is gone, and nobody has waited for the daemon to hear of it.
        let facts = try ask()
        #expect(clock.now - start < .seconds(5))
        #expect(facts.domains.obstacle?.kind == .timedOut)
        #expect(facts.networks.obstacle?.kind == .timedOut)
    }

    @Test func `the files alone tell the same definitions`() throws {
        let directories = ConfigurationInventory.Directories(
            configuration: "\(libvirt.folder.path)/etc", state: "\(libvirt.folder.path)/lib",
            run: "\(libvirt.folder.path)/run/qemu")
        let files = ConfigurationInventory(source: TreeSource.live, directories: directories).facts()
        let told = try domains()
        let domains = try #require(try files.domains.get())
        #expect(Set(domains.map(\.name)) == Set(told.keys))
        for domain in domains {
            #expect(try domain.autostart.get() == told[domain.name]?.autostart.get())
            #expect(try domain.hasManagedSave.get() == told[domain.name]?.hasManagedSave.get())
            #expect(try domain.snapshots.get() == told[domain.name]?.snapshots.get())
            #expect(try domain.persistentXML.get()?.contains("geheim") == false)
            #expect(domain.process.known?.pid == told[domain.name]?.process.known?.pid)
        }
        #expect(try files.networks.get()?.map(\.name) == ["apart", "idle"])
        #expect(try files.networks.get()?.map { try $0.autostart.get() } == [true, false])
        #expect(try files.pools.get()?.map(\.name) == ["files"])
    }
}
