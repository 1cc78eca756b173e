internal import Facts
internal import Rules

/// The rules that a request comes to, and the severities that its profiles give them.
struct RuleSelection {
    var rules: [Rule<HostFacts>]
    var severities: [String: Severity]

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
        rules = HostCatalogue.all.filter { rule in
            let id = rule.info.id
            // A rule that is named is wanted, whatever the profile.
            let isWanted =
                select.isEmpty ? selected.contains(where: id.hasPrefix) : select.contains(where: id.hasPrefix)
            return isWanted && !ignore.contains(where: id.hasPrefix)
        }
        severities = [:]
        for profile in chosen {
            for rule in rules where profile.selects.contains(where: rule.info.id.hasPrefix) {
                let own = profile.severities[rule.info.id] ?? rule.info.severity
                severities[rule.info.id] = max(severities[rule.info.id] ?? own, own)
            }
        }
    }
}
