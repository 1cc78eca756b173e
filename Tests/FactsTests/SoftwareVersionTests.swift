import Facts
import Testing

struct SoftwareVersionTests {
    @Test(arguments: [
        ("7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)", SoftwareVersion(7, 2, 22)), ("10.1", SoftwareVersion(10, 1, 0)),
        ("6.1.0-37-amd64", SoftwareVersion(6, 1, 0)), ("9.0.50", SoftwareVersion(9, 0, 50)),
    ])
    func `the numbers at the start are the version`(text: String, version: SoftwareVersion) {
        #expect(SoftwareVersion(startOf: text) == version)
    }

    @Test(arguments: ["", "v7.2", "-1", ".5", "99999999999999999999.1", "١.٢"])
    func `a text without them is none`(text: String) {
        #expect(SoftwareVersion(startOf: text) == nil)
    }

    @Test func `versions are ordered by numbers, not by letters`() throws {
        #expect(SoftwareVersion(10, 0) > SoftwareVersion(9, 9, 9))
        #expect(SoftwareVersion(6, 2) == SoftwareVersion(6, 2, 0))
        #expect(SoftwareVersion(7, 2, 1) > SoftwareVersion(7, 2))
    }
}
