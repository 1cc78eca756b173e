internal import Glibc
internal import KVMCheckKit

/// What the commands that ask a libvirt have in common.
enum LibvirtOptions {
    static let connect = Option(
        "connect", short: "c", takes: .text("URI"),
        "the libvirt to ask, as virsh's --connect; else LIBVIRT_DEFAULT_URI, or libvirt's own choice")

    /// The libvirt that a command line and its environment mean.
    static func choice(_ arguments: Arguments) -> LibvirtChoice {
        LibvirtChoice(
            connect: arguments.last(connect), environmentURI: Terminal.environment("LIBVIRT_DEFAULT_URI"),
            user: geteuid(), configurationFolder: Terminal.configurationFolder,
            runtimeFolder: Terminal.environment("XDG_RUNTIME_DIR"))
    }
}
