import Glibc

/// A Unix socket in a folder of its own that takes connections (the kernel does, into its backlog) and never answers.
final class ListeningSocket {
    let path: String
    private let folder: String
    private var descriptor: Int32 = -1

    init(mode: mode_t = 0o777) throws {
        var template = Array("/tmp/kvmcheck-socket-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure.errno(errno) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(folder, 0o755)
        path = "\(folder)/libvirt-sock-ro"
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(descriptor, 8) == 0, chmod(path, mode) == 0 else { throw Failure.errno(errno) }
    }

    enum Failure: Error {
        case errno(Int32)
    }

    /// Leaves the socket's file, with nobody behind it: what a daemon that was killed leaves.
    func abandon() {
        close(descriptor)
        descriptor = -1
    }

    /// Takes the files away; for who ends the process without a `deinit`.
    func remove() {
        unlink(path)
        rmdir(folder)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        remove()
    }
}
