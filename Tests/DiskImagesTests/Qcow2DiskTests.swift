import ByteReading
import Foundation
import Testing

@testable import DiskImages

struct Qcow2DiskTests {
    /// Writes that touch every kind of cluster: stored, partly stored, zeros, discarded, over the end of a cluster.
    private static let writes = """
        qemu-io -f qcow2 -c "write -P 1 0 300k" -c "write -P 2 1000k 3" -c "write -P 3 1500k 900k" \
          -c "write -z 1600k 64k" -c "write -zu 1700k 130k" -c "discard 2000k 128k" -c "write -P 4 5m 1m" \
          -c "write -P 5 7167k 1k" -c "write -z 6m 100k" $1 >/dev/null
        """

    @Test(arguments: [
        "", "compat=0.10", "cluster_size=512", "cluster_size=4k", "cluster_size=2M", "cluster_size=512,compat=0.10",
        "refcount_bits=1", "refcount_bits=64", "lazy_refcounts=on", "extended_l2=on,cluster_size=16k",
        "extended_l2=on,cluster_size=128k", "extended_l2=on,cluster_size=2M", "compression_type=zstd",
        "preallocation=metadata", "preallocation=falloc", "preallocation=full", "preallocation=metadata,extended_l2=on",
        "data_file=data", "data_file=data,data_file_raw=on", "data_file=data,extended_l2=on",
    ])
    func `the disk is the one that qemu-img converts`(options: String) throws {
        let workshop = try Workshop()
        let option = options.isEmpty ? "" : "-o \(options)"
        try workshop.shell("qemu-img create -q -f qcow2 \(option) a 7168k; set -- a; \(Self.writes)")
        // qemu-img looks for a data file in the folder that it is started in, which is here the image's.
        try workshop.compareWithQEMU("a")
    }

    @Test(arguments: ["cluster_size=512", "cluster_size=64k", "cluster_size=2M", "compression_type=zstd"])
    func `compressed clusters are unpacked`(options: String) throws {
        let workshop = try Workshop()
        // Text packs, noise does not, and a cluster of zeros is none.
        try workshop.shell(
            """
            { seq 1 300000; head -c 700000 /dev/urandom; head -c 3000000 /dev/zero; seq 1 200000; } > raw
            truncate -s %512 raw
            qemu-img convert -c -f raw -O qcow2 -o \(options) raw a
            """)
        try workshop.compareWithQEMU("a")
        try workshop.shell(
            """
            qemu-img create -q -f qcow2 -o \(options) b 8M
            qemu-io -f qcow2 -c 'write -c -P 9 0 2M' -c 'write -P 8 700k 1k' -c 'write -c -P 7 4M 2M' \
              -c 'discard 4M 2M' -c 'write -P 6 1M 1k' b >/dev/null
            """)
        try workshop.compareWithQEMU("b")
    }

    @Test(arguments: ["", "-o cluster_size=4k", "-o extended_l2=on", "-o compat=0.10"])
    func `a chain of five overlays is one disk`(options: String) throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            head -c 5M /dev/urandom > 0
            for i in 1 2 3 4 5; do
              qemu-img create -q -f qcow2 \(options) -b $((i-1)) -F $([ $i = 1 ] && echo raw || echo qcow2) $i
              qemu-io -f qcow2 -c "write -P $i $((i*37))k $((i*111))k" -c "write -P 1$i $((i*900+7))k 9k" \
                -c "discard $((i*801))k 256k" $i > /dev/null
              \(options.contains("0.10") ? ":" : "qemu-io -f qcow2 -c \"write -z $((i*700))k 99k\" $i >/dev/null")
            done
            """)
        try workshop.compareWithQEMU("5")
    }

    @Test func `a base may be shorter or longer than what stands on it`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            head -c 1000448 /dev/urandom > base
            qemu-img create -q -f qcow2 -b base -F raw long 3M
            qemu-io -c 'write -P 1 2M 4k' long >/dev/null
            qemu-img create -q -f qcow2 -b base -F raw short 500k
            qemu-img create -q -f qcow2 -b short -F qcow2 top 2M
            """)
        for name in ["long", "short", "top"] { try workshop.compareWithQEMU(name) }
    }

    @Test func `a guest's files through the length of the table of tables`() throws {
        let workshop = try Workshop()
        // 512-byte clusters: 32 KiB a table, so that runs go over tables and pages of tables.
        try workshop.shell(
            """
            qemu-img create -q -f qcow2 -o cluster_size=512 a 40M
            qemu-io -f qcow2 -c 'write -P 1 0 9M' -c 'write -P 2 30M 1M' -c 'write -P 3 41942528 512' a >/dev/null
            """)
        try workshop.compareWithQEMU("a")
    }

    @Test func `what cannot be read is refused by its name`() throws {
        let workshop = try Workshop()
        try workshop.shell("qemu-img create -q -f qcow2 a 1M")
        func error(_ name: String = "a") throws -> FormatError {
            try #require(throws: FormatError.self) { try DiskImage.open(workshop.file(name)).disk() }
        }
        // Bit 17 has no name in the image, bit 1 of the third byte is given one below.
        try workshop.patch("a", at: 72, big(UInt64(1 << 17)))
        #expect(try error().kind == .unsupported)
        #expect(try error().message.contains("bit 17"))
        #expect(try workshop.shell("qemu-img info a 2>&1 || true").contains("nsupported"))
        // The name table's first entry is "dirty bit", incompatible bit 0: it becomes the name of bit 17.
        let bytes = try workshop.bytes("a")
        let name = Array("dirty bit".utf8)
        let place = try #require((0..<4096).first { bytes[$0..<$0 + name.count].elementsEqual(name) })
        try workshop.patch("a", at: UInt64(place - 1), [17] + Array("time bomb".utf8))
        #expect(try error().message.contains("time bomb"))
        try workshop.patch("a", at: 72, big(UInt64(0)))
        try workshop.patch("a", at: 32, big(UInt32(1)))
        #expect(try error().message == "it is encrypted: AES")
        try workshop.patch("a", at: 32, big(UInt32(0)))
        try workshop.patch("a", at: 4, big(UInt32(4)))
        #expect(try error().field == "version = 4 (known 2 and 3)")
        try workshop.shell("qemu-img create -q -f qcow2 -b a -F qcow2 -u b 1M")
        #expect(try error("b").kind == .unsupported)
        try workshop.shell("qemu-img create -q -f qcow2 -b gone -F qcow2 -u c 1M")
        #expect(try error("c").message == "the backing file gone is missing")
    }

    @Test func `a cluster beyond the end of the file is an error, and not zeros`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "qemu-img create -q -f qcow2 a 4M; qemu-io -c 'write -P 1 0 4M' a >/dev/null; truncate -s 3M a")
        let disk = try DiskImage.open(workshop.file("a")).disk()
        #expect(try disk.bytes(at: 0, count: 4096) == [UInt8](repeating: 1, count: 4096))
        let error = #expect(throws: FormatError.self) { try disk.bytes(at: 3 << 20, count: 4096) }
        #expect(error?.kind == .truncated)
        #expect(throws: FormatError.self) { try disk.bytes(at: 4 << 20, count: 1) }
    }
}
