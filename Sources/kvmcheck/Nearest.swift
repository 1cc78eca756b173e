/// Finds what was meant.
enum Nearest {
    /// The candidates closest to a word, closest first; none where none is close enough to be a slip of the fingers.
    static func matches(_ word: String, among candidates: [String], limit: Int = 3) -> [String] {
        let word = word.lowercased()
        // A third of the word may be wrong; an id such as KVH001 is often off by two digits.
        let tolerance = max(2, word.count / 3)
        let ranked = candidates.enumerated().compactMap { index, candidate in
            let lowered = candidate.lowercased()
            let distance = lowered.hasPrefix(word) && !word.isEmpty ? 0 : distance(word, lowered)
            return distance <= tolerance ? (distance: distance, index: index, candidate: candidate) : nil
        }
        return ranked.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }.prefix(limit).map(\.candidate)
    }

    /// How many insertions, removals, replacements and swaps of neighbours lead from one word to the other (the optimal
    /// string alignment distance).
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.prefix(64))
        let right = Array(right.prefix(64))
        var older: [Int] = []
        var previous = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
                var best = min(replaced, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, older[column - 1] + 1)
                }
                current.append(best)
            }
            (older, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
