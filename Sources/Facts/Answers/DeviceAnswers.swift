public import Evidence

/// What device nodes answer when they are opened and asked for their features.
public struct DeviceAnswers: Sendable, Codable {
    /// `/dev/net/tun`, asked with TUNGETFEATURES.
    public var tun = DeviceAnswer()
    /// `/dev/vhost-net`, asked with VHOST_GET_FEATURES.
    public var vhostNet = DeviceAnswer()
    /// `/dev/vhost-vsock`, asked with VHOST_GET_FEATURES.
    public var vhostVsock = DeviceAnswer()
    /// `/dev/vhost-scsi`, asked with VHOST_GET_FEATURES.
    public var vhostSCSI = DeviceAnswer()

    /// Of which nothing is known.
    public init() {}

    /// Of the fit host; see ``HostFacts/sample``.
    public static var sample: DeviceAnswers {
        var answers = DeviceAnswers()
        // IFF_TUN, IFF_TAP, IFF_NAPI, IFF_NAPI_FRAGS, IFF_MULTI_QUEUE, IFF_ONE_QUEUE, IFF_NO_PI, IFF_VNET_HDR: Linux 6.1.
        answers.tun = DeviceAnswer(features: 0x7133)
        // As Debian 12's Linux 6.1.0-56 answered.
        answers.vhostNet = DeviceAnswer(features: 0x3_3d00_8000)
        answers.vhostVsock = DeviceAnswer(features: 0x3_3d00_0002)
        answers.vhostSCSI = DeviceAnswer(features: 0x1_3d00_000a)
        return answers
    }
}

/// How one device node was opened and asked.
public struct DeviceAnswer: Sendable, Codable {
    /// How `open(O_RDWR)` ended; unknown where the node is not the device's and was therefore not opened.
    public var open: Observation<CallResult> = .notProbed
    /// How the ioctl ended: ENOTTY is what a device answers that is not the one meant.
    public var call: Observation<CallResult> = .notProbed
    /// The features that the ioctl answered, as the kernel numbers them.
    public var features: Observation<UInt64> = .notProbed

    /// Of which nothing is known.
    public init() {}

    /// A device that opened and answered.
    public init(features: UInt64) {
        open = .known(CallResult())
        call = .known(CallResult())
        self.features = .known(features)
    }

    /// A device that did not open.
    public init(errno: String) {
        open = .known(CallResult(errno: errno))
    }
}
