/// Why a check could not be made at all; a short tree when printed.
public struct CheckError: Error, Sendable, CustomStringConvertible {
    /// What is, lower case, without a full stop.
    public var message: String
    /// What belongs to it, such as `allowed: kvm, passthrough`.
    public var context: [String]
    /// Whether the request was wrong, rather than the machine.
    public var isUsage: Bool

    /// Makes an error; see the properties.
    public init(_ message: String, context: [String] = [], isUsage: Bool = false) {
        self.message = message
        self.context = context
        self.isUsage = isUsage
    }

    /// The message, and below it its context as the branches of a tree.
    public var description: String {
        let branches = context.enumerated().map { index, line in
            (index == context.count - 1 ? "└─ " : "├─ ") + line
        }
        return ([message] + branches).joined(separator: "\n")
    }
}
