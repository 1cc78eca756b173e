import ByteReading
import Foundation
import Testing

@testable import DiskImages

/// An image with a few bytes changed, or cut off.
private struct Changed: BlockReader {
    let original: MemoryBlocks
    let size: UInt64
    var patches: [(place: UInt64, bytes: [UInt8])] = []

    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try requireRange(at: offset, count: buffer.byteCount, of: "test")
        try original.read(at: offset, into: &buffer)
        for patch in patches {
            for (index, byte) in patch.bytes.enumerated() {
                let place = patch.place + UInt64(index)
                if place >= offset, place < offset + UInt64(buffer.byteCount) {
                    buffer.storeBytes(of: byte, toByteOffset: Int(place - offset), as: UInt8.self)
                }
            }
        }
    }
}

struct HostileBytesTests {
    /// How each kind of image is made; small clusters, so that most of the file is tables.
    private static let recipes: [(name: String, script: String)] = [
        (
            "qcow2 of small clusters",
            "qemu-img create -q -f qcow2 -o cluster_size=512 image 256k; qemu-io -f qcow2 -c 'write -P 1 9k 70k' -c 'write -z 100k 9k' image >/dev/null; qemu-img snapshot -c name image"
        ),
        (
            "qcow2 with extended L2",
            "qemu-img create -q -f qcow2 -o cluster_size=16k,extended_l2=on image 1M; qemu-io -f qcow2 -c 'write -P 1 9k 2k' -c 'write -z 100k 9k' image >/dev/null"
        ),
        (
            "qcow2 compressed",
            "seq 1 9000 > raw; truncate -s 64k raw; qemu-img convert -c -O qcow2 -o cluster_size=4k raw image"
        ),
        (
            "qcow2 compressed with zstd",
            "seq 1 9000 > raw; truncate -s 64k raw; qemu-img convert -c -O qcow2 -o cluster_size=4k,compression_type=zstd raw image"
        ),
        ("dynamic VHD", "qemu-img create -q -f vpc image 3M; qemu-io -f vpc -c 'write -P 1 0 3k' image >/dev/null"),
        (
            "VHDX",
            "qemu-img create -q -f vhdx -o block_size=1M image 2M; qemu-io -f vhdx -c 'write -P 1 0 3k' image >/dev/null"
        ),
        ("sparse VMDK", "qemu-img create -q -f vmdk image 1M; qemu-io -f vmdk -c 'write -P 1 0 200k' image >/dev/null"),
        (
            "streamOptimized VMDK",
            "seq 1 9000 > raw; truncate -s 128k raw; qemu-img convert -O vmdk -o subformat=streamOptimized raw image"
        ),
        ("VMDK descriptor", "qemu-img create -q -f vmdk -o subformat=monolithicFlat image 1M"),
        (
            "OVA",
            "echo x > a.ovf; seq 1 9000 > raw; qemu-img convert -O qcow2 -c raw a.qcow2; tar --format=pax -cf image a.ovf a.qcow2"
        ),
        ("xz", "seq 1 9000 | xz > image"), ("gzip", "seq 1 9000 | gzip > image"),
        ("zstd", "seq 1 9000 | zstd -q > image"),
    ]

    /// All that is asked of an image; what comes is an answer or a ``FormatError``, for the functions throw nothing else.
    private func examine(_ image: any BlockReader) {
        do throws(FormatError) {
            let head = try ImageHead(try ImageFormat.detect(image), image)
            let disk = try head.disk(image, ImageSurroundings())
            var place: UInt64 = 0
            for _ in 0..<24 where place < disk.size {
                let extent = try disk.extent(at: place)
                #expect(extent.length > 0 && extent.length <= disk.size - place)
                for offset in [place, place + extent.length - 1] {
                    _ = try? disk.bytes(at: offset, count: Int(min(9000, disk.size - offset)))
                }
                place += extent.length
            }
            if disk.size > 0 { _ = try? disk.bytes(at: disk.size - 1, count: 1) }
            _ = try (disk as? any CountedDisk)?.allocation()
        } catch {
            #expect(!error.message.isEmpty)
        }
    }

