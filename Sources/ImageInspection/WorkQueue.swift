internal import Synchronization

/// Pieces of work that several threads take one after the other.
final class WorkQueue<Value: Sendable>: Sendable {
    private struct State {
        var next = 0
        var done: [Int: Value] = [:]
    }

    private let count: Int
    private let progress: @Sendable (Int) -> Void
    private let work: @Sendable (Int) -> Value
    private let state = Mutex(State())

    /// - Parameters:
    ///   - count: How many pieces there are.
    ///   - progress: Told how many are done, after each, under the queue's lock.
    ///   - work: Does one, by its index.
    init(count: Int, progress: @escaping @Sendable (Int) -> Void, work: @escaping @Sendable (Int) -> Value) {
        self.count = count
        self.progress = progress
        self.work = work
    }

    /// Works until nothing is left to begin.
    func run() {
        while let index = take() {
            let value = work(index)
            state.withLock { state in
                state.done[index] = value
                progress(state.done.count)
            }
        }
    }

    /// What has been done, in order.
    var results: [Value] { state.withLock { state in (0..<count).compactMap { state.done[$0] } } }

    private func take() -> Int? {
        state.withLock { state in
            guard state.next < count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }
}
