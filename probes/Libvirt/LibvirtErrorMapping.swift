internal import CLibvirt
internal import Glibc

extension LibvirtError {
    /// What a library that cannot be used comes to.
    init(_ fault: LibvirtLibrary.Fault, uri: String) {
        switch fault {
        case .notInstalled:
            self.init(
                .notInstalled, uri: uri, "libvirt's client library \(LibvirtLibrary.soname) is not installed",
                remedy: "apt-get install libvirt0, or dnf install libvirt-libs")
        case .lacks(let function):
            self.init(
                .notInstalled, uri: uri, "libvirt's client library is older than 6.1: it has no \(function)",
                remedy: "upgrade libvirt")
        }
    }

    /// What a connection that was refused comes to.
    init(_ fault: LibvirtFault, uri: LibvirtURI?, deadline: Duration) {
        let text = uri?.text ?? ""
        let host = uri?.host
        let place = host ?? "this host"
        switch fault {
        case .noThread(let name):
            self.init(.other, uri: text, "no thread for the call: \(name)", remedy: "raise the limit (ulimit -u)")
        case .timedOut:
            self.init(
                .timedOut, uri: text, "libvirt on \(place) did not answer within \(deadline)",
                remedy: host.map { "ssh \($0) systemctl status libvirtd virtqemud" }
                    ?? "systemctl status libvirtd virtqemud, and journalctl -u libvirtd -u virtqemud")
        case .refused(let code, let errno, let message):
            let (kind, sentence, remedy) = Self.judged(code: code, errno: errno, message: message, uri: uri)
            self.init(kind, uri: text, sentence, remedy: remedy, message: message)
        }
    }

    private static func judged(
        code: UInt32, errno: Int32, message: String, uri: LibvirtURI?
    ) -> (Kind, String, String) {
        let host = uri?.host
        let place = host ?? "this host"
        let isLocal = uri?.isLocal ?? true
        let start = "systemctl start libvirtd, or systemctl start virtqemud.socket where the daemons are split"
        switch code {
        case VIR_ERR_NO_CONNECT.rawValue, VIR_ERR_CONFIG_UNSUPPORTED.rawValue:
            return (
                .unknownScheme, "no driver of libvirt answers to \(uri?.text ?? "this URI")",
                "use \(LibvirtURI.example)"
            )
        case VIR_ERR_INVALID_ARG.rawValue:
            return (.malformedURI, "libvirt does not accept the URI \(uri?.text ?? "")", "use \(LibvirtURI.example)")
        case VIR_ERR_AUTH_FAILED.rawValue, VIR_ERR_AUTH_CANCELLED.rawValue, VIR_ERR_AUTH_UNAVAILABLE.rawValue:
            if isLocal {
                return (
                    .permissionDenied, "the daemon does not let this user in",
                    "run as root, or as a user in the group libvirt: usermod -aG libvirt USER"
                )
            }
            return (
                .authenticationFailed, "libvirt on \(place) does not accept who asks", "check the user and its keys"
            )
        default: break
        }
        // ssh and the resolver report in texts of their own, which libvirt passes on.
        let says = { (words: String) in message.contains(words) }
        if says("Could not resolve hostname") || says("Unable to resolve address")
            || code == VIR_ERR_UNKNOWN_HOST.rawValue
        {
            return (.unknownHost, "the name \(place) does not resolve", "check the host's name: getent hosts \(place)")
        }
        if says("Permission denied (") || says("Host key verification failed") {
            return (
                .authenticationFailed, "ssh to \(place) is not let in", "try ssh \(place) true, and put a key there"
            )
        }
        if says("Cannot read CA certificate") || says("Cannot read certificate") || says("certificate") {
            return (
                .authenticationFailed, "TLS to \(place) needs certificates that are not there or not accepted",
                "use \(uri?.driver.name ?? "qemu")+ssh://\(place)\(uri?.path ?? "/system"), or set up /etc/pki/CA/cacert.pem"
            )
        }
        if case .other(let name) = uri?.driver, [ENOENT, ECONNREFUSED].contains(errno) {
            // The client cannot know tomorrow's drivers; today the missing daemon is not what is wrong.
            return (.unknownScheme, "libvirt has no driver \(name) that is known here", "use \(LibvirtURI.example)")
        }
        if says("user runtime directory") {
            // For whom no daemon of the system is meant, libvirt keeps a session's socket in a folder of the user's.
            return (
                .noDaemon, "this user has no folder for a libvirt session",
                "set HOME or XDG_RUNTIME_DIR to a folder of the user's, or use \(uri?.driver.name ?? "qemu"):///system"
            )
        }
        switch errno {
        case ENOENT where isLocal && uri?.path == "/session":
            return (
                .noDaemon, "this user has no libvirt daemon, and none could be started",
                "apt-get install libvirt-daemon, or use \(uri?.driver.name ?? "qemu"):///system"
            )
        case ENOENT where isLocal: return (.noDaemon, "no libvirt daemon listens here: its socket is missing", start)
        case ECONNREFUSED where isLocal:
            return (.refused, "the socket is there, and no libvirt daemon listens on it", start)
        case EACCES, EPERM:
            return (
                .permissionDenied, "this user may not open libvirt's socket",
                "run as root, or as a user in the group libvirt: usermod -aG libvirt USER"
            )
        default: break
        }
        if says("Connection refused") || errno == ECONNREFUSED {
            if says("ssh: connect to host") {
                return (
                    .refused, "no ssh daemon listens on \(place)",
                    "start sshd there, or name its port: \(uri?.driver.name ?? "qemu")+ssh://\(place):PORT\(uri?.path ?? "")"
                )
            }
            let unit = uri?.transport == .tcp ? "libvirtd-tcp.socket" : "libvirtd-tls.socket"
            return (
                .refused, "no libvirt daemon listens on \(place)",
                "ssh \(place) systemctl start \(unit), or use \(uri?.driver.name ?? "qemu")+ssh://\(place)\(uri?.path ?? "")"
            )
        }
        if says("No route to host") || says("Network is unreachable") || says("timed out") {
            return (.unreachable, "\(place) cannot be reached", "ping \(place)")
        }
        return (
            .other, "libvirt cannot connect to \(uri?.text ?? "its daemon")", "virsh -c \(uri?.text ?? "''") version"
        )
    }
}
