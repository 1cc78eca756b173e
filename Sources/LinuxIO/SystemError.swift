internal import CLinux
public import Evidence
internal import Glibc

/// An `errno` with what was tried; made in one place, so that nobody reads `errno` too late.
public struct SystemError: Error, Sendable, Hashable {
    /// The number, such as `ENOENT`.
    public var errno: Int32
    /// The call and its object, such as `open /dev/kvm`.
    public var operation: String

    /// Makes an error from a number and what was tried.
    public init(errno: Int32, operation: String) {
        self.errno = errno
        self.operation = operation
    }

    /// The error of the call that has just failed.
    static func last(_ operation: String) -> SystemError {
        SystemError(errno: clinux_errno(), operation: operation)
    }

    /// The name of the error as errno(3) lists it: `EACCES`.
    public var name: String {
        guard let name = unsafe strerrorname_np(errno) else { return "errno \(errno)" }
        return unsafe String(cString: name)
    }

    /// What an observer learns from this error: nothing, and why.
    public var obstacle: Obstacle {
        switch errno {
        case EACCES, EPERM: Obstacle(.permissionDenied, operation, name)
        case ELOOP: Obstacle(.unresolvable, operation, "a loop of links")
        case ENOSYS: Obstacle(.unsupported, operation, name)
        default: Obstacle(.systemError, operation, name)
        }
    }

    /// Whether the error proves that there is nothing at the path.
    public var provesAbsence: Bool { errno == ENOENT || errno == ENOTDIR }
}
