public import ByteReading

/// A partition, as its table describes it.
public struct Partition: Sendable, Hashable {
    /// What kind of partition it says it is.
    public enum Kind: Sendable, Hashable {
        /// The type byte of an MBR.
        case byte(UInt8)
        /// The type GUID of a GPT.
        case guid(GUID)
    }

    /// Where an MBR keeps it; every partition of a GPT is primary.
    public enum Role: String, Sendable, Hashable {
        case primary
        /// The partition that holds the logical ones; it has no content of its own.
        case extended
        case logical
    }

    /// The number that the kernel gives it: `sda1` is 1, the first logical partition is 5.
    public var number: Int
    /// Where it begins, in bytes.
    public var start: UInt64
    /// How long it is, in bytes, as the table says; it can lie beyond the end of the disk.
    public var size: UInt64
    /// What it says it is.
    public var kind: Kind
    /// Where an MBR keeps it.
    public var role: Role
    /// The `PARTUUID`, lower case.
    public var uuid: String
    /// The name in a GPT; nil in an MBR.
    public var name: String?
    /// The attributes of a GPT, in sfdisk's words: `RequiredPartition`, `NoBlockIOProtocol`, `LegacyBIOSBootable`, `GUID:63`.
    public var attributes: [String]
    /// Whether the MBR marks it as the one to boot from.
    public var isActive: Bool

    /// The type's name, in sfdisk's words; nil where the type is not known.
    public var kindName: String? {
        switch kind {
        case .byte(let byte): PartitionTypeNames.byByte[byte]
        case .guid(let guid): PartitionTypeNames.byGUID[guid.description]
        }
    }

    /// The type, as sfdisk writes it: `83`, or a GUID.
    public var kindText: String {
        switch kind {
        case .byte(let byte): String(byte, radix: 16)
        case .guid(let guid): guid.description
        }
    }

    /// Whether firmware looks for boot loaders in it: the EFI system partition.
    public var isEFISystem: Bool { isKind(0xef, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b") }

    /// Whether GRUB keeps its core in it, where a BIOS boots from a GPT.
    public var isBIOSBoot: Bool { isKind(nil, "21686148-6449-6e6f-744e-656564454649") }

    /// The largest power of two that divides its start, in bytes; 0 where it begins at 0.
    public var alignment: UInt64 { start == 0 ? 0 : 1 << UInt64(start.trailingZeroBitCount) }

    /// Its bytes.
    public func blocks(of disk: any BlockReader) -> BlockSlice { BlockSlice(disk, start: start, size: size) }

    private func isKind(_ byte: UInt8?, _ guid: String) -> Bool {
        switch kind {
        case .byte(let own): own == byte
        case .guid(let own): own.description == guid
        }
    }
}
