internal import Facts
internal import HostProbes
internal import Rules

/// The rules that a request comes to, and the severities that its profiles give them.
struct RuleSelection {
    var rules: [Rule<HostFacts>]
    var severities: [String: Severity]

    /// What none of the rules asks about.
    var unneeded: Set<HostProbes.Extra> {
        var unneeded = Set(HostProbes.Extra.allCases)
        for rule in rules {
            switch rule.info.area {
            case HostCatalogue.containerArea: unneeded.remove(.containers)
            case HostCatalogue.deploymentArea: unneeded.remove(.deployments)
            default: break
            }
        }
        return unneeded
    }

    /// Puts driver, profiles, `--select` and `--ignore` together; several profiles add up, the worst severity wins.
    init(driver: String, profiles: [String], select: [String], ignore: [String]) throws(CheckError) {
        guard let driver = Driver(rawValue: driver) else {
            throw CheckError(
                "no such driver: \(driver)", context: ["known: \(Catalogue.drivers.joined(separator: ", "))"],
                isUsage: true)
        }
        var chosen: [Profile] = []
        for name in profiles.isEmpty ? driver.defaultProfiles : profiles {
            guard let profile = Profile.all.first(where: { $0.name == name }) else {
                throw CheckError(
                    "no such profile: \(name)",
                    context: ["known: \(Profile.all.map(\.name).joined(separator: ", "))"], isUsage: true)
            }
            chosen.append(profile)
        }
        for pattern in select + ignore where !Catalogue.rules.contains(where: { $0.id.hasPrefix(pattern) }) {
            throw CheckError("no rule begins with \(pattern)", context: ["kvmcheck rules lists them"], isUsage: true)
        }
        let selected = chosen.flatMap(\.selects) + driver.selects
        // A rule that is named is wanted, whatever the profile.
        let wanted = Patterns(select.isEmpty ? selected : select)
        let unwanted = Patterns(ignore)
        rules = HostCatalogue.all.filter { wanted.match($0.info.id) && !unwanted.match($0.info.id) }
        severities = [:]
        for profile in chosen {
            let its = Patterns(profile.selects)
            for rule in rules where its.match(rule.info.id) {
                let own = profile.severities[rule.info.id] ?? rule.info.severity
                severities[rule.info.id] = max(severities[rule.info.id] ?? own, own)
            }
        }
    }
}

/// Ids and prefixes of ids: whole ids, the most, are looked up, and only the prefixes compared.
private struct Patterns {
    private var ids: Set<String> = []
    private var prefixes: [String] = []
    /// The length of an id: `KVH` and three digits.
    private static let idLength = 6

    init(_ patterns: [String]) {
        for pattern in patterns {
            if pattern.utf8.count == Self.idLength { ids.insert(pattern) } else { prefixes.append(pattern) }
        }
    }

    func match(_ id: String) -> Bool {
        ids.contains(id) || prefixes.contains { id.utf8.starts(with: $0.utf8) }
    }
}

extension RuleInfo {
    /// Whether a request applies it.
    ///
    /// - Parameters:
    ///   - select: Ids or prefixes of ids of the only rules to apply; empty for all.
    ///   - ignore: Ids or prefixes of ids of rules to leave out.
    func isPicked(select: [String], ignore: [String]) -> Bool {
        (select.isEmpty || select.contains(where: id.hasPrefix)) && !ignore.contains(where: id.hasPrefix)
    }
}
