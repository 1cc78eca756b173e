import ByteReading
import Glibc

@testable import DiskImages

/// The image that the input changes, where the smallest of a format has megabytes: `KVMCHECK_FUZZ_BASE`.
private let base: [UInt8]? = {
    guard let path = unsafe getenv("KVMCHECK_FUZZ_BASE"), let file = unsafe fopen(path, "r") else { return nil }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 16 << 20)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
}()

/// All that is asked of an image. libFuzzer calls this with input after input; a trap, a hang of 10 seconds or more than
/// 256 MB is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
    let image = MemoryBlocks(base.map { changed($0, by: input) } ?? input)
    do throws(FormatError) {
        let head = try ImageHead(try ImageFormat.detect(image), image)
        let disk = try head.disk(image, ImageSurroundings())
        var place: UInt64 = 0
        for _ in 0..<16 where place < disk.size {
            let extent = try disk.extent(at: place)
            precondition(extent.length > 0 && extent.length <= disk.size - place, "an extent leads nowhere")
            _ = try? disk.bytes(at: place, count: Int(min(5000, disk.size - place)))
            place += extent.length
        }
        _ = try (disk as? any CountedDisk)?.allocation()
    } catch {}
    return 0
}

/// The base with the input's pieces put in: three bytes of place, one of length, the bytes. Checksums are made right again.
private func changed(_ base: [UInt8], by input: [UInt8]) -> [UInt8] {
    var image = base
    var rest = input[...]
    while rest.count > 4 {
        let head = Array(rest.prefix(4))
        let place = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        let piece = rest.dropFirst(4).prefix(Int(head[3] % 33))
        if place + piece.count <= image.count { image.replaceSubrange(place..<place + piece.count, with: piece) }
        rest = rest.dropFirst(4 + piece.count)
    }
    if base.starts(with: Array("vhdxfile".utf8)) {
        for (place, count) in [(65536, 4096), (131_072, 4096), (196_608, 65536), (262_144, 65536)] {
            image.replaceSubrange(place + 4..<place + 8, with: [0, 0, 0, 0])
            var sum = CRC32C()
            sum.add(image, place..<place + count)
            for index in 0..<4 {
                image[place + 4 + index] = UInt8(truncatingIfNeeded: sum.inverted >> (8 * UInt32(index)))
            }
        }
    } else if base.starts(with: Array("conectix".utf8)) {
        for (place, count, field) in [(0, 512, 64), (512, 1024, 36), (image.count - 512, 512, 64)] {
            image.replaceSubrange(place + field..<place + field + 4, with: [0, 0, 0, 0])
            let sum = ~image[place..<place + count].reduce(UInt32(0)) { $0 &+ UInt32($1) }
            for index in 0..<4 {
                image[place + field + index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32(index)))
            }
        }
    }
    return image
}
