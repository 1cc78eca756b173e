public import Evidence

/// What statvfs(3) answers about the file systems that guests' disks end up on.
public struct CapacityAnswers: Sendable, Codable {
    /// The file system of `/`.
    public var root: Observation<FileSystemSpace> = .notProbed
    /// The file system of `/var`, below which libvirt, nova and Eucalyptus keep disks by default.
    public var variable: Observation<FileSystemSpace> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// The room of a file system, in bytes.
public struct FileSystemSpace: Sendable, Hashable, Codable {
    /// All of it.
    public var total: UInt64
    /// What an unprivileged user can still fill.
    public var available: UInt64

    /// Makes the room of a file system; see the properties.
    public init(total: UInt64, available: UInt64) {
        self.total = total
        self.available = available
    }
}
