public import Facts

/// A purpose that a host may be checked for: a selection of rules, and the severities that differ from the rules' own.
public struct Profile: Sendable {
    /// The name on the command line.
    public var name: String
    /// What it is for, in one line.
    public var summary: String
    /// Ids or prefixes of ids of the rules it selects.
    public var selects: [String]
    /// Severities that differ from the rules' own, by id.
    public var severities: [String: Severity]

    init(_ name: String, _ summary: String, selects: [String], severities: [String: Severity] = [:]) {
        self.name = name
        self.summary = summary
        self.selects = selects
        self.severities = severities
    }
}
