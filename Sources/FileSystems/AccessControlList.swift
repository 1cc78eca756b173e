/// A POSIX access control list, in the form that `getxattr(2)` gives: version 2, then tag, permissions and id.
///
/// Source: Linux, include/uapi/linux/posix_acl_xattr.h. File systems store forms of their own.
struct AccessControlList {
    private static let version: UInt32 = 2
    /// What stands in the place of an id where the tag needs none (`ACL_UNDEFINED_ID`).
    static let noID = UInt32.max
    /// The tags of a named user and a named group.
    static let user: UInt16 = 0x02
    static let group: UInt16 = 0x08

    private(set) var bytes: [UInt8] = []

    init() { append(Self.version) }

    mutating func append(tag: UInt16, permissions: UInt16, id: UInt32) {
        append(tag)
        append(permissions)
        append(tag == Self.user || tag == Self.group ? id : Self.noID)
    }

    private mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        for index in 0..<(Value.bitWidth / 8) { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
}
