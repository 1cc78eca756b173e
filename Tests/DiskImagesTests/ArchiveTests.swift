import ByteReading
import Foundation
import Testing

@testable import DiskImages

struct ArchiveTests {
    private func make(_ workshop: Workshop, tar: String = "--format=ustar") throws {
        try workshop.shell(
            """
            qemu-img create -q -f raw raw 3M; qemu-io -f raw -c 'write -P 5 1M 700k' raw >/dev/null
            qemu-img convert -O vmdk -o subformat=streamOptimized raw disk1.vmdk
            echo '<Envelope/>' > vm.ovf
            for f in vm.ovf disk1.vmdk; do echo "SHA256($f)= $(sha256sum $f | cut -d' ' -f1)"; done > vm.mf
            tar \(tar) -cf vm.ova vm.ovf vm.mf disk1.vmdk
            """)
    }

    @Test(arguments: ["ustar", "gnu", "pax", "oldgnu"])
    func `the disk in an OVA is read where it lies`(format: String) throws {
        let workshop = try Workshop()
        try make(workshop, tar: "--format=\(format)")
        let image = DiskImage.open(workshop.file("vm.ova"))
        guard format == "oldgnu" || image.facts?.format == .ova, case .archive(let facts)? = image.facts?.details else {
            Issue.record("no archive: \(image.chain)")
            return
        }
        #expect(facts.members.map(\.name) == ["vm.ovf", "vm.mf", "disk1.vmdk"])
        #expect(
            facts.members.map(\.size)
                == ["vm.ovf", "vm.mf", "disk1.vmdk"].map { UInt64((try? workshop.bytes($0).count) ?? 0) })
        #expect(facts.descriptor == "vm.ovf")
        #expect(
            facts.disks.map(\.disk) == [
                ImageFacts.Summary(format: .vmdk, subformat: "streamOptimized", virtualSize: 3 << 20)
            ])
        let sum = try workshop.shell("sha256sum disk1.vmdk").prefix(64)
        #expect(
            facts.manifest.last
                == ArchiveFacts.ManifestEntry(algorithm: "SHA256", name: "disk1.vmdk", digest: String(sum)))
        try workshop.compare("vm.ova", withRaw: "raw")
        #expect(try image.checkManifest().map(\.result) == [.same, .same])
    }

    @Test func `a member that was changed differs from the manifest`() throws {
        let workshop = try Workshop()
        try make(workshop)
        try workshop.shell(
            """
            { echo "SHA1(vm.ovf)= $(sha1sum vm.ovf | cut -d' ' -f1)"; echo "SHA1(gone)= 00"; echo "MD5(vm.ovf)= 00"; } >> vm.mf
            echo '<envelope/>' > changed; tar --format=ustar -cf a.ova --transform=s/changed/vm.ovf/ changed vm.mf disk1.vmdk
            tar --format=ustar -cf b.ova vm.ovf vm.mf disk1.vmdk
            """)
        let found = try workshop.shell("sha256sum changed; sha1sum changed").split(separator: "\n").map {
            $0.prefix { $0 != " " }
        }
        #expect(
            try DiskImage.open(workshop.file("a.ova")).checkManifest().map(\.result) == [
                .different(found: String(found[0])), .same, .different(found: String(found[1])), .missing,
                .unknownAlgorithm,
            ])
        #expect(
            try DiskImage.open(workshop.file("b.ova")).checkManifest().map(\.result) == [
                .same, .same, .same, .missing, .unknownAlgorithm,
            ])
    }

    @Test func `of several disks each is read`() throws {
        let workshop = try Workshop()
        try make(workshop, tar: "--format=gnu")
        let long = String(repeating: "a-long-name-", count: 20)
        try workshop.shell(
            "qemu-img convert -O qcow2 raw \(long).qcow2; tar --format=gnu -rf vm.ova \(long).qcow2; tar --format=pax -cf b.ova vm.ovf \(long).qcow2"
        )
        let image = DiskImage.open(workshop.file("vm.ova"))
        guard case .archive(let facts)? = image.facts?.details else {
            Issue.record("no archive")
            return
        }
        #expect(facts.disks.map(\.name) == ["disk1.vmdk", "\(long).qcow2"])
        #expect(#expect(throws: FormatError.self) { try image.disk() }?.message == "there are 2 disks in it")
        let raw = try Data(contentsOf: URL(filePath: workshop.file("raw")))
        for member in facts.disks {
            #expect(raw.same(as: try image.disk(of: member).bytes(at: 0, count: 3 << 20), at: 0))
        }
        try workshop.compare("b.ova", withRaw: "raw")
    }

    @Test func `a disk in an archive leads nowhere else`() throws {
        let workshop = try Workshop()
        try make(workshop)
        try workshop.shell(
            "qemu-img create -q -f qcow2 -b \(workshop.file("raw")) -F raw top.qcow2; tar cf a.tar top.qcow2")
        let image = DiskImage.open(workshop.file("a.tar"))
        #expect(image.chain.links.count == 1)
        #expect(
            #expect(throws: FormatError.self) { try image.disk() }?.message == "a disk in an archive needs another file"
        )
    }

    @Test func `an archive that was cut off says where`() throws {
        let workshop = try Workshop()
        try make(workshop)
        try workshop.shell("truncate -s 20000 vm.ova")
        guard case .malformed(let error)? = DiskImage.open(workshop.file("vm.ova")).chain.links.first?.state else {
            Issue.record("half an archive was read")
            return
        }
        #expect(error.kind == .truncated)
    }

    @Test(arguments: [
        ("gzip -k", "gz", false), ("xz -k", "xz", true), ("zstd -qk", "zst", true), ("bzip2 -k", "bz2", false),
    ])
    func `of a compressed image one is told what is in it`(tool: String, suffix: String, saysSize: Bool) throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            qemu-img create -q -f raw a.raw 5M; qemu-io -f raw -c 'write -P 5 1M 700k' a.raw >/dev/null
            qemu-img convert -O qcow2 a.raw a.qcow2; tar --format=oldgnu -cf a.tar a.raw
            for f in a.raw a.qcow2 a.tar; do \(tool) $f; done
            """)
        for (name, content) in [("a.raw", ImageFormat.raw), ("a.qcow2", .qcow2), ("a.tar", .tar)] {
            let image = DiskImage.open(workshop.file("\(name).\(suffix)"))
            guard case .compressed(let facts)? = image.facts?.details else {
                Issue.record("not compressed: \(image.chain)")
                return
            }
            #expect(facts.content == content)
            #expect(facts.unpackedSize == (saysSize ? UInt64(try workshop.bytes(name).count) : nil))
            if content == .qcow2 { #expect(facts.virtualSize == 5 << 20) }
            #expect(#expect(throws: FormatError.self) { try image.disk() }?.kind == .unsupported)
        }
    }
}
