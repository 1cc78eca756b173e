internal import CLibvirt
@_spi(Probing) public import Evidence
public import Facts

extension LibvirtConnection {
    /// Asks for what the request names. What cannot be learnt is unknown, each thing by itself.
    ///
    /// - Parameters:
    ///   - request: What is to be asked.
    ///   - host: The files of this machine, for the QEMU processes of a libvirt that is on it; nil leaves them out.
    public func inventory(_ request: InventoryRequest = InventoryRequest(), host: (any Source)? = nil) -> LibvirtFacts {
        var facts = LibvirtFacts(origin: .connection(uri: uri.text))
        facts.daemon = daemon()
        if request.capabilities {
            facts.capabilitiesXML = answer("virConnectGetCapabilities") { library, connection in
                unsafe library.take(library.connectGetCapabilities(connection.pointer))
            }
        }
        facts.domainCapabilities = request.domainCapabilities.map { question in
            LibvirtDomainCapabilities(question: question, xml: domainCapabilities(question))
        }
        let processes = processes(driver: facts.daemon.driver, host: host)
        facts.domains = observe(.domain, request.domains, missing: &facts.notFound) { reader in
            domain(reader, processes: processes, closely: request.closely)
        } later: { reader, domain in
            if request.closely.covers(domain) { askQEMU(reader, agent: request.agent, into: &domain) }
        }
        facts.networks = observe(.network, request.networks, missing: &facts.notFound) { network($0) }
        facts.pools = observe(.pool, request.pools, missing: &facts.notFound) { pool($0, volumes: request.volumes) }
        if request.nodeDevices { facts.nodeDevices = nodeDevices() }
        if request.interfaces { facts.interfaces = interfaces() }
        if request.networkFilters { facts.networkFilters = networkFilters() }
        if request.secrets { facts.secrets = secrets() }
        return facts
    }

    /// The facts of each object of a kind, by name; those that go between list and question are passed over.
    ///
    /// - Parameters:
    ///   - read: What is asked of one object after the other.
    ///   - later: What is asked when all have been asked that: what may have to wait.
    func observe<Facts: NamedFacts>(
        _ kind: ObjectKind, _ selection: InventoryRequest.Selection = .all, of owner: LibvirtObject? = nil,
        missing: inout [String], _ read: (ObjectReader) -> Facts?,
        later: (ObjectReader, inout Facts) -> Void = { _, _ in }
    ) -> Observation<[Facts]> {
        let provenance = Provenance.call(kind.listName)
        var objects: [LibvirtObject] = []
        switch selection {
        case .none: return .notProbed
        case .all:
            switch list(kind, of: owner) {
            case .failure(let fault): return .unknown(fault.obstacle(kind.listName), from: provenance)
            case .success(let all): objects = all
            }
        case .named(let texts):
            for text in texts {
                switch find(kind, text) {
                case .failure(let fault): return .unknown(fault.obstacle("looking for \(text)"), from: provenance)
                case .success(nil): missing.append(text)
                case .success(let object?): objects.append(object)
                }
            }
        }
        var found: [(reader: ObjectReader, facts: Facts)] = objects.compactMap { object in
            let reader = ObjectReader(self, object)
            guard let facts = read(reader), !reader.isGone else { return nil }
            return (reader, facts)
        }
        for index in found.indices { later(found[index].reader, &found[index].facts) }
        let facts = found.filter { !$0.reader.isGone }.map(\.facts)
        return .known(facts.sorted { $0.name < $1.name }, from: provenance)
    }

    /// As ``observe(_:_:of:missing:_:)``, of all.
    func observe<Facts: NamedFacts>(
        _ kind: ObjectKind, of owner: LibvirtObject? = nil, _ read: (ObjectReader) -> Facts?
    ) -> Observation<[Facts]> {
        var missing: [String] = []
        return observe(kind, .all, of: owner, missing: &missing, read)
    }

    /// What a call on the connection comes to.
    func answer<Value: Sendable>(
        _ function: String, _ body: @escaping @Sendable (LibvirtLibrary, LibvirtObject) -> Value?
    ) -> Observation<Value> {
        let provenance = Provenance.call(function)
        return switch ask(body) {
        case .success(let value): .known(value, from: provenance)
        case .failure(let fault): .unknown(fault.obstacle(function), from: provenance)
        }
    }

    private func daemon() -> LibvirtDaemonFacts {
        var facts = LibvirtDaemonFacts()
        facts.driver = answer("virConnectGetType") { unsafe $0.copy($0.connectGetType($1.pointer)) }
        facts.hostName = answer("virConnectGetHostname") { unsafe $0.take($0.connectGetHostname($1.pointer)) }
        facts.version = answer("virConnectGetLibVersion") { library, connection in
            var version: UInt = 0
            return unsafe library.connectGetLibVersion(connection.pointer, &version) < 0
                ? nil : SoftwareVersion(packed: version)
        }
        facts.hypervisorVersion = answer("virConnectGetVersion") { library, connection in
            var version: UInt = 0
            return unsafe library.connectGetVersion(connection.pointer, &version) < 0
                ? nil : SoftwareVersion(packed: version)
        }
        facts.libraryVersion = answer("virGetVersion") { library, _ in
            var version: UInt = 0
            return unsafe library.getVersion(&version, nil, nil) < 0 ? nil : SoftwareVersion(packed: version)
        }
        facts.isSecure = answer("virConnectIsSecure") { library, connection in
            let answer = unsafe library.connectIsSecure(connection.pointer)
            return answer < 0 ? nil : answer == 1
        }
        return facts
    }

    private func domainCapabilities(_ question: LibvirtDomainCapabilities.Question) -> Observation<String> {
        answer("virConnectGetDomainCapabilities") { library, connection in
            unsafe library.take(
                library.connectGetDomainCapabilities(
                    connection.pointer, question.emulator, question.architecture, question.machine,
                    question.virtualizationType, 0))
        }
    }
}

/// Facts that are found and sorted by name.
protocol NamedFacts: Sendable {
    var name: String { get }
}

extension LibvirtDomainFacts: NamedFacts {}
extension LibvirtNetworkFacts: NamedFacts {}
extension LibvirtPoolFacts: NamedFacts {}
extension LibvirtVolumeFacts: NamedFacts {}
extension LibvirtObjectFacts: NamedFacts {}

extension SoftwareVersion {
    /// A version as libvirt packs it: `major × 1,000,000 + minor × 1,000 + release`.
    init(packed: UInt) {
        self.init(Int(packed / 1_000_000), Int(packed / 1_000 % 1_000), Int(packed % 1_000))
    }
}
