internal import ByteReading
internal import FileSystems

enum ContentIdentity {
    struct X {
        var type: String
        var label: String?
        var uuid: String?
    }
    static func identify(_ b: any BlockReader) throws(FormatError) -> X? { nil }
}
enum FileSystemOpening {
    static func open(_ b: any BlockReader) throws(FormatError) -> (any FileSystemReader)? { nil }
}
