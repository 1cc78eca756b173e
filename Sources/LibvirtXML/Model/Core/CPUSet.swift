/// A set of CPUs or NUMA nodes, written as `1-4,^3`.
///
/// The list is read from left to right: `0-15,^8` leaves 8 out, `^8,0-15` does not. Source: libvirt's formatdomain.rst,
/// "CPU Allocation", and `virBitmapParse`.
public struct CPUSet: Sendable, Hashable {
    /// The largest number that libvirt takes: `VIR_DOMAIN_CPUMASK_LEN` is 16384.
    public static let maximum = 16383

    private var words: [UInt64]

    /// The set of these numbers; those that no set can hold are left out.
    public init(_ numbers: some Sequence<Int>) {
        words = []
        for number in numbers { insert(number) }
    }

    /// Reads a list; nil where it is malformed or a number is more than ``maximum``.
    public init?(_ text: String) {
        words = []
        let bytes = Array(text.utf8)
        var index = 0
        func skipSpace() { while index < bytes.count, XMLCharacters.isSpace(bytes[index]) { index += 1 } }
        func number() -> Int? {
            let start = index
            var value = 0
            while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
                // Beyond the bound the number is wrong however many digits follow.
                if value <= Self.maximum { value = value * 10 + Int(bytes[index] - 0x30) }
                index += 1
            }
            return index > start && value <= Self.maximum ? value : nil
        }
        skipSpace()
        guard index < bytes.count else { return nil }
        while index < bytes.count {
            let isExclusion = bytes[index] == UInt8(ascii: "^")
            if isExclusion { index += 1 }
            guard let first = number() else { return nil }
            skipSpace()
            if index < bytes.count, bytes[index] == UInt8(ascii: "-") {
                index += 1
                skipSpace()
                guard !isExclusion, let last = number(), last >= first else { return nil }
                for number in first...last { insert(number) }
                skipSpace()
            } else if isExclusion {
                remove(first)
            } else {
                insert(first)
            }
            guard index < bytes.count else { break }
            guard bytes[index] == UInt8(ascii: ",") else { return nil }
            index += 1
            skipSpace()
        }
    }

    private mutating func insert(_ number: Int) {
        guard (0...Self.maximum).contains(number) else { return }
        while words.count <= number / 64 { words.append(0) }
        words[number / 64] |= 1 << UInt64(number % 64)
    }

    private mutating func remove(_ number: Int) {
        guard number >= 0, number / 64 < words.count else { return }
        words[number / 64] &= ~(1 << UInt64(number % 64))
        // One set has one form, so that equal sets are equal.
        while words.last == 0 { words.removeLast() }
    }

    /// Whether a number is in it.
    public func contains(_ number: Int) -> Bool {
        number >= 0 && number / 64 < words.count && words[number / 64] & (1 << UInt64(number % 64)) != 0
    }

    /// Whether nothing is in it.
    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// How many numbers are in it.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// The numbers, from the smallest to the largest.
    public var numbers: [Int] { (0..<words.count * 64).filter(contains) }

    /// The numbers that are in both.
    public func intersection(_ other: CPUSet) -> CPUSet { CPUSet(numbers.filter(other.contains)) }

    /// The numbers that are in either.
    public func union(_ other: CPUSet) -> CPUSet { CPUSet(numbers + other.numbers) }

    /// The numbers that are not in the other.
    public func subtracting(_ other: CPUSet) -> CPUSet { CPUSet(numbers.filter { !other.contains($0) }) }

    /// Whether all numbers are in the other too.
    public func isSubset(of other: CPUSet) -> Bool { numbers.allSatisfy(other.contains) }
}

extension CPUSet: CustomStringConvertible {
    /// As libvirt writes it: `1-2,4`.
    public var description: String {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound == number - 1 {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
