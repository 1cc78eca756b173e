internal import ByteReading

/// The footer of a VHD; to be read.
struct VHDFooter {
    /// Whether a footer's copy at the start says that the disk is dynamic (3) or differencing (4): a fixed disk has none,
    /// and starts with what the guest wrote.
    static func hasDynamicType(_ head: Fields) -> Bool {
        let type = (try? head.big(UInt32.self, at: 60)) ?? 0
        return type == 3 || type == 4
    }
}
