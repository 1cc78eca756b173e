/// The version of kvmcheck.
public enum Version {
    /// As `kvmcheck --version` prints it.
    public static let current = "0.1.0"
}
