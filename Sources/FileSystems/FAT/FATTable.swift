internal import ByteReading
internal import Synchronization

/// The chains of clusters: one copy of the file allocation table, or the other where the first is damaged.
///
/// An entry of 12, 16 or 28 bits holds the number of the next cluster, 0 for a free one, …7 for a bad one, …8 to …f for the
/// last. Source: FAT specification 1.03, section 4.
final class FATTable: Sendable {
    /// How much of the table is read at once.
    private static let pieceSize: UInt64 = 64 << 10

    private let volume: any BlockReader
    private let boot: FATBootSector
    private let start: UInt64
    private let cache = BlockCache()

    /// - Parameter number: Which copy is read.
    init(_ volume: any BlockReader, _ boot: FATBootSector, number: Int) {
        self.volume = volume
        self.boot = boot
        start = boot.reservedSize + UInt64(number) * boot.tableSize
    }

    /// An entry, without the top four bits of FAT32.
    func entry(_ cluster: UInt32) throws(FormatError) -> UInt32 {
        switch boot.width {
        case .fat12:
            let place = UInt64(cluster) * 3 / 2
            let low = UInt32(try byte(place))
            let high = UInt32(try byte(place + 1))
            let both = low | high << 8
            return cluster & 1 == 0 ? both & 0xfff : both >> 4
        case .fat16: return UInt32(try number(UInt64(cluster) * 2, count: 2))
        case .fat32: return try number(UInt64(cluster) * 4, count: 4) & 0x0fff_ffff
        }
    }

    /// Where the bytes of a chain lie, runs of clusters that follow each other joined.
    ///
    /// - Parameter limit: How many bytes are wanted; a chain that goes on is cut there.
    func runs(from first: UInt32, limit: UInt64) throws(FormatError) -> [FileRun] {
        var runs: [FileRun] = []
        var cluster = first
        // A chain cannot have more clusters than there are: one more is a loop.
        var left = min(UInt64(boot.clusterCount), limit / boot.clusterSize + (limit % boot.clusterSize > 0 ? 1 : 0))
        let isCut = left < UInt64(boot.clusterCount)
        while left > 0 {
            guard boot.isCluster(cluster) else {
                throw FormatError(
                    .invalid, "vfat", "a chain leads to what is no cluster",
                    field: "cluster = \(cluster) (allowed 2…\(UInt64(boot.clusterCount) + 1))", at: start)
            }
            let place = boot.place(ofCluster: cluster)
            if let last = runs.indices.last, let before = runs[last].place, before + runs[last].length == place {
                runs[last].length += boot.clusterSize
            } else {
                runs.append(FileRun(place: place, length: boot.clusterSize))
            }
            left -= 1
            let next = try entry(cluster)
            if isEnd(next) { return runs }
            cluster = next
        }
        guard isCut else {
            throw FormatError(.invalid, "vfat", "a chain of clusters comes back to itself", at: start)
        }
        return runs
    }

    /// How many clusters are free.
    func freeClusters() throws(FormatError) -> UInt64 {
        var free: UInt64 = 0
        for cluster in 2..<(UInt64(boot.clusterCount) + 2) where try entry(UInt32(cluster)) == 0 { free += 1 }
        return free
    }

    private func isEnd(_ entry: UInt32) -> Bool {
        switch boot.width {
        case .fat12: entry >= 0xff8
        case .fat16: entry >= 0xfff8
        case .fat32: entry >= 0x0fff_fff8
        }
    }

    private func byte(_ place: UInt64) throws(FormatError) -> UInt8 { UInt8(try number(place, count: 1)) }

    private func number(_ place: UInt64, count: Int) throws(FormatError) -> UInt32 {
        // 1, 2 and 4 divide the piece's size, so that an entry never lies across two; FAT12 asks byte by byte.
        let piece = place / Self.pieceSize * Self.pieceSize
        guard place + UInt64(count) <= boot.tableSize else {
            throw FormatError(.invalid, "vfat", "a cluster beyond the file allocation table", at: start)
        }
        let length = Int(min(Self.pieceSize, boot.tableSize - piece))
        let bytes = try cache.block(at: piece, count: length) { () throws(FormatError) in
            try self.volume.bytes(at: self.start + piece, count: length)
        }
        var value: UInt32 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt32(bytes[Int(place - piece) + index]) }
        return value
    }
}
