/// Numbers of bytes for people.
public enum ByteCount {
    /// Bytes in the largest unit that leaves something before the point: `4 GiB`, `1.5 MiB`, `512 bytes`.
    public static func text(_ bytes: UInt64) -> String {
        let units: [(UInt64, String)] = [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        for (unit, name) in units where bytes >= unit {
            let tenths = bytes % unit * 10 / unit
            return tenths == 0 ? "\(bytes / unit) \(name)" : "\(bytes / unit).\(tenths) \(name)"
        }
        return "\(bytes) bytes"
    }
}
