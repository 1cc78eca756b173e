/// What device nodes answer when they are opened and asked for their features.
public struct DeviceAnswers: Sendable, Codable {
    /// Of which nothing is known.
    public init() {}
}
