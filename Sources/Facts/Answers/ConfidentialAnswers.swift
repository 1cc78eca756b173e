public import Evidence

/// What `/dev/sev` answers.
public struct ConfidentialAnswers: Sendable, Codable {
    /// How `open("/dev/sev", O_RDONLY)` ended.
    public var openSEV: Observation<CallResult> = .notProbed
    /// The answer of SEV_ISSUE_CMD with SEV_PLATFORM_STATUS, a query that changes nothing.
    public var sevStatus: Observation<SEVPlatformStatus> = .notProbed

    /// Of which nothing is known.
    public init() {}
}

/// `struct sev_user_data_status` of linux/psp-sev.h.
public struct SEVPlatformStatus: Sendable, Hashable, Codable {
    /// The major version of the firmware's API.
    public var major: Int
    /// The minor version of the firmware's API.
    public var minor: Int
    /// The firmware's build.
    public var build: Int
    /// The platform's state: 0 uninitialised, 1 initialised, 2 working.
    public var state: Int
    /// Whether the platform is initialised for SEV-ES (`SEV_STATUS_FLAGS_CONFIG_ES`).
    public var isInitialisedForES: Bool
    /// How many guests the firmware has.
    public var guestCount: Int

    /// Makes a status; see the properties.
    public init(major: Int, minor: Int, build: Int, state: Int, isInitialisedForES: Bool, guestCount: Int) {
        self.major = major
        self.minor = minor
        self.build = build
        self.state = state
        self.isInitialisedForES = isInitialisedForES
        self.guestCount = guestCount
    }

    /// The version as AMD writes it: `1.55 build 8`.
    public var version: String { "\(major).\(minor) build \(build)" }
}
