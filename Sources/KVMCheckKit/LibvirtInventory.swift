@_spi(Probing) internal import Evidence
internal import Facts
internal import LibvirtProbes
internal import LinuxIO

/// What libvirt tells, or without a daemon what its files tell.
struct LibvirtInventory {
    /// What was told.
    let facts: LibvirtFacts
    /// Whether the definitions are of this machine, so that its files and devices are theirs.
    let isHere: Bool
    private let connection: LibvirtConnection?

    /// Asks libvirt, or reads its files where no daemon answers and none was asked for by its URI.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - choice: Which libvirt.
    ///   - kind: What it is about; a host that has none of the kind in its files has no definitions to fall back on.
    ///   - asksAgents: Whether guest agents are asked too.
    init(
        _ request: InventoryRequest, _ choice: LibvirtChoice, kind: DefinitionKind, asksAgents: Bool = false
    ) throws(CheckError) {
        var uri: LibvirtURI?
        do {
            uri = try LibvirtURI.choose(
                requested: choice.connect, environment: choice.environmentURI, source: TreeSource.live,
                configuration: LibvirtURI.configuration(user: choice.user, userFolder: choice.configurationFolder))
            let connection = try LibvirtConnection.open(uri)
            var request = request
            let full = FullAccess(uri: connection.uri, user: choice.user, askingAgents: asksAgents)
            let isJudged = kind == .domain && request.closely != .none
            request.capabilities = isJudged && full.asksCapabilities
            var told = connection.inventory(request, host: TreeSource.live)
            if isJudged { full.complete(&told, about: request.closely) }
            facts = told
            // The objects of libvirt's test driver are nowhere.
            isHere = connection.uri.isLocal && connection.uri.driver != .known("test")
            self.connection = connection
        } catch {
            // Asked for by its URI it must answer; else the definitions are there to be read without it.
            guard choice.connect == nil, [.noDaemon, .refused, .notInstalled].contains(error.kind),
                let directories = choice.directories(of: uri)
            else { throw CheckError(error.description, context: [error.remedy]) }
            let read = ConfigurationInventory(source: TreeSource.live, directories: directories).facts()
            guard !Self.isEmpty(read, kind) else { throw CheckError(error.description, context: [error.remedy]) }
            facts = read
            isHere = true
            connection = nil
        }
    }

    /// What a list of one kind needs.
    static func list(_ kind: DefinitionKind) -> InventoryRequest {
        var request = InventoryRequest.nothing
        request.closely = .none
        request.volumes = false
        switch kind {
        case .domain: request.domains = .all
        case .network: request.networks = .all
        case .pool: request.pools = .all
        }
        return request
    }

    /// What one object's definitions are.
    static func one(_ kind: DefinitionKind, _ name: String) -> InventoryRequest {
        var request = list(kind)
        switch kind {
        case .domain: request.domains = .named([name])
        case .network: request.networks = .named([name])
        case .pool: request.pools = .named([name])
        }
        return request
    }

    /// What the rules about one kind need: all of that kind, the others that they depend on, and more of those that are
    /// judged.
    static func judging(_ kind: DefinitionKind, _ selection: InventoryRequest.Selection) -> InventoryRequest {
        var request = list(kind)
        request.closely = selection
        switch kind {
        case .domain:
            request.networks = .all
            request.pools = .all
            request.volumes = true
            request.networkFilters = true
            request.secrets = true
        case .network: break
        case .pool:
            request.volumes = true
            request.secrets = true
        }
        return request
    }

    /// The host's devices: some hundred documents, asked for when a definition names one.
    func nodeDevices() -> Observation<[LibvirtObjectFacts]> {
        guard let connection else {
            return .unknown(Obstacle(.notCaptured, "node devices", "only a daemon tells: the files hold definitions"))
        }
        var request = InventoryRequest.nothing
        request.nodeDevices = true
        return connection.inventory(request).nodeDevices
    }

    /// Whether the definitions are files that a reader can open.
    var areFiles: Bool {
        switch facts.origin {
        case .connection: false
        case .configuration: true
        }
    }

    /// Who told, for the first line of a report.
    var name: String {
        switch facts.origin {
        case .connection(let uri): uri
        case .configuration(let directory): "\(directory), without a daemon"
        }
    }

    private static func isEmpty(_ facts: LibvirtFacts, _ kind: DefinitionKind) -> Bool {
        switch kind {
        case .domain: facts.domains.known?.isEmpty != false
        case .network: facts.networks.known?.isEmpty != false
        case .pool: facts.pools.known?.isEmpty != false
        }
    }
}
