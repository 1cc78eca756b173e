internal import ByteReading

/// What the tables of an image say of where its disk is kept, counted in its clusters (VMDK: grains; VHD, VHDX: blocks).
public struct ImageAllocation: Sendable, Hashable {
    /// The size of a cluster in bytes.
    public var clusterSize: UInt64
    /// How many are kept in the file.
    public var stored: UInt64 = 0
    /// How many of them are compressed.
    public var compressed: UInt64 = 0
    /// How many are said to be zeros without being kept.
    public var zero: UInt64 = 0
    /// How many are kept beyond the end of the file: it was cut off, in a download or a copy.
    public var lost: UInt64 = 0
    /// Where in the disk the first lost one is, in bytes.
    public var firstLost: UInt64?
    /// How many bytes of what is kept lie in holes of the file: it was reserved and never written, or a file that was cut
    /// off was made long again.
    public var inHoles: UInt64 = 0
    /// Whether all tables were looked at; those of a very large image are not.
    public var isComplete = true

    init(clusterSize: UInt64) { self.clusterSize = clusterSize }

    /// What two parts of a disk have together.
    func adding(_ other: ImageAllocation) -> ImageAllocation {
        var sum = self
        sum.stored += other.stored
        sum.compressed += other.compressed
        sum.zero += other.zero
        sum.lost += other.lost
        sum.firstLost = [firstLost, other.firstLost].compactMap(\.self).min()
        sum.inHoles += other.inHoles
        sum.isComplete = isComplete && other.isComplete
        return sum
    }
}

/// A disk whose tables can be counted.
protocol CountedDisk: BlockReader {
    /// Walks the tables.
    func allocation() throws(FormatError) -> ImageAllocation
}

/// Counts clusters as a walk meets them.
struct AllocationCount {
    var allocation: ImageAllocation
    private let file: any BlockReader
    private var run: Range<UInt64>?
    private var left: Int

    /// How many bytes of tables one walk reads: those of 512 GiB in clusters of 64 KiB.
    static let tableLimit: UInt64 = 64 << 20
    /// How many runs are held against the file's holes: a fragmented disk has a run in every cluster.
    private static let runLimit = 65536

    init(_ file: any BlockReader, clusterSize: UInt64) {
        self.file = file
        allocation = ImageAllocation(clusterSize: clusterSize)
        left = Self.runLimit
    }

    /// A cluster that is kept at an offset of the file.
    ///
    /// - Parameter guest: Where it is in the disk.
    mutating func store(at offset: UInt64, count: UInt64, guest: UInt64) throws(FormatError) {
        allocation.stored += 1
        guard offset < file.size else {
            allocation.lost += 1
            allocation.firstLost = min(allocation.firstLost ?? guest, guest)
            return
        }
        let end = offset + min(count, file.size - offset)
        if let run, run.upperBound == offset {
            self.run = run.lowerBound..<end
        } else {
            try finish()
            run = offset..<end
        }
    }

    /// The end of a run: what of it lies in holes.
    mutating func finish() throws(FormatError) {
        guard let run else { return }
        self.run = nil
        var place = run.lowerBound
        while place < run.upperBound {
            guard left > 0 else {
                allocation.isComplete = false
                return
            }
            left -= 1
            let extent = try file.extent(at: place)
            let count = min(max(1, extent.length), run.upperBound - place)
            if extent.kind == .zero { allocation.inHoles += count }
            place += count
        }
    }
}
