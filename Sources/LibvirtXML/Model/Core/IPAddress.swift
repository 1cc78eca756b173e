/// An IP address.
public struct IPAddress: Sendable, Hashable {
    /// Which kind.
    public enum Family: Sendable, Hashable {
        /// 32 bits.
        case ipv4
        /// 128 bits.
        case ipv6
    }

    /// Which kind.
    public let family: Family
    /// The octets in network order: 4 or 16.
    public let octets: [UInt8]

    /// Reads four decimal octets between points, or an IPv6 address (RFC 4291, section 2.2), without a zone.
    public init?(_ text: String) {
        let bytes = text.utf8[...]
        guard bytes.count <= 45 else { return nil }
        if bytes.contains(UInt8(ascii: ":")) {
            guard let octets = Self.sixteen(bytes) else { return nil }
            (self.family, self.octets) = (.ipv6, octets)
        } else {
            guard let octets = Self.four(bytes) else { return nil }
            (self.family, self.octets) = (.ipv4, octets)
        }
    }

    init(family: Family, octets: [UInt8]) {
        self.family = family
        self.octets = octets
    }

    /// The network that an address with a prefix is in: its bits behind the prefix cleared.
    public func network(prefix: Int) -> IPAddress {
        let masked = octets.enumerated().map { index, octet in
            octet & UInt8(truncatingIfNeeded: 0xff00 >> max(0, min(8, prefix - 8 * index)))
        }
        return IPAddress(family: family, octets: masked)
    }

    /// How many bits the address has.
    public var bitCount: Int { octets.count * 8 }

    /// The prefix that the address means as a netmask; nil where its ones are not in a row from the start.
    public var prefixLength: Int? {
        let count = octets.reduce(0) { $0 + $1.nonzeroBitCount }
        let ones = IPAddress(family: family, octets: octets.map { _ in 0xff })
        return ones.network(prefix: count) == self ? count : nil
    }

    /// Whether it is 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        switch family {
        case .ipv4: octets.first == 127
        case .ipv6: octets.dropLast().allSatisfy { $0 == 0 } && octets.last == 1
        }
    }

    /// Whether it is 0.0.0.0 or ::, which stand for every address.
    public var isUnspecified: Bool { octets.allSatisfy { $0 == 0 } }

    private static func four(_ bytes: Substring.UTF8View) -> [UInt8]? {
        let fields = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard fields.count == 4 else { return nil }
        var octets: [UInt8] = []
        for field in fields {
            guard (1...3).contains(field.count), field.first != UInt8(ascii: "+"),
                field.count == 1 || field.first != UInt8(ascii: "0"),
                let value = XMLNumbers.digits(field, radix: 10).flatMap({ UInt8(exactly: $0) })
            else { return nil }
            octets.append(value)
        }
        return octets
    }

    private static func sixteen(_ bytes: Substring.UTF8View) -> [UInt8]? {
        // "::" stands for as many zeros as are missing, once.
        var fields = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var (head, tail): ([UInt8], [UInt8]) = ([], [])
        var hasGap = false
        if fields.first?.isEmpty == true {
            guard fields.count > 2, fields[1].isEmpty else { return nil }
            fields.removeFirst()
        }
        if fields.last?.isEmpty == true {
            guard fields.count > 1, fields[fields.count - 2].isEmpty else { return nil }
            fields.removeLast()
        }
        for (index, field) in fields.enumerated() {
            if field.isEmpty {
                guard !hasGap else { return nil }
                hasGap = true
                continue
            }
            var octets: [UInt8]
            if index == fields.count - 1, field.contains(UInt8(ascii: ".")) {
                guard let four = four(field) else { return nil }
                octets = four
            } else {
                guard field.count <= 4, field.first != UInt8(ascii: "+"),
                    let value = XMLNumbers.digits(field, radix: 16)
                else { return nil }
                octets = [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
            }
            if hasGap { tail += octets } else { head += octets }
        }
        let count = head.count + tail.count
        guard hasGap ? count < 16 : count == 16 else { return nil }
        return head + Array(repeating: 0, count: 16 - count) + tail
    }
}

extension IPAddress: Comparable {
    /// By family, then by number.
    public static func < (first: Self, second: Self) -> Bool {
        if first.family != second.family { return first.family == .ipv4 }
        return first.octets.lexicographicallyPrecedes(second.octets)
    }
}

extension IPAddress: CustomStringConvertible {
    /// As RFC 5952 writes it, but for addresses with an IPv4 address in them.
    public var description: String {
        if family == .ipv4 { return octets.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: octets.count - 1, by: 2).map { Int(octets[$0]) << 8 | Int(octets[$0 + 1]) }
        // The first of the longest runs of two or more zeros is left out.
        var (gap, start) = (0..<0, 0)
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > max(1, gap.count) { gap = start..<index }
            start = index + 1
        }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return gap.isEmpty
            ? text(0..<groups.count) : text(0..<gap.lowerBound) + "::" + text(gap.upperBound..<groups.count)
    }
}
