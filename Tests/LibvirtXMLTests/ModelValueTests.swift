import LibvirtXML
import Testing

struct ModelValueTests {
    private static func memory(_ number: String, _ unit: String?) throws -> Field<UInt64> {
        let unit = unit.map { " unit='\($0)'" } ?? ""
        let text = "<domain type='kvm'><memory\(unit)>\(number)</memory></domain>"
        return try #require(Domain(XMLDocument(parsing: text, name: "a.xml"))).memory
    }

    /// formatdomain.rst, "Memory Allocation": "b" or "bytes" for bytes, "KB" for kilobytes (10³), "k" or "KiB" for kibibytes
    /// (2¹⁰), "MB" (10⁶), "M" or "MiB" (2²⁰), "GB" (10⁹), "G" or "GiB" (2³⁰), "TB" (10¹²), "T" or "TiB" (2⁴⁰).
    @Test(
        arguments: [
            ("b", 1), ("bytes", 1), ("byte", 1), ("KB", 1000), ("k", 1024), ("K", 1024), ("KiB", 1024), ("kib", 1024),
            ("MB", 1_000_000), ("M", 1 << 20), ("MiB", 1 << 20), ("GB", 1_000_000_000), ("G", 1 << 30),
            ("GiB", 1 << 30),
            ("TB", 1_000_000_000_000), ("T", 1 << 40), ("TiB", 1 << 40), ("PiB", 1 << 50), ("E", 1 << 60), ("", 1024),
        ] as [(String, UInt64)]) func `units are libvirt's`(unit: String, bytes: UInt64) throws
    {
        #expect(try Self.memory("3", unit).get() == 3 * bytes)
    }

    @Test func `memory without a unit is in KiB, volumes in bytes`() throws {
        #expect(try Self.memory(" 4 ", nil).get() == 4096)
        let text = "<volume><name>a</name><capacity>4</capacity><allocation unit='K'>0</allocation></volume>"
        let volume = try #require(StorageVolume(XMLDocument(parsing: text, name: "v.xml")))
        #expect(try volume.capacity.get() == 4)
        #expect(try volume.allocation.get() == 0)
        #expect(try volume.physical.get() == nil)
    }

    @Test(arguments: [
        ("-1", "KiB"), ("", "KiB"), ("x", "KiB"), ("0x10", "KiB"), ("1.5", "GiB"), ("1e3", "KiB"), ("١", "KiB"),
        ("18446744073709551616", "bytes"), ("1180591620717411303424", "bytes"), ("18446744073709551615", "k"),
        ("16", "EiB"), ("1", "KiBB"), ("1", "parsec"), ("1", "kb b"), ("1", "zib"), ("1", " KiB"), ("+", "b"),
    ]) func `a size that is none is malformed, with its place`(number: String, unit: String) throws {
        let field = try Self.memory(number, unit)
        #expect(field.value == nil)
        #expect(field.isPresent)
        let malformed = #expect(throws: Malformed.self) { try field.get() }
        #expect(malformed?.position.description == "1:20")
        #expect(malformed?.xpath == "/domain/memory")
        #expect(malformed?.text == "\(number) \(unit)")
    }

    @Test func `the largest size is read`() throws {
        #expect(try Self.memory("18446744073709551615", "b").get() == .max)
        #expect(try Self.memory("15", "EiB").get() == 15 << 60)
    }

