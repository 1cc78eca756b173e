/// A reference to an object of libvirt's, given back when its last owner goes.
///
/// A call that is left behind at its deadline still owns what it was called with, so nothing is freed under it.
@safe final class LibvirtObject: Sendable {
    typealias Release = @convention(c) (OpaquePointer?) -> Int32

    // SAFETY: a counted reference that libvirt returned, as a number, because its objects may be used by all threads; and
    // the function of libvirt that gives back a reference of that type.
    private let address: UInt
    private let release: Release

    /// Takes over a reference; nil for nil.
    init?(taking pointer: OpaquePointer?, release: Release) {
        guard let pointer = unsafe pointer else { return nil }
        address = UInt(bitPattern: pointer)
        unsafe self.release = unsafe release
    }

    deinit { _ = unsafe release(pointer) }

    /// The reference, for calls.
    var pointer: OpaquePointer? { unsafe OpaquePointer(bitPattern: address) }
}
