internal import ByteReading

/// A globally unique identifier: 16 bytes, of which EFI writes the first three groups little-endian.
public struct GUID: Sendable, Hashable, CustomStringConvertible {
    /// As they stand on disk.
    public let bytes: [UInt8]

    /// Takes 16 bytes; fewer are none.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Whether it marks an entry that is not used.
    public var isZero: Bool { bytes.allSatisfy { $0 == 0 } }

    /// Lower case, as udev and `PARTUUID=` write it: `c12a7328-f81f-11d2-ba4b-00a0c93ec93b`.
    public var description: String { UUIDText.microsoft(bytes) }
}

extension String {
    /// A number in hexadecimal, with zeros in front.
    init(hex value: some BinaryInteger, digits: Int) {
        let text: String = .init(value, radix: 16)
        self = .init(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
    }
}
