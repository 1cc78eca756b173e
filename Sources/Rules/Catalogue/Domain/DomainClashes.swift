internal import Evidence
internal import Facts
internal import LibvirtXML

/// Something that a domain uses and others use too.
struct Clash {
    /// The domain's own use.
    let own: ResourceUse
    /// The others, each domain once; no more than show that there are more than a message names.
    let others: [ResourceUses.Entry]
}

/// Whether two domains that use one thing are up together.
enum Togetherness {
    /// Both run, or start with the host.
    case together
    /// One of them does not, or it is not known.
    case apart
}

extension DomainFacts {
    /// What the domain uses that others use too in a way that is a fault.
    ///
    /// - Parameters:
    ///   - togetherness: Whether those others are meant that are up together with it.
    ///   - isMeant: Whether a use of the domain's is of the kind that is looked for.
    ///   - isFault: Whether another's use of the same thing is a fault.
    /// - Throws: ``Evidence/Undecided`` where no other domain is known; where those are asked for that are up together and
    ///   nobody tells what runs.
    func clashes(
        _ togetherness: Togetherness, of isMeant: (ResourceUse) -> Bool,
        where isFault: (_ own: ResourceUse, _ other: ResourceUse) -> Bool
    ) throws(Undecided) -> [Clash] {
        var untold = false
        var found: [Clash] = []
        for own in uses where isMeant(own) {
            if togetherness == .together, clash(own, among: [.untold, .idle, .toRun], where: isFault) != nil {
                untold = untold || readiness == .untold || clash(own, among: [.untold], where: isFault) != nil
            }
            let among: [ResourceUses.Readiness] =
                switch (togetherness, readiness) {
                case (.together, .toRun): [.toRun]
                case (.together, _): []
                case (.apart, .toRun): [.untold, .idle]
                case (.apart, _): [.toRun, .untold, .idle]
                }
            if let clash = clash(own, among: among, where: isFault) { found.append(clash) }
        }
        if found.isEmpty {
            _ = try surroundings.domains.count(beside: ordinal)
            if untold { throw Undecided(Obstacle(.notAsked, "", "nobody tells which domains run")) }
        }
        return found
    }

    /// How many others a message names.
    private static let shown = 3

    private func clash(
        _ own: ResourceUse, among readiness: [ResourceUses.Readiness],
        where isFault: (_ own: ResourceUse, _ other: ResourceUse) -> Bool
    ) -> Clash? {
        var others: [ResourceUses.Entry] = []
        for readiness in readiness {
            let users = surroundings.uses.users(of: own.resource, readiness)
            // Readers do not hurt each other. Of one medium there may be as many as there are domains.
            for list in own.access == .write ? [users.writers, users.readers] : [users.writers] {
                for entry in list where entry.domain != ordinal {
                    guard isFault(own, entry.use) else {
                        // Those that are meant to be shared come last.
                        if entry.use.isShareable { break }
                        continue
                    }
                    if others.contains(where: { $0.domain == entry.domain }) { continue }
                    others.append(entry)
                    if others.count > Self.shown { return Clash(own: own, others: others) }
                }
            }
        }
        return others.isEmpty ? nil : Clash(own: own, others: others)
    }

    /// The name of a domain around, for messages.
    func name(of entry: ResourceUses.Entry) -> String { surroundings.domains.all[entry.domain].label }

    /// Faults of clashes.
    ///
    /// - Parameter words: What is wrong with a use of the domain's, given the names of the others.
    func faults(of clashes: [Clash], _ words: (_ own: ResourceUse, _ others: String) -> String) -> [Fault] {
        clashes.map { clash in
            let names = clash.others.prefix(Self.shown).map { entry in
                entry.use.isLiveOnly ? "\(name(of: entry)) (as it runs)" : name(of: entry)
            }
            let others = names.joined(separator: ", ") + (clash.others.count > Self.shown ? " and others" : "")
            return Fault(
                words(clash.own, others) + (clash.own.isLiveOnly ? " (as it runs)" : ""), at: clash.own.position)
        }
    }
}
