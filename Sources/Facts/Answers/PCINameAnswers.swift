public import Evidence

/// What udev's hardware database says of the PCI devices that the report speaks of.
public struct PCINameAnswers: Sendable, Codable {
    /// The name by the device's `modalias`; unknown where there is no libudev, or it has no database.
    public var names: [String: Observation<DeviceName>] = [:]

    /// Of which nothing is known.
    public init() {}
}

/// Vendor and model of a device, in the words of udev's hardware database.
public struct DeviceName: Sendable, Hashable, Codable {
    /// `ID_VENDOR_FROM_DATABASE`, such as `Intel Corporation`.
    public var vendor: String
    /// `ID_MODEL_FROM_DATABASE`, such as `Ethernet Controller E810-XXV for SFP`; nil where only the vendor is known.
    public var model: String?

    /// Makes a name from a vendor and, where it is known, a model.
    public init(vendor: String, model: String? = nil) {
        self.vendor = vendor
        self.model = model
    }
}

extension DeviceName: CustomStringConvertible {
    /// Vendor and model, with a blank between.
    public var description: String { model.map { "\(vendor) \($0)" } ?? vendor }
}
