internal import Synchronization

/// The sets of entries whose records do not lie together: the few that cross from one run of a directory's clusters into
/// another. They are kept when their directory is visited, since their place alone does not find them again.
final class SplitSets: Sendable {
    /// One for each run of the largest directory of the smallest clusters.
    private static let limit = 65536
    private let sets = Mutex<[UInt64: ExFATEntrySet]>([:])

    func set(at place: UInt64) -> ExFATEntrySet? { sets.withLock { $0[place] } }

    func keep(_ set: ExFATEntrySet) {
        sets.withLock { sets in
            if sets.count < Self.limit { sets[set.place] = set }
        }
    }
}
