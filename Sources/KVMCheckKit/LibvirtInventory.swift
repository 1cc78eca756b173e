@_spi(Probing) internal import Evidence
internal import Facts
internal import LibvirtProbes
internal import LinuxIO

/// What libvirt tells, or without a daemon what its files tell.
enum LibvirtInventory {
    static func facts(
        selecting selection: InventoryRequest.Selection, of check: DefinitionCheck
    ) throws(CheckError) -> LibvirtFacts {
        var request = InventoryRequest.nothing
        switch check.kind {
        case .domain: request.domains = selection
        case .network: request.networks = selection
        case .pool: request.pools = selection
        }
        do {
            let uri = try LibvirtURI.choose(
                requested: check.connect, environment: check.environmentURI, source: TreeSource.live,
                configuration: LibvirtURI.configuration(user: 0, userFolder: nil))
            return try LibvirtConnection.open(uri).inventory(request, host: TreeSource.live)
        } catch {
            // Asked for by its URI it must answer; else the definitions are there to be read without it.
            if check.connect == nil, [.noDaemon, .notInstalled].contains(error.kind) {
                let facts = narrowed(ConfigurationInventory(source: TreeSource.live).facts(), to: selection, check.kind)
                if !isEmpty(facts, check.kind) { return facts }
            }
            throw CheckError(error.description, context: [error.remedy])
        }
    }

    static func name(of origin: LibvirtFacts.Origin) -> String {
        switch origin {
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

    /// Only what was asked for by name; files have no index of UUIDs.
    private static func narrowed(
        _ facts: LibvirtFacts, to selection: InventoryRequest.Selection, _ kind: DefinitionKind
    ) -> LibvirtFacts {
        guard case .named(let names) = selection else { return facts }
        var facts = facts
        var found: [String] = []
        switch kind {
        case .domain:
            facts.domains = facts.domains.map { $0.filter { names.contains($0.name) } }
            found = facts.domains.known?.map(\.name) ?? []
        case .network:
            facts.networks = facts.networks.map { $0.filter { names.contains($0.name) } }
            found = facts.networks.known?.map(\.name) ?? []
        case .pool:
            facts.pools = facts.pools.map { $0.filter { names.contains($0.name) } }
            found = facts.pools.known?.map(\.name) ?? []
        }
        facts.notFound = names.filter { !found.contains($0) }
        return facts
    }
}
