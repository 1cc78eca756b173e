/// A set of processors or memory nodes in the kernel's list format, `0-3,8,10-11`
/// (Documentation/core-api/cpumask; `bitmap_parselist`).
///
/// Held as ranges, so that a list from a stranger costs no more than its text.
public struct CPUList: Sendable, Hashable {
    /// The members, in ascending ranges that neither overlap nor touch.
    public let ranges: [ClosedRange<Int>]

    /// A list of one range, or of none.
    public init(_ range: ClosedRange<Int>? = nil) {
        ranges = range.map { [$0] } ?? []
    }

    private init(sorting ranges: [ClosedRange<Int>]) {
        var merged: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
    }

    /// Reads a list as the kernel writes it; an empty text is the empty list, anything else that is no list is nil.
    public init?(parsing text: some StringProtocol) {
        guard text.contains(where: { $0 != " " && $0 != "\n" && $0 != "\t" }) else {
            self.init()
            return
        }
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Self.number($0) }
            switch (ends.count, ends.first ?? nil, ends.last ?? nil) {
            case (1, .some(let only), _): ranges.append(only...only)
            case (2, .some(let first), .some(let last)) where first <= last: ranges.append(first...last)
            default: return nil
            }
        }
        self.init(sorting: ranges)
    }

    /// Digits only: `Int` would take a sign. No kernel has a million processors (`NR_CPUS` is at most 8192).
    private static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            number < 1_000_000
        else { return nil }
        return number
    }

    /// How many members there are.
    public var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// Whether there is none.
    public var isEmpty: Bool { ranges.isEmpty }

    /// Whether a number is in it.
    public func contains(_ number: Int) -> Bool { ranges.contains { $0.contains(number) } }

    /// The members, in ascending order, as far as `limit`.
    public func members(limit: Int) -> [Int] { Array(ranges.lazy.flatMap { $0 }.prefix(limit)) }

    /// The members that another list does not have.
    public func subtracting(_ other: CPUList) -> CPUList {
        var left = ranges
        for removed in other.ranges {
            left = left.flatMap { range -> [ClosedRange<Int>] in
                guard range.overlaps(removed) else { return [range] }
                var parts: [ClosedRange<Int>] = []
                if range.lowerBound < removed.lowerBound { parts.append(range.lowerBound...(removed.lowerBound - 1)) }
                if removed.upperBound < range.upperBound { parts.append((removed.upperBound + 1)...range.upperBound) }
                return parts
            }
        }
        return CPUList(sorting: left)
    }
}

extension CPUList: CustomStringConvertible {
    /// As the kernel writes it: `0-3,8`.
    public var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }
}
