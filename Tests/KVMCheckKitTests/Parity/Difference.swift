/// A row in the table of differences from virt-host-validate.
struct Difference: Sendable {
    /// Whether the row is about a mismatch in these scenarios.
    func explains(_ mismatch: ParityTests.Mismatch, in scenarios: [String]) -> Bool { false }
    static let all: [Difference] = []
}
