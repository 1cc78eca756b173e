internal import ByteReading
internal import Synchronization

/// The names of directories in which something was looked up, so that a directory is gone through once and not for every
/// path that leads through it.
final class DirectoryIndex: Sendable {
    private struct State {
        var directories: [UInt64: [[UInt8]: UInt64]] = [:]
        var cost = 0
    }

    /// The most that all directories' names may take: 16 MiB. Beyond it all are forgotten.
    private static let costLimit = 16 << 20
    /// A directory of more names than this is gone through each time.
    private static let countLimit = 20_000
    private let state = Mutex(State())

    /// The number that a directory has under a name.
    ///
    /// - Parameter visit: Goes through the directory's entries until it is told to stop.
    /// - Throws: What `visit` throws, unless the name was come to before.
    func lookup(
        _ name: [UInt8], in directory: UInt64,
        _ visit: ((DirectoryEntry) throws(FormatError) -> Bool) throws(FormatError) -> Void
    ) throws(FormatError) -> UInt64? {
        if let known = state.withLock({ $0.directories[directory].map { $0[name] } }) { return known }
        var names: [[UInt8]: UInt64] = [:]
        var cost = 0
        var found: UInt64?
        var isWhole = true
        do throws(FormatError) {
            try visit { entry in
                if entry.name == name { found = found ?? entry.number }
                guard names.count < Self.countLimit else {
                    isWhole = false
                    return found == nil
                }
                if names.updateValue(entry.number, forKey: entry.name) == nil { cost += entry.cost }
                return true
            }
        } catch {
            // What was found stands, whatever is wrong with the rest of the directory.
            guard found != nil else { throw error }
            isWhole = false
        }
        if isWhole {
            state.withLock { [names, cost] state in
                if state.cost + cost > Self.costLimit { state = State() }
                state.directories[directory] = names
                state.cost += cost
            }
        }
        return found
    }
}
