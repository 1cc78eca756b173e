internal import CLinux
internal import Glibc
internal import Synchronization

/// A call into a library that may never come back, with a deadline.
///
/// The call runs on a thread of its own. Where the deadline passes, the caller goes on and the thread is left behind with
/// the call: it cannot be ended safely, because it may hold locks of the library. It ends by itself should the call come
/// back, and its result is dropped; nobody waits for it, and `exit` ends it with the process. All signals are blocked on
/// the thread, so that a broken pipe in the library is an error there and not the end of the process, and Control-C is
/// the main thread's.
public enum DeadlineCall {
    /// What the body comes to, or nil where it is not done in time.
    ///
    /// What the body captures lives until the body is done, also when that is after the deadline.
    ///
    /// - Throws: ``SystemError`` where there can be no thread.
    public static func run<Value: Sendable>(
        within deadline: Duration, _ body: @escaping @Sendable () -> Value
    ) throws(SystemError) -> Value? {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else { throw SystemError.last("pipe2") }
        let reader = FileDescriptor(adopting: ends[0])
        let result = Result<Value>()
        let job = Job(done: FileDescriptor(adopting: ends[1])) { result.value.withLock { $0 = body() } }
        try job.start()
        return reader.isReadable(within: deadline) ? result.value.withLock { $0 } : nil
    }

    private final class Result<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    /// What the thread owns: what to do, and where a byte says that it is done.
    private final class Job: Sendable {
        private let work: @Sendable () -> Void
        private let done: FileDescriptor

        init(done: consuming FileDescriptor, work: @escaping @Sendable () -> Void) {
            self.done = done
            self.work = work
        }

        private func finish() {
            work()
            var byte: UInt8 = 0
            // Where nobody waits any more this is EPIPE, and nobody needs to know.
            _ = unsafe write(done.number, &byte, 1)
        }

        func start() throws(SystemError) {
            var thread = pthread_t()
            // SAFETY: the reference given to the thread is counted, and the thread takes it exactly once.
            let argument = unsafe Unmanaged.passRetained(self)
            let failure = unsafe pthread_create(
                &thread, nil,
                { argument in
                    var signals = sigset_t()
                    unsafe sigfillset(&signals)
                    unsafe pthread_sigmask(SIG_SETMASK, &signals, nil)
                    if let argument = unsafe argument {
                        unsafe Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().finish()
                    }
                    return nil
                }, argument.toOpaque())
            guard failure == 0 else {
                unsafe argument.release()
                throw SystemError(errno: failure, operation: "pthread_create")
            }
            pthread_detach(thread)
        }
    }
}

extension FileDescriptor {
    /// Whether there is something to read, or the end, before the time is over. The corresponding C function is `poll`.
    fileprivate func isReadable(within time: Duration) -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + time
        while true {
            let left = max(.zero, end - clock.now)
            // Rounded up, so that the last wait is not one of no time, again and again.
            let (seconds, attoseconds) = left.components
            let milliseconds = Int32(clamping: seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000 &+ 1)
            var interest = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
            if unsafe poll(&interest, 1, milliseconds) > 0 { return true }
            if left == .zero { return false }
        }
    }
}
