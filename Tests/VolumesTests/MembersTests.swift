import ByteReading
import Foundation
import Testing

@testable import Volumes

/// Members of arrays that the kernel's MD made (see Fixtures/make-md) held against `mdadm --examine`, and LUKS headers held
/// against `cryptsetup luksDump`.
struct MembersTests {
    @Test(arguments: [
        "v090-1", "v090-2", "v10-1", "v10-2", "v11-1", "v11-2", "v12-1", "v12-2", "stripes-1", "stripes-2", "parity-1",
        "parity-2", "parity-3", "lone-1",
    ])
    func `a superblock is what mdadm says it is`(disk: String) throws {
        let disks = try Disks("md")
        var told: [String: String] = [:]
        for line in try disks.bash("mdadm --examine \(disk)").split(separator: "\n") {
            let parts = line.components(separatedBy: " : ")
            if parts.count == 2 { told[parts[0].trimmingCharacters(in: .whitespaces)] = parts[1] }
        }
        let member = try #require(try MDMember.read(try disks.blocks(disk)))
        #expect(told["Version"] == (member.version == "0.90" ? "0.90.00" : member.version))
        #expect(told["Raid Level"] == member.level)
        #expect(told["Raid Devices"] == "\(member.memberCount)")
        #expect(told["Events"] == "\(member.events)")
        #expect(told["State"] == (member.isClean ? "clean" : "active"))
        #expect(told["Checksum"]?.hasSuffix("correct") == member.checksumFits)
        #expect(told["Name"] == member.name)
        let uuid = member.uuid.replacing("-", with: "")
        #expect((told["Array UUID"] ?? told["UUID"])?.replacing(":", with: "") == uuid)
        #expect(told["Device UUID"]?.replacing(":", with: "") == member.memberUUID?.replacing("-", with: ""))
        #expect(member.role == .active(Int(try #require(disk.last?.wholeNumberValue)) - 1))
        if let offset = told["Data Offset"] { #expect(offset == "\(member.dataStart / 512) sectors") }
        if let chunk = told["Chunk Size"] { #expect(chunk == "\(member.chunkSize / 1024)K") }
    }

    @Test(arguments: ["v090", "v10", "v11", "v12"])
    func `each member of a RAID 1 holds all`(array: String) throws {
        let disks = try Disks("md")
        for number in [1, 2] {
            let disk = try disks.blocks("\(array)-\(number)")
            let member = try #require(try MDMember.read(disk))
            #expect(member.isCopy)
            #expect(member.dataAreAtStart == ["v090", "v10"].contains(array))
            #expect(try member.blocks(of: disk).firstSectorThatIsNot(array, count: 8192) == nil)
        }
    }

    @Test(arguments: ["stripes", "parity"])
    func `a member of another level holds a part, and is refused`(array: String) throws {
        let disks = try Disks("md")
        let disk = try disks.blocks("\(array)-1")
        let member = try #require(try MDMember.read(disk))
        #expect(!member.isCopy)
        let error = #expect(throws: FormatError.self) { try member.blocks(of: disk) }
        #expect(error?.kind == .unsupported)
    }

    @Test func `a damaged superblock is known by its checksum`() throws {
        let disks = try Disks("md")
        try disks.bash("printf X | dd of=v12-1 bs=1 seek=$((4096+100)) conv=notrunc status=none")
        #expect(try MDMember.read(try disks.blocks("v12-1"))?.checksumFits == false)
    }

    /// The fields of `cryptsetup luksDump`.
    private func dump(_ scratch: Scratch) throws -> [String: String] {
        var told: [String: String] = [:]
        for line in try scratch.bash("cryptsetup luksDump f").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if parts.count == 2, told[parts[0]] == nil { told[parts[0]] = parts[1] }
        }
        return told
    }

    @Test func `a header of LUKS1 is what cryptsetup says it is`() throws {
        let scratch = try Scratch()
        try scratch.bash(
            """
            truncate -s 32M f; echo x > key; echo y > other
            cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 -c aes-cbc-essiv:sha256 f key
            cryptsetup luksAddKey -q --pbkdf-force-iterations 1000 --key-file key f other
            """)
        let told = try dump(scratch)
        let header = try #require(try LUKSHeader.read(try scratch.blocks("f")))
        #expect("\(header.version)" == told["Version"])
        #expect(header.uuid == told["UUID"])
        #expect(header.cipher == "\(told["Cipher name"] ?? "")-\(told["Cipher mode"] ?? "")")
        #expect("\(header.payloadStart / 512)" == told["Payload offset"])
        #expect(header.keySlotCount == 2)
    }

    @Test(arguments: [false, true])
    func `a header of LUKS2 is what cryptsetup says it is, the second copy too`(firstIsDamaged: Bool) throws {
        let scratch = try Scratch()
        try scratch.bash(
            """
            truncate -s 32M f; echo x > key
            cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --label 'my disk' \
            --sector-size 4096 f key
            echo '{"type":"clevis","keyslots":["0"],"jwe":{"a\\u0041":"\\n"}}' | cryptsetup token import f
            """)
        let told = try dump(scratch)
        if firstIsDamaged { try scratch.bash("printf XXXX | dd of=f bs=1 conv=notrunc status=none") }
        let header = try #require(try LUKSHeader.read(try scratch.blocks("f")))
        #expect("\(header.version)" == told["Version"])
        #expect(header.uuid == told["UUID"])
        #expect(header.label == told["Label"])
        #expect(header.cipher == told["cipher"])
        #expect("\(header.payloadStart) [bytes]" == told["offset"])
        #expect("\(header.sectorSize) [bytes]" == told["sector"])
        #expect(header.keySlotCount == 1)
        #expect(header.tokens == ["clevis"])
        #expect(header.payloadSize == nil)
    }

    @Test func `a second header that is used says what is wrong with the first`() throws {
        let scratch = try Scratch()
        try scratch.bash(
            """
            truncate -s 32M f; echo x > key
            cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 f key
            printf 'XX' | dd of=f bs=1 seek=4096 conv=notrunc status=none
            """)
        let header = try #require(try LUKSHeader.read(try scratch.blocks("f")))
        #expect(header.faults.map(\.message) == ["the header names no segment"])
    }
}
