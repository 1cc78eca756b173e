import Evidence
import Facts
import Testing

@testable import LibvirtProbes

/// libvirt's own test driver: it runs in the library and needs no daemon.
struct TestDriverTests {
    @Test func `the default host connects`() throws {
        let connection = try LibvirtConnection.open(LibvirtURI("test:///default"))
        #expect(connection.uri.text == "test:///default")
    }
}