    private func image(_ script: String) throws -> [UInt8] {
        let workshop = try Workshop()
        try workshop.shell(script)
        return try workshop.bytes("image")
    }

    @Test(arguments: recipes.indices)
    func `a file that ends anywhere is an error or a right answer`(index: Int) throws {
        let bytes = try image(Self.recipes[index].script)
        let blocks = MemoryBlocks(bytes)
        var places = Set(0..<min(600, bytes.count))
        places.formUnion(stride(from: 0, to: bytes.count, by: max(511, bytes.count / 100)))
        places.formUnion(max(0, bytes.count - 600)..<bytes.count)
        for place in places.sorted() { examine(Changed(original: blocks, size: UInt64(place))) }
    }

    @Test(arguments: recipes.indices)
    func `fields of nothing, one and all ones are errors or right answers`(index: Int) throws {
        let bytes = try image(Self.recipes[index].script)
        let blocks = MemoryBlocks(bytes)
        // The header, the end, and words all over the file that hold something: tables.
        var numbers = Numbers(UInt64(index))
        var places = Set(stride(from: 0, to: min(512, bytes.count - 8), by: 4))
        places.formUnion(stride(from: max(0, bytes.count - 512) / 4 * 4, to: max(0, bytes.count - 8), by: 8))
        let held = stride(from: 512, to: max(512, bytes.count - 8), by: 4).filter { place in
            bytes[place..<place + 4].contains { $0 != 0 && $0 != 1 }
        }
        places.formUnion(held.shuffled(using: &numbers).prefix(80))
        for place in places.sorted() {
            for value in [0, 1, .max, 0x100_0000, 0x7fff_ffff] as [UInt32] {
                var changed = Changed(original: blocks, size: blocks.size)
                changed.patches = [(UInt64(place), big(value))]
                examine(sealed(changed, bytes))
            }
            var changed = Changed(original: blocks, size: blocks.size)
            changed.patches = [(UInt64(place), [UInt8](repeating: 0xff, count: 8))]
            examine(sealed(changed, bytes))
        }
    }

    @Test(arguments: recipes.indices)
    func `bytes that fell over are errors or right answers`(index: Int) throws {
        let bytes = try image(Self.recipes[index].script)
        let blocks = MemoryBlocks(bytes)
        let held = bytes.indices.filter { bytes[$0] != 0 }
        for seed in 0..<150 {
            var numbers = Numbers(UInt64(seed))
            var changed = Changed(original: blocks, size: blocks.size)
            for _ in 0..<Int.random(in: 1...6, using: &numbers) {
                guard let place = held.randomElement(using: &numbers) else { continue }
                changed.patches.append((UInt64(place), [UInt8.random(in: 0...255, using: &numbers)]))
            }
            // A trap ends the test run; what was printed last is the seed that made it.
            examine(sealed(changed, bytes))
        }
    }

    /// Where a checksum covers what was changed it is made right again: what stands behind it is to be looked at too.
    private func sealed(_ changed: Changed, _ bytes: [UInt8]) -> Changed {
        var result = changed
        for patch in changed.patches {
            for place in [65536, 131_072, 196_608, 262_144] where bytes.starts(with: Array("vhdxfile".utf8)) {
                let count = place < 196_608 ? 4096 : 65536
                guard patch.place >= UInt64(place), patch.place < UInt64(place + count),
                    var region = try? result.bytes(at: UInt64(place), count: count)
                else { continue }
                region.replaceSubrange(4..<8, with: [0, 0, 0, 0])
                var sum = CRC32C()
                sum.add(region)
                result.patches.append((UInt64(place + 4), little(sum.inverted)))
            }
            for (place, count, field) in [(0, 512, 64), (512, 1024, 36), (bytes.count - 512, 512, 64)]
            where bytes.starts(with: Array("conectix".utf8)) && patch.place >= UInt64(place)
                && patch.place < UInt64(place + count)
            {
                guard var region = try? result.bytes(at: UInt64(place), count: count) else { continue }
                region.replaceSubrange(field..<field + 4, with: [0, 0, 0, 0])
                let sum = region.reduce(UInt32(0)) { $0 &+ UInt32($1) }
                result.patches.append((UInt64(place + field), big(~sum)))
            }
        }
        return result
    }
}
