import ByteReading
import Evidence
import Glibc

@testable import FileSystems

/// The file system that the input changes: `KVMCHECK_FUZZ_BASE`, up to 64 MiB of it.
private let base: MemoryBlocks = {
    guard let path = unsafe getenv("KVMCHECK_FUZZ_BASE"), let file = unsafe fopen(path, "r") else {
        return MemoryBlocks([])
    }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 64 << 20)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return MemoryBlocks(Array(bytes[..<count]))
}()

/// Where the base is read when all of it is read, in order: the input's places count from one such place to the next, so
/// that every change is one that a reader sees.
private let places: [UInt64] = {
    let recorder = Recorder()
    exercise(recorder)
    return Array(Set(recorder.places)).sorted()
}()

/// The base, with what was read of it.
private final class Recorder: BlockReader, @unchecked Sendable {
    var places: [UInt64] = []
    var size: UInt64 { base.size }
    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        for piece in stride(from: 0, to: UInt64(buffer.byteCount), by: 256) { places.append(offset + piece) }
        try base.read(at: offset, into: &buffer)
    }
}

/// The base with the input's pieces put in: two bytes of which place, one from there on, one of length, the bytes.
private struct Changed: BlockReader {
    private let pieces: [(place: UInt64, bytes: [UInt8])]
    var size: UInt64 { base.size }

    init(_ input: [UInt8]) {
        var pieces: [(UInt64, [UInt8])] = []
        var rest = input[...]
        while rest.count > 4, !places.isEmpty {
            let head = Array(rest.prefix(4))
            let bytes = Array(rest.dropFirst(4).prefix(Int(head[3] % 17)))
            pieces.append((places[(Int(head[0]) << 8 | Int(head[1])) % places.count] + UInt64(head[2]), bytes))
            rest = rest.dropFirst(4 + bytes.count)
        }
        self.pieces = pieces
    }

    func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        try base.read(at: offset, into: &buffer)
        let end = offset + UInt64(buffer.byteCount)
        for piece in pieces where piece.place < end && piece.place + 17 > offset {
            for (index, byte) in piece.bytes.enumerated() {
                let place = piece.place + UInt64(index)
                if place >= offset, place < end {
                    buffer.storeBytes(of: byte, toByteOffset: Int(place - offset), as: UInt8.self)
                }
            }
        }
    }
}

/// All that is asked of a file system. libFuzzer calls this with input after input; a trap, a hang of 10 seconds or more
/// than 256 MB is a find.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    exercise(Changed(unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))))
    return 0
}

private func exercise(_ volume: any BlockReader) {
    do throws(FormatError) {
        guard let reader = try FileSystemOpening.open(volume) else { return }
        try exerciseTree(reader)
    } catch {}
}

private func exerciseTree(_ reader: some FileSystemReader) throws(FormatError) {
    try reader.walk(try reader.node(reader.rootNumber), limit: 300) { item throws(FormatError) in
        guard case .success(let node) = item.node, item.listingError == nil else { return false }
        _ = try? reader.extendedAttributes(of: node)
        _ = try? reader.linkTarget(of: node)
        if node.metadata.kind == .regular, let content = try? reader.content(of: node) {
            var offset: UInt64 = 0
            for _ in 0..<16 where offset < content.size {
                guard let extent = try? content.extent(at: offset) else { break }
                precondition(extent.length > 0 && extent.length <= content.size - offset, "an extent leads nowhere")
                _ = try? content.bytes(at: offset, count: Int(min(5000, content.size - offset)))
                offset += extent.length
            }
        }
        return true
    }
    _ = reader.read("/links/chain", limit: 1 << 20)
    _ = reader.entries("/many")
}
