internal import CLibvirt
@_spi(Probing) internal import Evidence
internal import LinuxIO

/// A connection to a libvirt, on which nothing but getters is ever called. The corresponding C functions are
/// `virConnectOpenReadOnly` and, where the caller says so, `virConnectOpen`; see ``Access``.
///
/// Every call has a deadline; see ``DeadlineCall`` for what becomes of a call that misses it. Then the daemon is asked for
/// something that it always knows. If it does not answer that either, no other call is made. (A daemon serves five calls of
/// one client at a time, `max_client_requests`; so five domains whose QEMU hangs are the most that one connection bears.)
///
/// libvirt's keepalive is not used: it wants an event loop on a thread of its own, and tells no more than the deadline.
public final class LibvirtConnection: Sendable {
    /// What a connection may be asked.
    public enum Access: Sendable, Hashable {
        /// All that anybody may ask: what is defined, what runs and how.
        case readOnly
        /// Guest agents and domain capabilities too, which libvirt refuses to a read-only connection
        /// (`virCheckReadOnlyGoto`, CVE-2019-10167 and CVE-2019-3886). The same connection could change everything, so that
        /// libvirt asks polkit for a password where the user is not root; it is opened only where the caller has asked for
        /// what needs it, or where nobody is asked anything.
        case full
    }

    /// The default deadline of each call: ten seconds.
    public static let defaultDeadline = Duration.seconds(10)

    /// The URI that answers, in libvirt's own form.
    public let uri: LibvirtURI
    let library: LibvirtLibrary
    private let connection: LibvirtObject
    private let deadline: Duration

    private init(uri: LibvirtURI, library: LibvirtLibrary, connection: LibvirtObject, deadline: Duration) {
        self.uri = uri
        self.library = library
        self.connection = connection
        self.deadline = deadline
    }

    /// Connects. As with virsh, a user's `qemu:///session` starts that user's daemon where none runs.
    ///
    /// - Parameters:
    ///   - uri: Where to; nil leaves it to libvirt, which asks its daemon.
    ///   - access: What is to be asked.
    ///   - deadline: How long each call may take, this one too.
    /// - Throws: ``LibvirtError``.
    public static func open(
        _ uri: LibvirtURI?, access: Access = .readOnly, deadline: Duration = defaultDeadline
    ) throws(LibvirtError) -> LibvirtConnection {
        let given = uri?.text ?? ""
        try uri?.validate()
        let library: LibvirtLibrary
        do throws(LibvirtLibrary.Fault) {
            library = try LibvirtLibrary()
        } catch {
            throw LibvirtError(error, uri: given)
        }
        let connection = open(given.isEmpty ? nil : given, access, library, deadline)
        switch connection {
        case .success(let connection):
            let found = ask(library, within: deadline) { [connection] library in
                unsafe library.take(library.connectGetURI(connection.pointer))
            }
            let text = (try? found.get()) ?? given
            let answering: LibvirtURI =
                if let read = try? LibvirtURI(text) {
                    read
                } else if let uri {
                    uri
                } else {
                    try LibvirtURI(text)
                }
            return LibvirtConnection(uri: answering, library: library, connection: connection, deadline: deadline)
        case .failure(let fault):
            throw LibvirtError(fault, uri: uri, deadline: deadline)
        }
    }

    private static func open(
        _ uri: String?, _ access: Access, _ library: LibvirtLibrary, _ deadline: Duration
    ) -> Result<LibvirtObject, LibvirtFault> {
        ask(library, within: deadline) { library in
            guard library.initialize() == 0 else { return nil }
            library.keepQuiet()
            let connection =
                switch access {
                case .readOnly: unsafe library.connectOpenReadOnly(uri)
                case .full: unsafe library.connectOpen(uri)
                }
            return unsafe LibvirtObject(
                takingConnection: connection, close: library.connectClose, within: deadline)
        }
    }

    // MARK: - Calls

    /// What a call comes to; a nil of the body means that libvirt has said why.
    func ask<Value: Sendable>(
        _ body: @escaping @Sendable (LibvirtLibrary, LibvirtObject) -> Value?
    ) -> Result<Value, LibvirtFault> {
        guard !connection.wasAbandoned else { return .failure(.timedOut) }
        let result = Self.ask(library, within: deadline) { [connection] library in
            body(library, connection)
        }
        guard case .failure(.timedOut) = result else { return result }
        let sign = Self.ask(library, within: deadline) { [connection] library -> UInt? in
            var version: UInt = 0
            return unsafe library.connectGetLibVersion(connection.pointer, &version) < 0 ? nil : version
        }
        if case .failure(.timedOut) = sign { connection.abandon() }
        return result
    }

    private static func ask<Value: Sendable>(
        _ library: LibvirtLibrary, within deadline: Duration,
        _ body: @escaping @Sendable (LibvirtLibrary) -> Value?
    ) -> Result<Value, LibvirtFault> {
        do {
            // libvirt keeps the last error for each thread: it is read where the call was made.
            let result = try DeadlineCall.run(within: deadline) { () -> Result<Value, LibvirtFault> in
                if let value = body(library) { return .success(value) }
                return .failure(library.lastFault())
            }
            return result ?? .failure(.timedOut)
        } catch {
            return .failure(.noThread(error.name))
        }
    }
}
