internal import ByteReading

/// An internal snapshot of a qcow2 image; converting the image loses it.
public struct Qcow2Snapshot: Sendable, Hashable {
    /// Its number, as text.
    public var id: String
    /// Its name.
    public var name: String
    /// When it was taken, in seconds since 1970.
    public var date: UInt32
    /// The subsecond part of the time, in nanoseconds.
    public var dateNanoseconds: UInt32
    /// How long the guest had run, in nanoseconds.
    public var guestClock: UInt64
    /// The size of the guest's memory and devices kept with it, in bytes; 0 where only the disk was kept.
    public var stateSize: UInt64
    /// The size of the disk then, in bytes; nil where the image does not say.
    public var diskSize: UInt64?
}

/// The table of a qcow2 image's snapshots.
///
/// ```
///  0 l1_table_offset   8 l1_size   12 length of id   14 length of name   16 seconds   20 nanoseconds
/// 24 guest clock      32 state size   36 size of extra   40 extra: state size (8), disk size (8), icount (8)
///    then id, name, padding to 8
/// ```
struct Qcow2Snapshots {
    var list: [Qcow2Snapshot] = []

    /// More than a report lists; the header counts them all.
    private static let limit = 256

    init(_ image: any BlockReader, _ header: Qcow2Header) throws(FormatError) {
        var place = header.snapshotsOffset
        for _ in 0..<min(Int(header.snapshotCount), Self.limit) {
            let entry = try FormatBytes(reading: image, at: place, count: 40, of: "qcow2")
            let idLength = Int(try entry.big(UInt16.self, at: 12))
            let nameLength = Int(try entry.big(UInt16.self, at: 14))
            let extraLength = Int(try entry.big(UInt32.self, at: 36))
            // QCOW_MAX_SNAPSHOT_EXTRA_DATA of QEMU.
            guard extraLength <= 1024 else {
                throw Qcow2Header.invalid(
                    "a snapshot has too much extra data", "extra_data_size = \(extraLength) (allowed 0…1024)",
                    at: place + 36)
            }
            let length = extraLength + idLength + nameLength
            let rest = try FormatBytes(reading: image, at: place + 40, count: length, of: "qcow2")
            list.append(
                Qcow2Snapshot(
                    id: try rest.text(at: extraLength, count: idLength),
                    name: try rest.text(at: extraLength + idLength, count: nameLength),
                    date: try entry.big(UInt32.self, at: 16), dateNanoseconds: try entry.big(UInt32.self, at: 20),
                    guestClock: try entry.big(UInt64.self, at: 24),
                    stateSize: extraLength >= 8
                        ? try rest.big(UInt64.self, at: 0) : UInt64(try entry.big(UInt32.self, at: 32)),
                    diskSize: extraLength >= 16 ? try rest.big(UInt64.self, at: 8) : nil))
            // The entry lies in the file, so nothing overflows.
            place += (40 + UInt64(length) + 7) / 8 * 8
        }
    }
}
