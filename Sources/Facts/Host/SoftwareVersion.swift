/// A version of dotted numbers, such as `7.2.22`; what follows the numbers is not part of it.
public struct SoftwareVersion: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    /// The numbers, at least three of them: `6.2` is `6.2.0`.
    public let numbers: [Int]

    /// A version from its numbers.
    public init(_ numbers: Int...) {
        self.numbers = Self.padded(numbers)
    }

    /// The version that a text starts with, such as `7.2.22 (Debian 1:7.2+dfsg-7)` or `6.1.0-37-amd64`; nil where it
    /// starts with none.
    public init?(startOf text: String) {
        var numbers: [Int] = []
        for part in text.prefix(while: { $0.isASCII && ($0.isNumber || $0 == ".") }).split(separator: ".").prefix(4) {
            guard part.utf8.count <= 9, let number = Int(part) else { return nil }
            numbers.append(number)
        }
        guard !numbers.isEmpty, text.first?.isNumber == true else { return nil }
        self.numbers = Self.padded(numbers)
    }

    private static func padded(_ numbers: [Int]) -> [Int] {
        numbers + Array(repeating: 0, count: max(0, 3 - numbers.count))
    }

    /// Orders number by number.
    public static func < (left: SoftwareVersion, right: SoftwareVersion) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }

    /// The numbers with dots between them.
    public var description: String { numbers.map(String.init).joined(separator: ".") }
}
