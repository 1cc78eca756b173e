import Facts
import Testing

@testable import HostProbes

/// The tables of IOMMUs. Expectations come from how each table was made, not from what our reader says of it.
struct ACPITablesTests {
    /// QEMU 7.2, `-M q35 -device intel-iommu,intremap=on`, copied out of guest memory.
    private static let qemuDMAR = bytes(
        """
        444d415278000000010d424f434853204258504320202020010000004258504301000000260100000000000000000000000048000000\
        00000000d9fe000000000308000000ff00000108000000000000010800000000010001080000000002000108000000001f0001080000\
        00001f020108000000001f03
        """)
    /// QEMU 7.2, `-M q35 -device amd-iommu`, copied out of guest memory.
    private static let qemuIVRS = bytes(
        """
        495652536c0000000119424f43485320425850432020202001000000425850430100000000280000000000000000000010d13c001800\
        40000000d8fe0000000000000000440000000200000002080000021000000218000002f8000002fa000002fb00004800000000a00001
        """)
    /// `iasl -T DMAR` of ACPICA 20200925, compiled: INTR_REMAP; DRHD, RMRR, ATSR and RHSA.
    private static let templateDMAR = bytes(
        """
        444d41528c00000001e4494e54454c2054454d504c41544501000000494e544c250920202f0100000000000000000000000018000100\
        00000000000000000000030800000800000101002000000000000000000000000000ff0f000000000000010800000000000202001000\
        0000000002080000000000030300140000000000000000000000000000000000
        """)
    /// `iasl -T IVRS`, compiled: IVHD 10h, IVMD 20h, IVMD 21h, IVHD 10h.
    private static let templateIVRS = bytes(
        """
        49565253bc0000000176494e54454c2054454d504c41544501000000494e544c25092020000000000000000000000000101434000000\
        000000000000000000000000000000000000000000004000000000000000420000000000000048000000000000002008200000000000\
        000000000000000000000000000000000000000000000000210420000000000000000000000000000000000000000000000000000000\
        0000101418000000000000000000000000000000000000000000
        """)
    /// `iasl -T IORT`, compiled: ITS group, named component, root complex, SMMUv1/2, SMMUv3, PMCG.
    private static let templateIORT = iort()

    // MARK: - Real tables

    @Test func `QEMU's DMAR has one unit, and its interrupts are remapped`() throws {
        let table = try ACPITables.dmar(Self.qemuDMAR)
        #expect(table == DMARTable(remapsInterrupts: true, unitCount: 1, reservedRegionCount: 0))
    }

    /// With `intremap=off` QEMU writes the same table but for the flag and the checksum: 0d becomes 0e, 01 becomes 00.
    @Test func `QEMU's DMAR without intremap has no INTR_REMAP`() throws {
        var bytes = Self.qemuDMAR
        bytes[37] = 0
        bytes[9] = 0x0e
        #expect(try ACPITables.dmar(bytes).remapsInterrupts == false)
    }

    @Test func `QEMU's IVRS has one unit`() throws {
        let table = try ACPITables.ivrs(Self.qemuIVRS)
        #expect(table == IVRSTable(unitCounts: [0x10: 1], reservedRegionCount: 0))
        #expect(table.unitCount == 1)
    }

