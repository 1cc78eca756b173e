/// What the headers and the metadata of a VHDX say.
public struct VHDXFacts: Sendable, Hashable {
    /// `fixed`, `dynamic` or `differencing`.
    public var subformat: String
    /// Who made it: `QEMU v7.2.0`, `Microsoft Windows 10.0.14393.0`.
    public var creator: String
    /// Whether each of the two headers is whole.
    public var headersAreIntact: [Bool]
    /// Whether each of the two region tables is whole.
    public var regionTablesAreIntact: [Bool]
    /// How many entries of the log had to be replayed, in memory, to read it: it was not closed.
    public var replayedLogEntries: Int
    /// The size of a sector that the guest sees, in bytes: 512 or 4096.
    public var logicalSectorSize: Int
    /// The size of a sector underneath, in bytes.
    public var physicalSectorSize: Int
    /// The disk's unique id.
    public var identity: String
    /// The id that its data have; a child names its parent's.
    public var dataWriteIdentity: String
    /// The id of its data that the parent has to have; nil where there is no parent.
    public var parentLinkage: String?
}
