internal import LinuxIO
internal import Synchronization

/// A reference to an object of libvirt's, given back when its last owner goes.
///
/// A call that is left behind at its deadline still owns what it was called with, so nothing is freed under it.
@safe final class LibvirtObject: Sendable {
    typealias Release = @convention(c) (OpaquePointer?) -> Int32

    // SAFETY: a counted reference that libvirt returned, as a number, because its objects may be used by all threads; and
    // the function of libvirt that gives back a reference of that type.
    private let address: UInt
    private let release: Release
    /// The connection that it came over, which closes only when nothing is left of it.
    private let connection: LibvirtObject?
    /// How long giving back may take; nil where it asks nobody.
    private let deadline: Duration?
    private let isAbandoned = Mutex(false)

    /// Takes over a reference that came over a connection; nil for nil.
    init?(taking pointer: OpaquePointer?, release: Release, over connection: LibvirtObject) {
        guard let pointer = unsafe pointer else { return nil }
        address = UInt(bitPattern: pointer)
        unsafe self.release = unsafe release
        self.connection = connection
        deadline = nil
    }

    /// Takes over a connection, whose daemon is told when it closes; nil for nil.
    init?(takingConnection pointer: OpaquePointer?, close: Release, within deadline: Duration) {
        guard let pointer = unsafe pointer else { return nil }
        address = UInt(bitPattern: pointer)
        unsafe release = unsafe close
        connection = nil
        self.deadline = deadline
    }

    deinit {
        // What closes a connection waits for the daemon's answer. Where none can come, the connection stays to the end of
        // the process.
        if isAbandoned.withLock({ $0 }) { return }
        guard let deadline else {
            _ = unsafe release(pointer)
            return
        }
        let (address, release) = unsafe (address, release)
        _ = try? DeadlineCall.run(within: deadline) { unsafe release(OpaquePointer(bitPattern: address)) }
    }

    /// The reference, for calls.
    var pointer: OpaquePointer? { unsafe OpaquePointer(bitPattern: address) }

    /// Gives up the daemon at the other end.
    func abandon() { isAbandoned.withLock { $0 = true } }

    /// Whether the daemon was given up.
    var wasAbandoned: Bool { isAbandoned.withLock { $0 } }
}
