internal import CLibvirt
internal import Evidence

/// Why one call of libvirt's has no result.
enum LibvirtFault: Error, Sendable, Hashable {
    /// libvirt refused, with its error number, the errno that may belong to it, and its words.
    case refused(code: UInt32, errno: Int32, message: String)
    /// The deadline passed.
    case timedOut
    /// There can be no thread for the call.
    case noThread(String)

    /// Whether the object is gone since it was listed.
    var saysVanished: Bool {
        guard case .refused(let code, _, _) = self else { return false }
        return Self.vanished.contains(code)
    }

    private static let vanished: Set<UInt32> = [
        VIR_ERR_NO_DOMAIN.rawValue, VIR_ERR_NO_NETWORK.rawValue, VIR_ERR_NO_STORAGE_POOL.rawValue,
        VIR_ERR_NO_STORAGE_VOL.rawValue, VIR_ERR_NO_NODE_DEVICE.rawValue, VIR_ERR_NO_INTERFACE.rawValue,
        VIR_ERR_NO_NWFILTER.rawValue, VIR_ERR_NO_SECRET.rawValue, VIR_ERR_NO_DOMAIN_SNAPSHOT.rawValue,
    ]

    /// Whether the driver has no such function.
    var saysUnsupported: Bool {
        guard case .refused(let code, _, _) = self else { return false }
        return [
            VIR_ERR_NO_SUPPORT.rawValue, VIR_ERR_OPERATION_UNSUPPORTED.rawValue, VIR_ERR_ARGUMENT_UNSUPPORTED.rawValue,
            VIR_ERR_CONFIG_UNSUPPORTED.rawValue,
        ].contains(code)
    }

    /// Whether an argument does not have the form that it must have.
    var saysWrongArgument: Bool {
        guard case .refused(let code, _, _) = self else { return false }
        return code == VIR_ERR_INVALID_ARG.rawValue
    }

    /// What an observer learns: nothing, and why.
    func obstacle(_ operation: String) -> Obstacle {
        switch self {
        case .timedOut: return Obstacle(.timedOut, operation)
        case .noThread(let name): return Obstacle(.systemError, operation, name)
        case .refused(let code, _, let message):
            let kind: Obstacle.Kind =
                switch code {
                case _ where saysUnsupported: .unsupported
                // What no read-only connection may ask, whoever asks: no privilege of the user helps.
                case VIR_ERR_OPERATION_DENIED.rawValue: .unsupported
                case VIR_ERR_ACCESS_DENIED.rawValue, VIR_ERR_AUTH_FAILED.rawValue,
                    VIR_ERR_AUTH_UNAVAILABLE.rawValue:
                    .permissionDenied
                case VIR_ERR_OPERATION_TIMEOUT.rawValue, VIR_ERR_AGENT_UNRESPONSIVE.rawValue: .timedOut
                default: .systemError
                }
            return Obstacle(kind, operation, message)
        }
    }
}
