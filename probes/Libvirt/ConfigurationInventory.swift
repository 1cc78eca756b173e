@_spi(Probing) public import Evidence
public import Facts

/// What libvirt has defined, read from its files: for a host where no daemon answers, and for captures.
///
/// Only definitions are there: what runs, and what a daemon would add, stays unknown.
public struct ConfigurationInventory {
    /// Where libvirt keeps its files.
    public struct Directories: Sendable, Hashable {
        /// The definitions: `/etc/libvirt`.
        public var configuration: String
        /// Saved states and snapshots: `/var/lib/libvirt`.
        public var state: String
        /// Process numbers of QEMU: `/run/libvirt/qemu`.
        public var run: String

        /// Makes a set of folders; see the properties.
        public init(configuration: String, state: String, run: String) {
            self.configuration = configuration
            self.state = state
            self.run = run
        }

        /// Those of `qemu:///system`.
        public static let system = Directories(
            configuration: "/etc/libvirt", state: "/var/lib/libvirt", run: "/run/libvirt/qemu")

        /// Those of a user's `qemu:///session`.
        ///
        /// - Parameters:
        ///   - configuration: `$XDG_CONFIG_HOME`, or `~/.config`.
        ///   - runtime: `$XDG_RUNTIME_DIR`.
        public static func session(configuration: String, runtime: String) -> Directories {
            // A user's libvirt keeps its state beside its definitions: `~/.config/libvirt/qemu/save`.
            Directories(
                configuration: "\(configuration)/libvirt", state: "\(configuration)/libvirt",
                run: "\(runtime)/libvirt/qemu/run")
        }
    }

    private let source: any Source
    private let directories: Directories

    /// Reads below the folders given.
    public init(source: any Source, directories: Directories = .system) {
        self.source = source
        self.directories = directories
    }

    /// What is defined.
    public func facts() -> LibvirtFacts {
        var facts = LibvirtFacts(origin: .configuration(directory: directories.configuration))
        let processes = QEMUProcesses(source: source, directory: directories.run)
        facts.domains = definitions(in: "qemu") { name, xml, autostart in
            var domain = LibvirtDomainFacts(name: name)
            domain.persistentXML = xml
            domain.autostart = autostart
            domain.isPersistent = .known(true, from: xml.provenance)
            domain.hasManagedSave = source.exists("\(directories.state)/qemu/save/\(name).save")
            domain.snapshots = names(in: "\(directories.state)/qemu/snapshot/\(name)")
            domain.state = notTold("state")
            domain.id = notTold("id")
            domain.isActive = notTold("state")
            domain.liveXML = notTold("live XML")
            domain.process = processes.process(name: name, uuid: nil)
            return domain
        }
        facts.networks = definitions(in: "qemu/networks") { name, xml, autostart in
            var network = LibvirtNetworkFacts(name: name)
            network.persistentXML = xml
            network.autostart = autostart
            network.isPersistent = .known(true, from: xml.provenance)
            network.isActive = notTold("state")
            network.liveXML = notTold("live XML")
            network.leases = notTold("leases")
            return network
        }
        facts.pools = definitions(in: "storage") { name, xml, autostart in
            var pool = LibvirtPoolFacts(name: name)
            pool.persistentXML = xml
            pool.autostart = autostart
            pool.isPersistent = .known(true, from: xml.provenance)
            pool.state = notTold("state")
            pool.space = notTold("space")
            pool.liveXML = notTold("live XML")
            pool.volumes = notTold("volumes")
            return pool
        }
        facts.networkFilters = definitions(in: "nwfilter") { name, xml, _ in object(name, xml) }
        facts.secrets = definitions(in: "secrets") { name, xml, _ in object(name, xml) }
        return facts
    }

    private func object(_ name: String, _ xml: Observation<String>) -> LibvirtObjectFacts {
        var facts = LibvirtObjectFacts(name: name)
        facts.xml = xml
        facts.isActive = .absent(from: xml.provenance)
        return facts
    }

    /// Each `NAME.xml` in a folder, and whether the folder `autostart` beside it has a link of that name.
    private func definitions<Facts: NamedFacts>(
        in folder: String, _ make: (String, Observation<String>, Observation<Bool>) -> Facts
    ) -> Observation<[Facts]> {
        let path = "\(directories.configuration)/\(folder)"
        let entries = source.entries(path)
        // Without the folder nothing was ever defined, provided that libvirt's folder itself could be seen.
        if entries.isAbsent { return .known([], from: .file(path)) }
        let started = source.entries("\(path)/autostart")
        return entries.map { names in
            names.compactMap { file in
                guard file.hasSuffix(".xml") else { return nil }
                let xml = source.text("\(path)/\(file)").map(Self.withoutPasswords)
                let autostart =
                    started.isAbsent
                    ? .known(false, from: .file("\(path)/autostart"))
                    : started.map { $0.contains(file) }
                return make(String(file.dropLast(".xml".count)), xml, autostart)
            }
        }
    }

    /// The names of the XML files in a folder that is only there where there is one.
    private func names(in path: String) -> Observation<[String]> {
        let entries = source.entries(path)
        if entries.isAbsent { return .known([], from: .file(path)) }
        return entries.map { names in names.filter { $0.hasSuffix(".xml") }.map { String($0.dropLast(4)) } }
    }

    private func notTold<Value: Sendable>(_ what: String) -> Observation<Value> {
        .unknown(Obstacle(.notCaptured, what, "only a daemon tells: the files hold definitions"))
    }

    /// The document without the passwords of graphical consoles, which a daemon leaves out: each byte of a value becomes a
    /// star, so that lines and columns stay.
    static func withoutPasswords(_ xml: String) -> String {
        let mark = Array("passwd".utf8)
        var bytes = Array(xml.utf8)
        guard bytes.firstRange(of: mark) != nil else { return xml }
        var index = bytes.startIndex
        while let found = bytes[index...].firstRange(of: mark) {
            var next = found.upperBound
            func skipSpace() {
                while next < bytes.endIndex, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[next]) { next += 1 }
            }
            index = next
            skipSpace()
            guard next < bytes.endIndex, bytes[next] == UInt8(ascii: "=") else { continue }
            next += 1
            skipSpace()
            guard next < bytes.endIndex, bytes[next] == UInt8(ascii: "'") || bytes[next] == UInt8(ascii: "\"") else {
                continue
            }
            let quote = bytes[next]
            next += 1
            while next < bytes.endIndex, bytes[next] != quote {
                bytes[next] = UInt8(ascii: "*")
                next += 1
            }
            index = next
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