    @Test func `ACPICA's templates have the structures that they are made of`() throws {
        #expect(
            try ACPITables.dmar(Self.templateDMAR)
                == DMARTable(remapsInterrupts: true, unitCount: 1, reservedRegionCount: 1))
        #expect(
            try ACPITables.ivrs(Self.templateIVRS) == IVRSTable(unitCounts: [0x10: 2], reservedRegionCount: 2))
        #expect(try ACPITables.iort(Self.templateIORT) == IORTTable(smmuCount: 2))
    }

    @Test func `newer blocks of the same IOMMU do not make it two`() {
        #expect(IVRSTable(unitCounts: [0x10: 4, 0x11: 4, 0x40: 4], reservedRegionCount: 0).unitCount == 4)
    }

    // MARK: - Hostile tables

    @Test(arguments: [qemuDMAR, templateDMAR])
    func `a DMAR cut at any byte is malformed`(whole: [UInt8]) {
        for count in 0..<whole.count {
            #expect(throws: MalformedTable.self, "\(count)") { try ACPITables.dmar(Array(whole[..<count])) }
        }
    }

    @Test(arguments: [qemuIVRS, templateIVRS])
    func `an IVRS cut at any byte is malformed`(whole: [UInt8]) {
        for count in 0..<whole.count {
            #expect(throws: MalformedTable.self, "\(count)") { try ACPITables.ivrs(Array(whole[..<count])) }
        }
    }

    @Test func `an IORT cut at any byte is malformed`() {
        let whole = Self.templateIORT
        for count in 0..<whole.count {
            #expect(throws: MalformedTable.self, "\(count)") { try ACPITables.iort(Array(whole[..<count])) }
        }
    }

    /// Cut tables whose length field was cut with them end inside a structure, or between two.
    @Test func `a table whose length says less ends inside a structure`() {
        for length in 49..<96 where length != 72 {
            #expect(throws: MalformedTable.self, "\(length)") {
                try ACPITables.dmar(Self.with(Self.templateDMAR, UInt32(length), at: 4))
            }
        }
    }

    @Test(arguments: [0, 1, 47, UInt32.max])
    func `a length of the whole table that cannot be is malformed`(length: UInt32) {
        #expect(throws: MalformedTable.self) { try ACPITables.dmar(Self.with(Self.qemuDMAR, length, at: 4)) }
        #expect(throws: MalformedTable.self) { try ACPITables.ivrs(Self.with(Self.qemuIVRS, length, at: 4)) }
        #expect(throws: MalformedTable.self) { try ACPITables.iort(Self.with(Self.templateIORT, length, at: 4)) }
    }

    @Test(arguments: [0, 1, 3, UInt16.max])
    func `a length of a structure that cannot be is malformed`(length: UInt16) {
        #expect(throws: MalformedTable.self) { try ACPITables.dmar(Self.with(Self.qemuDMAR, length, at: 50)) }
        #expect(throws: MalformedTable.self) { try ACPITables.ivrs(Self.with(Self.qemuIVRS, length, at: 50)) }
        #expect(throws: MalformedTable.self) { try ACPITables.iort(Self.with(Self.templateIORT, length, at: 53)) }
    }

    @Test(arguments: [0, 1, 7, UInt32.max])
    func `a number of nodes that is not theirs is malformed`(count: UInt32) throws {
        let table = Self.with(Self.templateIORT, count, at: 36)
        if count < 6 {
            // Fewer than there are: only those that are counted are looked at.
            #expect(try ACPITables.iort(table).smmuCount == 0)
        } else {
            #expect(throws: MalformedTable.self) { try ACPITables.iort(table) }
        }
    }

    @Test(arguments: [0, 1, 47, 505, UInt32.max])
    func `an offset of the nodes that cannot be is malformed`(offset: UInt32) {
        #expect(throws: MalformedTable.self) { try ACPITables.iort(Self.with(Self.templateIORT, offset, at: 40)) }
    }

    @Test func `another table in its place is malformed`() {
        #expect(throws: MalformedTable.self) { try ACPITables.dmar(Self.qemuIVRS) }
        #expect(throws: MalformedTable.self) { try ACPITables.ivrs(Self.qemuDMAR) }
        #expect(throws: MalformedTable.self) { try ACPITables.iort(Self.qemuDMAR) }
    }

    /// Any single byte may be wrong: what comes of it is a table or an error, never a trap.
    @Test func `no byte changed to 0, 1 or 255 traps`() {
        for value in [UInt8(0), 1, 0xff] {
            for (whole, read) in Self.readers {
                for index in whole.indices {
                    var bytes = whole
                    bytes[index] = value
                    read(bytes)
                }
            }
        }
    }

    // MARK: - Means

    private static let readers: [([UInt8], @Sendable ([UInt8]) -> Void)] = [
        (qemuDMAR, { _ = try? ACPITables.dmar($0) }), (templateDMAR, { _ = try? ACPITables.dmar($0) }),
        (qemuIVRS, { _ = try? ACPITables.ivrs($0) }), (templateIVRS, { _ = try? ACPITables.ivrs($0) }),
        (templateIORT, { _ = try? ACPITables.iort($0) }),
    ]

    private static func with<Value: FixedWidthInteger>(_ bytes: [UInt8], _ value: Value, at offset: Int) -> [UInt8] {
        var bytes = bytes
        for index in 0..<(Value.bitWidth / 8) {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
        return bytes
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    /// The compiled template is 504 bytes, nearly all of them zeros: the others are given with their offsets.
    private static func iort() -> [UInt8] {
        var table = [UInt8](repeating: 0, count: 504)
        let runs = [
            (0, "494f5254f801"),
            (9, "52494e54454c2054656d706c617465"),
            (28, "494e544c2509202006"),
            (40, "34"),
            (53, "18"),
            (68, "01"),
            (76, "0180"),
            (84, "01"),
            (88, "6c"),
            (105, "5c5f53422e504349302e44455630"),
            (204, "0238"),
            (212, "01"),
            (216, "24"),
            (260, "03600001"),
            (268, "01"),
            (272, "4c"),
            (300, "3c"),
            (308, "4c"),
            (316, "4c"),
            (356, "04580001"),
            (364, "01"),
            (368, "44"),
            (444, "053c0001"),
            (452, "01"),
            (456, "28"),
            (500, "01"),
        ]
        for (offset, digits) in runs {
            for (index, byte) in bytes(digits).enumerated() { table[offset + index] = byte }
        }
        return table
    }
}
