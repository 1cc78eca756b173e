@_spi(Probing) internal import Evidence
internal import Facts
internal import LibvirtProbes
internal import LibvirtXML

/// What libvirt answers on a full connection only: domain capabilities, and what guest agents tell.
///
/// The inventory stays on the read-only connection. A second one, which could change everything and on which only getters are
/// called, is opened for guest agents where the caller has asked for them, and for domain capabilities where it costs
/// nobody a question: libvirt lets root in, and asks no polkit agent about a user's own session or the test driver. Another
/// host may ask for a password again, so that its capabilities stay unknown.
struct FullAccess {
    /// The libvirt that answered to the read-only connection.
    let uri: LibvirtURI
    /// The effective user of this process.
    let user: UInt32
    /// Whether the caller has asked for guest agents.
    let askingAgents: Bool

    /// Whether domain capabilities are asked for.
    var asksCapabilities: Bool {
        askingAgents || uri.isLocal && (user == 0 || uri.path == "/session" || uri.driver == .known("test"))
    }

    /// Adds to the facts what only a full connection tells; what is refused is unknown, and says why.
    ///
    /// - Parameter judged: The domains that are judged; of others nothing more is asked.
    func complete(_ facts: inout LibvirtFacts, about judged: InventoryRequest.Selection) {
        let domains = (facts.domains.known ?? []).filter(judged.covers)
        let running = domains.filter { $0.isActive.known == true }
        let questions = Self.questions(about: domains)
        guard asksCapabilities, !questions.isEmpty else {
            let obstacle = Obstacle(
                .notAsked, "virConnectGetDomainCapabilities",
                "domain capabilities are asked for as root, or of a user's own session")
            facts.domainCapabilities = questions.map {
                LibvirtDomainCapabilities(question: $0, xml: .unknown(obstacle))
            }
            return
        }
        let connection: LibvirtConnection
        do throws(LibvirtError) {
            connection = try LibvirtConnection.open(uri, access: .full)
        } catch {
            let obstacle = Obstacle(
                error.kind == .permissionDenied ? .permissionDenied : .systemError, "virConnectOpen", error.description)
            facts.domainCapabilities = questions.map {
                LibvirtDomainCapabilities(question: $0, xml: .unknown(obstacle))
            }
            if askingAgents { Self.set(&facts, agents: [:], otherwise: obstacle) }
            return
        }
        var request = InventoryRequest.nothing
        let emulators = Self.emulators(in: facts.capabilitiesXML)
        request.domainCapabilities = questions.filter { $0.emulator.map(emulators.contains) ?? true }
        if askingAgents {
            request.domains = .named(running.map { $0.uuid.known ?? $0.name })
            request.agent = true
        }
        let told = connection.inventory(request)
        facts.domainCapabilities =
            told.domainCapabilities
            + questions.filter { !request.domainCapabilities.contains($0) }.map { question in
                // libvirt runs the program to find out: an arbitrary path in a definition must not come to that.
                let obstacle = Obstacle(
                    .notAsked, "virConnectGetDomainCapabilities",
                    "libvirt's capabilities do not name the emulator \(question.emulator ?? "")")
                return LibvirtDomainCapabilities(question: question, xml: .unknown(obstacle))
            }
        guard askingAgents else { return }
        let agents = (told.domains.known ?? []).map { ($0.name, $0.agent) }
        let obstacle = told.domains.obstacle ?? Obstacle(.notProbed, "", "the domain has gone")
        Self.set(&facts, agents: Dictionary(agents) { first, _ in first }, otherwise: obstacle)
    }

    // MARK: - Guest agents

    private static func set(_ facts: inout LibvirtFacts, agents: [String: GuestAgentFacts], otherwise: Obstacle) {
        facts.domains = facts.domains.map { domains in
            domains.map { domain in
                var domain = domain
                domain.agent = agents[domain.name] ?? domain.silentAgent(otherwise)
                return domain
            }
        }
    }

    // MARK: - Domain capabilities

    /// What is to be asked about the domains' definitions, each question once.
    private static func questions(about domains: [LibvirtDomainFacts]) -> [LibvirtDomainCapabilities.Question] {
        var questions: [LibvirtDomainCapabilities.Question] = []
        for domain in domains {
            guard let xml = domain.persistentXML.known ?? domain.liveXML.known,
                let document = try? XMLDocument(parsing: xml, name: domain.name), let definition = Domain(document)
            else { continue }
            let question = definition.capabilitiesQuestion
            if !questions.contains(question) { questions.append(question) }
        }
        return questions
    }

    /// The emulators that libvirt itself names, and has asked already.
    private static func emulators(in capabilities: Observation<String>) -> Set<String> {
        guard let text = capabilities.known,
            let document = try? XMLDocument(parsing: text, name: "capabilities"),
            let capabilities = Capabilities(document)
        else { return [] }
        return Set(
            capabilities.guests.flatMap { guest in
                [guest.emulator.value] + guest.domains.map(\.emulator.value)
            }.compactMap { $0 })
    }
}

extension Domain {
    /// What libvirt is asked to learn what a domain of this kind can have.
    var capabilitiesQuestion: LibvirtDomainCapabilities.Question {
        LibvirtDomainCapabilities.Question(
            emulator: devices.emulator.value, architecture: os.arch.value, machine: os.machine.value,
            virtualizationType: type.value?.text)
    }
}

extension LibvirtDomainFacts {
    /// The agent of which nothing was learnt; of a domain that does not run there is none.
    fileprivate func silentAgent(_ obstacle: Obstacle) -> GuestAgentFacts {
        var facts = GuestAgentFacts()
        facts.hostName = isActive.flatMap { $0 ? .unknown(obstacle) : .absent() }
        facts.addresses = isActive.flatMap { $0 ? .unknown(obstacle) : .absent() }
        facts.information = isActive.flatMap { $0 ? .unknown(obstacle) : .absent() }
        return facts
    }
}
