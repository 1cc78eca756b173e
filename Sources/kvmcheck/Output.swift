internal import CLinux
internal import Glibc
internal import LinuxIO

/// Standard output and standard error.
enum Output {
    /// Sees to it that a write to a closed pipe returns an error, and that descriptors 0 to 2 are taken, so that no
    /// file that is opened later can be mistaken for standard output.
    static func prepare() {
        clinux_ignore_write_signals()
        for number in Int32(0)...2 where fcntl(number, F_GETFD) < 0 {
            // Read-only: what is written to a standard output that was closed fails, and that is reported.
            unsafe _ = clinux_open("/dev/null", O_RDONLY)
        }
    }

    /// Writes to standard output. A reader that has gone, such as `head`, is no fault: what it wanted, it had.
    static func write(_ bytes: [UInt8]) throws(Failure) {
        switch send(bytes, to: STDOUT_FILENO) {
        case 0, EPIPE: return
        case let errno:
            throw Failure(
                "standard output cannot be written", ("cause", SystemError(errno: errno, operation: "write").name))
        }
    }

    /// Writes text to standard output; see ``write(_:)``.
    static func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

    /// Writes to standard error, where nothing can be done about a failure.
    static func complain(_ text: String) { _ = send(Array(text.utf8), to: STDERR_FILENO) }

    /// Writes all; the result is an errno, 0 for none.
    private static func send(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var sent = 0
        while sent < bytes.count {
            // SAFETY: the offset is below the count, and write(2) reads no more than it is told.
            let result = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + sent }, bytes.count - sent)
            }
            if result < 0 {
                let errno = clinux_errno()
                if errno == EINTR { continue }
                if errno == EAGAIN {
                    // Somebody made the pipe non-blocking; wait until it takes more.
                    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    // SAFETY: poll(2) reads and writes the one struct, and keeps nothing.
                    unsafe _ = poll(&request, 1, -1)
                    continue
                }
                return errno
            }
            sent += result
        }
        return 0
    }
}
