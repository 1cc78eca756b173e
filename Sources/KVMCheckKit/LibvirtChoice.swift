internal import LibvirtProbes

/// Which libvirt is asked, as a user of virsh chooses it.
public struct LibvirtChoice: Sendable {
    /// The URI or alias, as virsh's `--connect`.
    public var connect: String?
    /// The value of `LIBVIRT_DEFAULT_URI`.
    public var environmentURI: String?
    /// The effective user of the process, by number: root is asked for no password, and has the system's libvirt.conf.
    public var user: UInt32
    /// The user's own configuration: `$XDG_CONFIG_HOME`, or `~/.config`.
    public var configurationFolder: String?
    /// Where the user's sockets are: `$XDG_RUNTIME_DIR`.
    public var runtimeFolder: String?

    /// Makes a choice; see the properties.
    public init(
        connect: String? = nil, environmentURI: String? = nil, user: UInt32 = 0, configurationFolder: String? = nil,
        runtimeFolder: String? = nil
    ) {
        self.connect = connect
        self.environmentURI = environmentURI
        self.user = user
        self.configurationFolder = configurationFolder
        self.runtimeFolder = runtimeFolder
    }

    /// The files of QEMU's driver that a URI stands for; nil where its files are not here, or are another driver's.
    ///
    /// - Parameter uri: nil for libvirt's own choice: the system for root, and the user's session for others.
    func directories(of uri: LibvirtURI?) -> ConfigurationInventory.Directories? {
        if let uri, !uri.isLocal || uri.driver != .known("qemu") { return nil }
        guard uri?.path == "/session" || uri == nil && user != 0 else { return .system }
        guard let configurationFolder else { return nil }
        return .session(configuration: configurationFolder, runtime: runtimeFolder ?? "/run/user/\(user)")
    }
}
