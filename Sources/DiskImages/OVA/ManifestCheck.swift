internal import ByteReading

/// What became of a line of an OVA's manifest when its member was read.
public struct ManifestCheck: Sendable, Hashable {
    /// What was found.
    public enum Result: Sendable, Hashable {
        /// The member has the checksum that the manifest says.
        case same
        /// The member has another.
        case different(found: String)
        /// There is no member of this name.
        case missing
        /// The checksum is of a kind that this program does not make.
        case unknownAlgorithm
    }

    /// The line.
    public var entry: ArchiveFacts.ManifestEntry
    /// What was found.
    public var result: Result
}

extension ArchiveFacts {
    /// Reads the members that the manifest names, all of their bytes, and compares their checksums.
    ///
    /// - Throws: ``ByteReading/FormatError`` where a member cannot be read.
    func checkManifest(_ image: any BlockReader) throws(FormatError) -> [ManifestCheck] {
        var checks: [ManifestCheck] = []
        for entry in manifest {
            var check = ManifestCheck(entry: entry, result: .missing)
            if let member = members.first(where: { $0.name == entry.name }) {
                if let kind = SecureHash.Kind(rawValue: entry.algorithm) {
                    let found = try Self.digest(BlockSlice(image, start: member.offset, size: member.size), kind)
                    check.result = found == entry.digest ? .same : .different(found: found)
                } else {
                    check.result = .unknownAlgorithm
                }
            }
            checks.append(check)
        }
        return checks
    }

    private static func digest(_ content: BlockSlice, _ kind: SecureHash.Kind) throws(FormatError) -> String {
        var hash = SecureHash(kind)
        var place: UInt64 = 0
        while place < content.size {
            let count = Int(min(1 << 20, content.size - place))
            hash.add(try content.bytes(at: place, count: count))
            place += UInt64(count)
        }
        return hash.digest()
    }
}
