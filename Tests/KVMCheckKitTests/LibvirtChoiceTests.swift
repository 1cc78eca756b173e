import LibvirtProbes
import Testing

@testable import KVMCheckKit

/// Whose files are read where no daemon answers.
struct LibvirtChoiceTests {
    @Test(
        arguments: [
            (nil, 0, "/etc/libvirt"), (nil, 1000, "/home/u/.config/libvirt"),
            ("qemu:///system", 1000, "/etc/libvirt"), ("qemu:///session", 0, "/home/u/.config/libvirt"),
            ("qemu+ssh://node7/system", 0, nil), ("xen:///system", 0, nil), ("test:///default", 0, nil),
        ] as [(String?, UInt32, String?)])
    func `the files are those of the URI, or of libvirt's choice for the user`(
        uri: String?, user: UInt32, folder: String?
    ) throws {
        let choice = LibvirtChoice(user: user, configurationFolder: "/home/u/.config")
        #expect(choice.directories(of: try uri.map { try LibvirtURI($0) })?.configuration == folder)
    }

    @Test func `a user without a home has no files`() {
        #expect(LibvirtChoice(user: 1000).directories(of: nil) == nil)
    }
}
