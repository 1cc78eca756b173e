internal import CLinux
internal import Glibc
internal import Synchronization

/// One piece of work on a thread of its own. The corresponding C functions are `pthread_create` and `pthread_join`.
///
/// A plain thread, because Swift's own concurrency would start a pool of them for a program of nine milliseconds.
public final class BackgroundJob<Value: Sendable>: Sendable {
    private let work: @Sendable () -> Value
    private let result = Mutex<Value?>(nil)
    private let thread = Mutex<pthread_t?>(nil)

    /// Starts the work; where no thread can be had, it is done when it is waited for.
    public init(_ work: @escaping @Sendable () -> Value) {
        self.work = work
        var number = pthread_t()
        // SAFETY: the thread takes over the reference that is retained for it; where there is none it is given back.
        let body = unsafe Unmanaged.passRetained(Body { self.run() })
        let failed = unsafe pthread_create(
            &number, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                clinux_block_alarm()
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        if failed != 0 {
            unsafe body.release()
            return
        }
        let started = number
        thread.withLock { $0 = started }
    }

    /// Waits for the work and gives what it came to.
    public func wait() -> Value {
        if let number = thread.withLock({ $0 }) { pthread_join(number, nil) }
        if let value = result.withLock({ $0 }) { return value }
        return work()
    }

    private func run() {
        let value = work()
        result.withLock { $0 = value }
    }
}

/// What a thread is started with: a class, so that one pointer carries it.
private final class Body: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}
