/// What stands in a tar file: an OVA, or a disk alone, as Google's cloud takes one.
public struct ArchiveFacts: Sendable, Hashable {
    /// A member.
    public struct Member: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Where its bytes begin in the file.
        public var offset: UInt64
        /// How many bytes it has.
        public var size: UInt64
        /// What it is, if it is a disk; nil for the descriptor, the manifest and the like.
        public var disk: ImageFacts.Summary?
    }

    /// The members in their order.
    public var members: [Member]
    /// The name of the OVF descriptor, which is the first of an OVA; nil where there is none.
    public var descriptor: String?
    /// What the manifest says that the members' checksums are; empty where there is none.
    public var manifest: [ManifestEntry]

    /// The disks among the members.
    public var disks: [Member] { members.filter { $0.disk != nil } }

    /// A line of the manifest: `SHA256(vm.ovf)= 0123…`.
    public struct ManifestEntry: Sendable, Hashable {
        /// `SHA1`, `SHA256` or `SHA512`, as it is written.
        public var algorithm: String
        /// The member.
        public var name: String
        /// The checksum in hexadecimal, lower case.
        public var digest: String
    }
}

extension ImageFacts {
    /// What an image inside another file is.
    public struct Summary: Sendable, Hashable {
        /// What it is by its content.
        public var format: ImageFormat
        /// The kind within the format; nil where there is none.
        public var subformat: String?
        /// The size of the disk in bytes; nil where its header cannot be read.
        public var virtualSize: UInt64?
    }
}
