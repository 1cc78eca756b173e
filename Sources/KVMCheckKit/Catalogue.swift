public import Facts
internal import Rules

/// A profile's name and purpose.
public struct ProfileInfo: Sendable {
    /// The name on the command line.
    public var name: String
    /// What it is for, in one line.
    public var summary: String
}

/// What there is: rules, profiles, drivers.
public enum Catalogue {
    /// Every rule, in the order of the reports.
    public static var rules: [RuleInfo] {
        HostCatalogue.all.map(\.info) + DomainCatalogue.all.map(\.info) + NetworkCatalogue.all.map(\.info)
            + PoolCatalogue.all.map(\.info) + ImageCatalogue.all.map(\.info)
    }

    /// Every profile.
    public static var profiles: [ProfileInfo] {
        Profile.all.map { ProfileInfo(name: $0.name, summary: $0.summary) }
    }

    /// The libvirt drivers whose needs can be judged.
    public static var drivers: [String] { Driver.allCases.map(\.rawValue) }

    /// The rules meant by an id, a slug, or a text of an error that they explain; the best match first.
    public static func explain(_ query: String) -> [RuleInfo] {
        let wanted = query.lowercased()
        guard !wanted.isEmpty else { return [] }
        if let exact = rules.first(where: { $0.id.lowercased() == wanted || $0.slug == wanted }) { return [exact] }
        // A text may be a part of what a rule explains, or, copied with a time and a program's name, hold it.
        let matches = rules.compactMap { rule -> (rule: RuleInfo, length: Int)? in
            let lengths = rule.explains.compactMap { text -> Int? in
                let text = text.lowercased()
                return wanted.contains(text) ? text.count : text.contains(wanted) ? wanted.count : nil
            }
            return lengths.max().map { (rule, $0) }
        }
        return matches.sorted { $0.length > $1.length }.map(\.rule)
    }
}