    /// formatdomain.rst, "CPU Allocation"; virsh's man page: evaluated from left to right.
    @Test(arguments: [
        ("0", [0]), ("0-3", [0, 1, 2, 3]), ("1-4,^3", [1, 2, 4]), ("^3,1-4", [1, 2, 3, 4]), (" 1 , 3 - 4 ", [1, 3, 4]),
        ("0-15,^8,8", Array(0...15)), ("3,1,2,1", [1, 2, 3]), ("16383", [16383]), ("5,", [5]), ("^1", []), ("1,^1", []),
        ("63-64", [63, 64]),
    ]) func `a CPU set is read from left to right`(text: String, numbers: [Int]) throws {
        let set = try #require(CPUSet(text))
        #expect(set.numbers == numbers)
        #expect(set.count == numbers.count)
        #expect(set == CPUSet(numbers))
        if !numbers.isEmpty { #expect(CPUSet(set.description) == set) }
    }

    @Test(arguments: [
        "", " ", "-1", "1-", "4-1", "a", "1;2", "1,,2", "^", "^1-2", "1 2", "16384", "0-16384", "99999999999999999999",
        "0-99999999999999999999", "1-2-3", "0x1", "١",
    ]) func `a CPU set that is none is none`(text: String) {
        #expect(CPUSet(text) == nil)
    }

    @Test func `CPU sets are compared and combined`() throws {
        let (a, b) = (try #require(CPUSet("0-3")), try #require(CPUSet("2-5")))
        #expect(a.intersection(b).description == "2-3")
        #expect(a.union(b).description == "0-5")
        #expect(a.subtracting(b).description == "0-1")
        #expect(!a.isSubset(of: b))
        #expect(CPUSet([2]).isSubset(of: a))
        #expect(!a.contains(-1) && !a.contains(1 << 40))
        #expect(CPUSet([-5, 1 << 40]).isEmpty)
    }

    @Test func `hardware addresses and UUIDs are read as libvirt reads them`() throws {
        #expect(MACAddress("52:54:0:AB:cd:1")?.description == "52:54:00:ab:cd:01")
        #expect(MACAddress("01:00:5e:00:00:01")?.isMulticast == true)
        #expect(MACAddress("52:54:00:00:00:01")?.isMulticast == false)
        #expect(MACAddress("52:54:00:00:00:01")?.isLocallyAdministered == true)
        for wrong in [
            "", "52:54:00:ab:cd", "52:54:00:ab:cd:0:1", "52:54:00:ab:cd:100", "52-54-00-ab-cd-01", "g:1:2:3:4:5",
        ] { #expect(MACAddress(wrong) == nil, "\(wrong)") }
        let uuid = "c7a5fdbd-edaf-9455-926a-d65c16db1809"
        #expect(UUIDValue(uuid.uppercased())?.description == uuid)
        #expect(UUIDValue(uuid.replacing("-", with: ""))?.description == uuid)
        for wrong in [
            "", "c7a5fdbd", uuid + "0", String(uuid.dropLast()), uuid.replacing("c7", with: "g7"), "-" + uuid,
        ] {
            #expect(UUIDValue(wrong) == nil, "\(wrong)")
        }
    }

    /// RFC 4291, section 2.2, and RFC 5952 for what is written.
    @Test(arguments: [
        ("192.168.122.1", "192.168.122.1"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"),
        ("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"), ("FF01::101", "ff01::101"), ("1::", "1::"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("::13.1.68.3", "::d01:4403"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ]) func `an IP address is read and written`(text: String, written: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == written)
        #expect(IPAddress(written) == address)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.04", "1.2.3.-4", "1.2.3.+4", ":", ":::", "1::2::3", "1:2",
        "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1.2.3", "1.2.3.4::", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:",
        "fe80::1%eth0",
        "1:2:3:4:5:6:7:8::",
    ]) func `an IP address that is none is none`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `prefixes and netmasks agree`() throws {
        let address = try #require(IPAddress("192.168.122.77"))
        #expect(address.network(prefix: 24).description == "192.168.122.0")
        #expect(address.network(prefix: 0).isUnspecified)
        #expect(address.network(prefix: 99) == address)
        #expect(address.network(prefix: -1).isUnspecified)
        #expect(IPAddress("255.255.254.0")?.prefixLength == 23)
        #expect(IPAddress("255.0.255.0")?.prefixLength == nil)
        #expect(IPAddress("2001:db8:ffff::1")?.network(prefix: 33).description == "2001:db8:8000::")
    }

    @Test(arguments: [
        ("domain='0x0000' bus='0x04' slot='0x10' function='0x1'", "0000:04:10.1"),
        ("bus='4' slot='16' function='1'", "0000:04:10.1"), ("bus='010'", "0000:08:00.0"), ("", "0000:00:00.0"),
        ("domain='0xFFFF' bus='255' slot='31' function='7'", "ffff:ff:1f.7"),
    ]) func `a PCI address is hexadecimal, decimal or octal, and what is left out is 0`(
        attributes: String, text: String
    )
        throws
    {
        let xml =
            "<domain><devices><hostdev type='pci'><source><address \(attributes)/></source></hostdev></devices></domain>"
        let device = try #require(Domain(XMLDocument(parsing: xml, name: "a.xml"))?.devices.hostDevices.first)
        #expect(try device.source.address.pci()?.description == text)
        guard case .pci = device.device else { return #expect(Bool(false)) }
    }

    @Test(arguments: [
        "domain='0x10000'", "bus='256'", "slot='0x20'", "function='8'", "function='-1'", "bus='0x'", "bus=''",
        "bus='08'", "slot='99999999999999999999999'", "bus='0x-1'", "bus='1f'",
    ]) func `a PCI address out of its range is malformed`(attributes: String) throws {
        let xml =
            "<domain><devices><hostdev type='pci'><source><address \(attributes)/></source></hostdev></devices></domain>"
        let device = try #require(Domain(XMLDocument(parsing: xml, name: "a.xml"))?.devices.hostDevices.first)
        #expect(throws: Malformed.self) { try device.source.address.pci() }
        #expect(device.device == .incomplete(.pci))
    }

    @Test func `booleans are two words and nothing else`() throws {
        let xml = "<network ipv6='true'><bridge stp='yes'/><dns enable='no'/><domain localOnly=''/></network>"
        let network = try #require(Network(XMLDocument(parsing: xml, name: "n.xml")))
        #expect(network.dns.isEnabled == false)
        #expect(
            network.malformedValues.map(\.xpath) == [
                "/network/@ipv6", "/network/bridge/@stp", "/network/domain/@localOnly",
            ])
        #expect(network.malformedValues.map(\.position.column) == [10, 30, 67])
        #expect(
            network.malformedValues.first?.description
                == "n.xml:1:10: /network/@ipv6 is \"true\", not yes or no")
    }

    @Test func `a value of tomorrow survives, and is no value of today`() throws {
        let xml = "<domain type='quantum'><cpu mode='entangled'/><on_crash>weep</on_crash></domain>"
        var document = try XMLDocument(parsing: xml, name: "a.xml")
        let domain = try #require(Domain(document))
        #expect(domain.type.value == .other("quantum"))
        #expect(domain.type != .kvm)
        #expect(domain.cpu.mode.value?.known == nil)
        #expect(domain.cpu.mode.value?.text == "entangled")
        try document.set(domain.cpu.mode, to: .other("entangled"))
        try document.set(domain.onCrash, to: .other("weep"))
        #expect(document.description == xml)
        #expect(domain.malformedValues.isEmpty)
    }
}
