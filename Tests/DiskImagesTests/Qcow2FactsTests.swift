import ByteReading
import Foundation
import Testing

@testable import DiskImages

struct Qcow2FactsTests {
    private struct Told {
        var info: [String: Any]
        var data: [String: Any]
    }

    private func told(_ workshop: Workshop, _ name: String) throws -> Told {
        let text = try workshop.run("qemu-img", "info", "--output=json", name)
        let info = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let specific = try #require(info["format-specific"] as? [String: Any])
        return Told(info: info, data: try #require(specific["data"] as? [String: Any]))
    }

    @Test(arguments: [
        "", "compat=0.10", "cluster_size=512", "cluster_size=2M", "refcount_bits=1", "refcount_bits=64",
        "lazy_refcounts=on", "extended_l2=on", "compression_type=zstd", "data_file=d", "data_file=d,data_file_raw=on",
        "preallocation=full", "backing_file=base,backing_fmt=raw", "backing_file=other,backing_fmt=qcow2",
        "encrypt.format=aes,encrypt.key-secret=s",
    ])
    func `each fact of the header is what qemu-img info tells`(options: String) throws {
        let workshop = try Workshop()
        let option = options.isEmpty ? "" : "-o \(options)"
        try workshop.shell(
            """
            truncate -s 1M base; qemu-img create -q -f qcow2 other 1M
            qemu-img create -q --object secret,id=s,data=x -f qcow2 \(option) a 1052672
            """)
        let told = try told(workshop, "a")
        let facts = try #require(DiskImage.open(workshop.file("a")).facts)
        guard case .qcow2(let details) = facts.details else {
            Issue.record("no qcow2: \(facts)")
            return
        }
        #expect(facts.virtualSize == told.info["virtual-size"] as? UInt64)
        #expect(facts.allocatedSize == told.info["actual-size"] as? UInt64)
        #expect(facts.clusterSize == told.info["cluster-size"] as? UInt64)
        #expect(details.isDirty == told.info["dirty-flag"] as? Bool)
        #expect(details.backingFile == told.info["backing-filename"] as? String)
        #expect(details.backingFormat == told.info["backing-filename-format"] as? String)
        #expect((details.encryption != nil) == (told.info["encrypted"] as? Bool ?? false))
        #expect(details.compatibility == told.data["compat"] as? String)
        #expect(details.refcountBits == told.data["refcount-bits"] as? Int)
        #expect(details.compressionType == told.data["compression-type"] as? String)
        #expect(details.dataFile == told.data["data-file"] as? String)
        // qemu-img tells these of version 3 only.
        if details.version == 3 {
            #expect(details.hasLazyRefcounts == told.data["lazy-refcounts"] as? Bool)
            #expect(details.isCorrupt == told.data["corrupt"] as? Bool)
            #expect(details.hasExtendedL2 == told.data["extended-l2"] as? Bool)
        }
        if details.hasDataFile { #expect(details.isDataFileRaw == told.data["data-file-raw"] as? Bool) }
        #expect(details.unknownIncompatibleFeatures.isEmpty)
    }

    @Test func `snapshots and bitmaps are counted and named`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            qemu-img create -q -f qcow2 a 1M
            qemu-img snapshot -c 'the first' a; qemu-io -c 'write 0 64k' a >/dev/null; qemu-img snapshot -c zweiter a
            qemu-img bitmap --add a b0; qemu-img bitmap --add a b1
            """)
        let told = try told(workshop, "a")
        let snapshots = try #require(told.info["snapshots"] as? [[String: Any]])
        guard case .qcow2(let details)? = DiskImage.open(workshop.file("a")).facts?.details else {
            Issue.record("no qcow2")
            return
        }
        #expect(details.snapshotCount == 2)
        #expect(details.snapshotFault == nil)
        #expect(details.snapshots.map(\.name) == snapshots.map { $0["name"] as? String })
        #expect(details.snapshots.map(\.id) == snapshots.map { $0["id"] as? String })
        #expect(details.snapshots.map(\.date) == snapshots.map { $0["date-sec"] as? UInt32 })
        #expect(details.snapshots.map(\.dateNanoseconds) == snapshots.map { $0["date-nsec"] as? UInt32 })
        #expect(details.snapshots.map(\.stateSize) == snapshots.map { $0["vm-state-size"] as? UInt64 })
        #expect(details.snapshots.map(\.diskSize) == [1 << 20, 1 << 20])
        #expect(details.bitmapCount == (told.data["bitmaps"] as? [Any])?.count)
        #expect(details.bitmapCount == 2)
        try workshop.compareWithQEMU("a")
        // A table that lies nowhere costs the list, and not the disk.
        try workshop.patch("a", at: 64, big(UInt64(1 << 40)))
        guard case .qcow2(let broken)? = DiskImage.open(workshop.file("a")).facts?.details else {
            Issue.record("no qcow2")
            return
        }
        #expect(broken.snapshotFault?.kind == .truncated)
        #expect(broken.snapshotCount == 2)
    }

    @Test func `the bits for dirty and corrupt are seen`() throws {
        let workshop = try Workshop()
        try workshop.shell("qemu-img create -q -f qcow2 a 1M")
        try workshop.patch("a", at: 79, [3])
        let told = try told(workshop, "a")
        guard case .qcow2(let details)? = DiskImage.open(workshop.file("a")).facts?.details else {
            Issue.record("no qcow2")
            return
        }
        #expect(told.info["dirty-flag"] as? Bool == true && details.isDirty)
        #expect(told.data["corrupt"] as? Bool == true && details.isCorrupt)
    }

    @Test(arguments: ["", "-o cluster_size=512", "-o extended_l2=on", "-c"])
    func `the clusters are those that qemu-img check counts`(options: String) throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            { head -c 1000000 /dev/zero; seq 1 400000; } > raw; truncate -s 6M raw
            qemu-img convert -f raw -O qcow2 \(options) raw a
            """)
        let text = try workshop.run("qemu-img", "check", "--output=json", "a")
        let told = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let allocation = try #require(try DiskImage.open(workshop.file("a")).allocation())
        #expect(allocation.stored == told["allocated-clusters"] as? UInt64)
        #expect(allocation.compressed == told["compressed-clusters"] as? UInt64 ?? 0)
        #expect(allocation.lost == 0)
        #expect(allocation.isComplete)
    }

    @Test func `clusters beyond the end of the file and in its holes are counted`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "qemu-img create -q -f qcow2 a 4M; qemu-io -f qcow2 -c 'write -P 1 0 4M' a >/dev/null; truncate -s 3M a")
        func allocation() throws -> ImageAllocation {
            try #require(try DiskImage.open(workshop.file("a")).allocation())
        }
        // qemu-img's map says where in the file the first of the 64 clusters is; the others follow it.
        let map = try workshop.run("qemu-img", "map", "--output=json", "a")
        let runs = try #require(try JSONSerialization.jsonObject(with: Data(map.utf8)) as? [[String: Any]])
        let end = try #require(runs.first?["offset"] as? UInt64)
        let first = UInt64(3 << 20) - end
        #expect(try allocation().lost == (end + (4 << 20) - (3 << 20)) / 65536)
        #expect(try allocation().firstLost == first)
        #expect(try allocation().stored == 64)
        // Made long again, the loss is hidden: zeros are read, and only the hole tells.
        try workshop.shell("truncate -s 8M a")
        #expect(try allocation().lost == 0)
        #expect(try allocation().inHoles == end + (4 << 20) - (3 << 20))
    }
}
