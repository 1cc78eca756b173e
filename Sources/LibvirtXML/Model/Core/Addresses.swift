/// The address of a PCI device, of the host or of a guest.
public struct PCIAddress: Sendable, Hashable, Comparable {
    /// The domain (segment), 0 to 0xffff.
    public var domain: Int
    /// The bus, 0 to 0xff.
    public var bus: Int
    /// The slot (device), 0 to 0x1f.
    public var slot: Int
    /// The function, 0 to 7.
    public var function: Int

    /// Makes an address; nil where a number is out of its range.
    public init?(domain: Int, bus: Int, slot: Int, function: Int) {
        guard (0...0xffff).contains(domain), (0...0xff).contains(bus), (0...0x1f).contains(slot),
            (0...7).contains(function)
        else { return nil }
        self.domain = domain
        self.bus = bus
        self.slot = slot
        self.function = function
    }

    /// By domain, bus, slot and function.
    public static func < (first: Self, second: Self) -> Bool {
        (first.domain, first.bus, first.slot, first.function) < (
            second.domain, second.bus, second.slot, second.function
        )
    }
}

extension PCIAddress: CustomStringConvertible {
    /// As sysfs writes it: `0000:04:10.0`.
    public var description: String {
        func hexadecimal(_ value: Int, _ digits: Int) -> String {
            String(XMLNumbers.hexadecimal(UInt64(max(0, value)), digits: digits).dropFirst(2))
        }
        return "\(hexadecimal(domain, 4)):\(hexadecimal(bus, 2)):\(hexadecimal(slot, 2)).\(function)"
    }
}

/// The hardware address of a network device.
public struct MACAddress: Sendable, Hashable {
    /// The 48 bits, the first octet the highest.
    public let bits: UInt64

    /// Reads six octets of one or two hexadecimal digits between colons, as libvirt's `virMacAddrParse` does.
    public init?(_ text: String) {
        let octets = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard octets.count == 6 else { return nil }
        var bits: UInt64 = 0
        for octet in octets {
            guard (1...2).contains(octet.count), octet.first != UInt8(ascii: "+"),
                let value = XMLNumbers.digits(octet, radix: 16)
            else { return nil }
            bits = bits << 8 | value
        }
        self.bits = bits
    }

    /// The six octets.
    public var octets: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: bits >> UInt64(40 - 8 * $0)) } }

    /// Whether it names a group, which no device can have.
    public var isMulticast: Bool { bits >> 40 & 1 != 0 }

    /// Whether it was made up rather than given by a manufacturer.
    public var isLocallyAdministered: Bool { bits >> 40 & 2 != 0 }
}

extension MACAddress: CustomStringConvertible {
    /// In lower case, two digits an octet.
    public var description: String {
        octets.map { String(XMLNumbers.hexadecimal(UInt64($0), digits: 2).dropFirst(2)) }.joined(separator: ":")
    }
}

/// A UUID, however it is written.
public struct UUIDValue: Sendable, Hashable {
    /// The first 64 bits.
    public let high: UInt64
    /// The last 64 bits.
    public let low: UInt64

    /// Reads 32 hexadecimal digits; as libvirt's `virUUIDParse`, hyphens may stand between octets or not, and white space
    /// around.
    public init?(_ text: String) {
        var (high, low, count) = (UInt64(0), UInt64(0), 0)
        for byte in XMLNumbers.trimmed(text.utf8) {
            if byte == UInt8(ascii: "-"), count % 2 == 0, count > 0, count < 32 { continue }
            guard let digit = XMLNumbers.digit(byte), count < 32 else { return nil }
            if count < 16 { high = high << 4 | digit } else { low = low << 4 | digit }
            count += 1
        }
        guard count == 32 else { return nil }
        self.high = high
        self.low = low
    }
}

extension UUIDValue: CustomStringConvertible {
    /// In lower case with hyphens: 8-4-4-4-12.
    public var description: String {
        let digits = [high, low].map { XMLNumbers.hexadecimal($0, digits: 16).dropFirst(2) }.joined()
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return text
    }
}
