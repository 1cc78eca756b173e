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

    /// Makes a choice; see the properties.
    public init(
        connect: String? = nil, environmentURI: String? = nil, user: UInt32 = 0, configurationFolder: String? = nil
    ) {
        self.connect = connect
        self.environmentURI = environmentURI
        self.user = user
        self.configurationFolder = configurationFolder
    }
}
