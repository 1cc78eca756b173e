internal import ByteReading
internal import FileSystems
enum ContentIdentity {
    struct X { var type: String; var label: String?; var uuid: String? }
    static func identify(_ b: any BlockReader) throws(FormatError) -> X? { try ExtFileSystem.recognises(b) ? X(type: "ext4") : nil }
}
