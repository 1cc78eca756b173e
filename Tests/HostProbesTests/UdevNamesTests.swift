@_spi(Probing) import Evidence
import Foundation
import Testing

@testable import UdevProbes

struct UdevNamesTests {
    static let databases = [
        "/etc/systemd/hwdb/hwdb.bin", "/etc/udev/hwdb.bin", "/usr/lib/systemd/hwdb/hwdb.bin", "/usr/lib/udev/hwdb.bin",
        "/lib/udev/hwdb.bin",
    ]
    static let hasDatabase = databases.contains { FileManager.default.fileExists(atPath: $0) }

    /// The name is that of the public PCI ID repository, which hwdb is made from.
    @Test(.enabled(if: hasDatabase)) func `udev's database knows the X540's virtual function`() throws {
        let name = UdevNames().name(modalias: "pci:v00008086d00001515sv00000000sd00000000bc02sc00i00")
        let known = try #require(name.known)
        #expect(known.vendor == "Intel Corporation")
        #expect(known.model == "X540 Ethernet Controller Virtual Function")
    }

    @Test(.enabled(if: hasDatabase)) func `a device that nobody has registered has no name`() throws {
        #expect(UdevNames().name(modalias: "pci:v0000FFF5d00000001sv00000000sd00000000bc02sc00i00").isAbsent)
        #expect(UdevNames().name(modalias: "").isAbsent)
    }

    @Test(.enabled(if: !hasDatabase)) func `without a database a name is unknown and not absent`() {
        let name = UdevNames().name(modalias: "pci:v00008086d00001515sv00000000sd00000000bc02sc00i00")
        #expect(name.obstacle?.kind == .unsupported)
    }
}
