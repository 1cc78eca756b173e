internal import ByteReading
internal import LinuxIO

/// What a disk inside an image is made with, besides the image's own file.
struct ImageSurroundings: Sendable {
    /// The number of the file in its chain, for the caches.
    var number = 0
    /// The disk of the backing file, where there is one.
    var below: (any BlockReader)?
    /// The other files that belong to the image, in the order in which its header names them.
    var parts: [any BlockReader] = []
    /// What the whole chain shares.
    var caches = ImageCaches()
}

extension Optional where Wrapped == any BlockReader {
    /// Reads what an overlay does not hold: the disk below it, zeros after that one's end, zeros where there is none.
    func readBacking(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FormatError) {
        let held = self.map { $0.size > offset ? Int(min($0.size - offset, UInt64(buffer.byteCount))) : 0 } ?? 0
        if let disk = self, held > 0 {
            var front = buffer._mutatingExtracting(0..<held)
            try disk.read(at: offset, into: &front)
        }
        if held < buffer.byteCount {
            var rest = buffer._mutatingExtracting(held..<buffer.byteCount)
            rest.zero()
        }
    }
}

extension Optional where Wrapped == any BlockReader {
    /// What an overlay does not hold: what the disk below it has, zeros where that one has ended or there is none.
    func backingExtent(at offset: UInt64, length: UInt64) throws(FormatError) -> BlockExtent {
        guard let disk = self, offset < disk.size else { return BlockExtent(.zero, length: length) }
        let stored = try disk.extent(at: offset)
        return BlockExtent(stored.kind, length: min(length, stored.length))
    }
}

extension BlockReader {
    /// What is kept at a place of the file: a cluster that was only reserved lies in a hole.
    func storedExtent(at place: UInt64, length: UInt64) throws(FormatError) -> BlockExtent {
        guard place < size, case let stored = try extent(at: place), stored.kind == .zero else {
            return BlockExtent(.data, length: length)
        }
        return BlockExtent(.zero, length: min(length, stored.length))
    }
}

extension BlockReader {
    /// Reads a cluster, or several that follow each other. The last one of a file may be cut off: QEMU writes no more of it
    /// than the guest has written, and what was not written is zeros.
    ///
    /// - Parameter unit: The size of a cluster.
    func readStored(
        at place: UInt64, into buffer: inout MutableRawSpan, unit: UInt64, of format: String
    ) throws(FormatError) {
        let (end, overflow) = place.addingReportingOverflow(UInt64(buffer.byteCount))
        if !overflow && end <= size { return try read(at: place, into: &buffer) }
        // Where the cluster with the file's end ends.
        guard !overflow, place < size,
            end <= place / unit * unit + (size - place / unit * unit + unit - 1) / unit * unit
        else {
            throw FormatError(
                .truncated, format, "a cluster lies beyond the end of the file, which has \(size) bytes", at: place)
        }
        let stored = Int(size - place)
        var front = buffer._mutatingExtracting(0..<stored)
        try read(at: place, into: &front)
        var rest = buffer._mutatingExtracting(stored..<buffer.byteCount)
        rest.zero()
    }
}

/// Unpacking with the errors of an image.
enum ImageUnpacking {
    /// Unpacks a piece whose size is known.
    ///
    /// - Parameters:
    ///   - count: How many bytes there are at most.
    ///   - least: How many there have to be.
    static func unpack(
        _ packed: [UInt8], _ method: Unpacking, count: Int, atLeast least: Int, of format: String, at offset: UInt64
    ) throws(FormatError) -> [UInt8] {
        let fault: FormatError
        do throws(Unpacking.Failure) {
            let result = try method.unpack(packed, count: count)
            if result.bytes.count >= least { return result.bytes }
            fault = FormatError(
                .invalid, format, "compressed data unpacks to \(result.bytes.count) bytes and not to \(least)",
                at: offset)
        } catch {
            switch error {
            case .noLibrary(let name):
                fault = FormatError(.unsupported, format, "it is compressed, and \(name) is not installed", at: offset)
            case .damaged: fault = FormatError(.invalid, format, "compressed data does not unpack", at: offset)
            }
        }
        throw fault
    }
}
