/// Why something could not be learnt.
///
/// An obstacle is never an answer: a file that may not be read is neither present nor absent.
public struct Obstacle: Sendable, Hashable, Codable {
    /// The small, stable set of reasons a program can act on.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The kernel refused for want of privilege (EACCES, EPERM).
        case permissionDenied
        /// The capture that is being judged does not hold this; only the live machine can answer.
        case notCaptured
        /// The caller asked that it not be tried (`--no-run`).
        case notAsked
        /// No probe has answered yet: the state that every fact starts in.
        case notProbed
        /// There is something at the path, but not a regular file.
        case notRegularFile
        /// The file is larger than any file of its kind can be.
        case tooLarge
        /// The content does not have the form it must have.
        case malformed
        /// A loop of symbolic links, or a path that leads out of the tree.
        case unresolvable
        /// No answer came within the time allowed.
        case timedOut
        /// What would answer is not installed on this machine: the question is open, and is nobody's fault.
        case notInstalled
        /// This kernel, library or architecture cannot answer the question.
        case unsupported
        /// Any other refusal by the system; the detail names the errno.
        case systemError
    }

    /// What kind of obstacle it is.
    public var kind: Kind
    /// What was tried, in the words of the system: a path, or an ioctl and its device.
    public var operation: String
    /// What is, lower case, without a full stop: `empty`, `a FIFO`, `EACCES`.
    public var detail: String

    /// Makes an obstacle from its kind, what was tried and what stood in the way.
    public init(_ kind: Kind, _ operation: String, _ detail: String = "") {
        self.kind = kind
        self.operation = operation
        self.detail = detail
    }
}

extension Obstacle: CustomStringConvertible {
    /// One line: what was tried, and what stood in the way.
    public var description: String {
        let reason = detail.isEmpty ? kind.phrase : detail
        return operation.isEmpty ? reason : "\(operation): \(reason)"
    }
}

extension Obstacle.Kind {
    /// The kind in words, for an obstacle without a detail of its own.
    public var phrase: String {
        switch self {
        case .permissionDenied: "needs privilege"
        case .notCaptured: "not in the capture"
        case .notAsked: "not asked for"
        case .notProbed: "not looked at"
        case .notRegularFile: "not a regular file"
        case .tooLarge: "too large"
        case .malformed: "malformed"
        case .unresolvable: "cannot be resolved"
        case .timedOut: "no answer in time"
        case .notInstalled: "not installed"
        case .unsupported: "not supported here"
        case .systemError: "refused by the system"
        }
    }
}

/// Thrown by the accessors of an ``Observation`` that is unknown; the engine turns it into the verdict `unknown`.
public struct Undecided: Error, Sendable, Hashable {
    /// What stood in the way.
    public var obstacle: Obstacle

    /// Makes the error from what stood in the way.
    public init(_ obstacle: Obstacle) {
        self.obstacle = obstacle
    }
}
