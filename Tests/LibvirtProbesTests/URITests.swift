import Evidence
import Testing

@testable import LibvirtProbes

struct URITests {
    @Test func `the book's remote example is taken apart`() throws {
        let uri = try LibvirtURI("qemu+ssh://root@remoteserver.yourdomain.com/system")
        #expect(uri.driver == .known("qemu"))
        #expect(uri.transport == .ssh)
        #expect(uri.user == "root")
        #expect(uri.host == "remoteserver.yourdomain.com")
        #expect(uri.port == nil)
        #expect(uri.path == "/system")
        #expect(!uri.isLocal)
        try uri.validate()
    }

    @Test func `addresses, ports and parameters are taken apart`() throws {
        let uri = try LibvirtURI("qemu+tcp://[2001:db8::1]:1650/system?no_verify=1&socket=%2Ftmp%2Fa%20b&name")
        #expect(uri.host == "2001:db8::1")
        #expect(uri.port == 1650)
        #expect(uri.parameters.map(\.name) == ["no_verify", "socket", "name"])
        #expect(uri.parameter("socket") == "/tmp/a b")
        #expect(uri.parameter("name") == "")
    }

    @Test(arguments: [
        "qemu:///system", "qemu:///session", "qemu:///embed?root=/srv/vm", "qemu+unix:///system", "test:///default",
        "test:///srv/host.xml", "xen:///system", "xen", "lxc:///", "lxc:///system", "qemu+SSH://host/system",
        "qemu+libssh2://root@host/system?known_hosts=/x", "esx://root@esx.example.com/?no_verify=1",
        "vpx://a@vc.example.com/Datacenter/esx", "tomorrow:///system", "qemu://host/?name=qemu:///system",
    ])
    func `what virsh takes is taken`(text: String) throws {
        try LibvirtURI(text).validate()
    }

    /// What libvirt 9.0 says of them, with a daemon: "no connection driver available", "unexpected qemu URI path".
    @Test(arguments: [
        ("QEMU:///system", LibvirtError.Kind.unknownScheme, "qemu:///system"),
        ("Qemu+ssh://root@host:22/System?no_tty=1", .unknownScheme, "qemu+ssh://root@host:22/system?no_tty=1"),
        ("qemu:///SYSTEM", .malformedURI, "qemu:///system"),
        ("qemu:///Session", .malformedURI, "qemu:///session"),
        ("qemu:///", .malformedURI, "qemu:///system"),
        ("qemu:", .malformedURI, "qemu:///system"),
        ("qemu://host/", .malformedURI, "qemu://host/system"),
        ("qemu+ssh://[::1]/x", .malformedURI, "qemu+ssh://[::1]/system"),
        ("xen:///session", .malformedURI, "xen:///system"),
        ("test:///", .malformedURI, "test:///default"),
        ("qemu:///embed", .malformedURI, "qemu:///embed?root=/an/absolute/path"),
        ("qemu+unix://host/system", .malformedURI, "qemu+ssh://host/system"),
    ])
    func `what the driver refuses is corrected`(text: String, kind: LibvirtError.Kind, corrected: String) throws {
        let error = #expect(throws: LibvirtError.self) { try LibvirtURI(text).validate() }
        #expect(error?.kind == kind)
        #expect(error?.remedy.contains(corrected) == true, "\(error?.remedy ?? "")")
    }

    @Test(arguments: [
        "", "qemu", "///", "qemu//system", ":///system", "1qemu:///system", "qemu+foo:///system", "qemu:///sys tem",
        "qemu://host:port/system", "qemu://host:0/system", "qemu://host:65536/system", "qemu+tcp://[::1/system",
        "qemu+tcp://[::1]x/system", "qemu:///system\n",
    ])
    func `what is no URI is refused`(text: String) {
        let error = #expect(throws: LibvirtError.self) { try LibvirtURI(text) }
        #expect(error?.kind == .malformedURI)
        #expect(error?.remedy.isEmpty == false)
    }

    // MARK: - Which one

    private static let configuration = """
        # uri_default = "qemu:///session"
        uri_aliases = [
          "hail=qemu+ssh://root@hail.cloud.example.com/system", # "no=no"
          'sleet=qemu+ssh://root@sleet.cloud.example.com/system?no_tty=1',
        ]
        uri_default = "hail"
        """

    private func choose(_ requested: String?, _ environment: String?, _ text: String? = configuration) throws -> String?
    {
        var source = MemorySource()
        if let text { source.insert(.text(text), at: "/etc/libvirt/libvirt.conf") }
        return try LibvirtURI.choose(
            requested: requested, environment: environment, source: source,
            configuration: LibvirtURI.configuration(user: 0, userFolder: nil))?.text
    }

    @Test func `the option comes before the environment, and that before the configuration`() throws {
        #expect(try choose("test:///default", "qemu:///session") == "test:///default")
        #expect(try choose(nil, "qemu:///session") == "qemu:///session")
        #expect(try choose(nil, "") == "qemu+ssh://root@hail.cloud.example.com/system")
        #expect(try choose(nil, nil, nil) == nil)
    }

    @Test func `an alias is what it stands for`() throws {
        #expect(try choose("sleet", nil) == "qemu+ssh://root@sleet.cloud.example.com/system?no_tty=1")
        let error = #expect(throws: LibvirtError.self) { try choose("no", nil) }
        #expect(error?.kind == .malformedURI)
    }

    @Test func `users have a configuration of their own`() {
        #expect(
            LibvirtURI.configuration(user: 1000, userFolder: "/home/u/.config")
                == "/home/u/.config/libvirt/libvirt.conf")
        #expect(LibvirtURI.configuration(user: 0, userFolder: "/root/.config") == "/etc/libvirt/libvirt.conf")
    }
}
