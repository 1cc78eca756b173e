/// What a compressed file holds, by its beginning and by what its end says.
public struct CompressedFacts: Sendable, Hashable {
    /// What is in it, by its first 64 KiB; nil where these could not be unpacked.
    public var content: ImageFormat?
    /// The size of the disk in what is in it, where its header says one: a raw disk says none.
    public var virtualSize: UInt64?
    /// How many bytes come out, as the file itself says it; nil where it does not (gzip keeps the size modulo 4 GiB only).
    public var unpackedSize: UInt64?
}
