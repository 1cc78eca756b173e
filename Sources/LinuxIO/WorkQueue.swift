internal import Glibc
internal import Synchronization

/// Pieces of work that several threads take one after the other.
public final class WorkQueue<Value: Sendable>: Sendable {
    private struct State {
        var next = 0
        var done: [Int: Value] = [:]
    }

    private let count: Int
    private let work: @Sendable (Int) -> Value
    private let state = Mutex(State())

    private init(count: Int, work: @escaping @Sendable (Int) -> Value) {
        self.count = count
        self.work = work
    }

    /// Does a piece of work for each index, several at once.
    ///
    /// - Parameters:
    ///   - count: How many pieces there are.
    ///   - workers: How many threads work, the caller's among them; by default one for each processor.
    ///   - progress: Told on the caller's thread how many are done.
    ///   - work: Does one, by its index.
    /// - Returns: What each came to, in order.
    public static func map(
        _ count: Int, workers: Int = processors, progress: (Int) -> Void = { _ in },
        work: @escaping @Sendable (Int) -> Value
    ) -> [Value] {
        let queue = WorkQueue(count: count, work: work)
        let others = (1..<max(1, min(workers, count))).map { _ in BackgroundJob { while queue.step() != nil {} } }
        while let done = queue.step() { progress(done) }
        for other in others { other.wait() }
        return queue.state.withLock { state in (0..<count).compactMap { state.done[$0] } }
    }

    /// How many processors are online.
    public static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Does the next piece; nil where none was left, else how many are done.
    private func step() -> Int? {
        let index: Int? = state.withLock { state in
            guard state.next < count else { return nil }
            state.next += 1
            return state.next - 1
        }
        guard let index else { return nil }
        let value = work(index)
        return state.withLock { state in
            state.done[index] = value
            return state.done.count
        }
    }
}
