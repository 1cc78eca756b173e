import Testing

@_spi(Probing) @testable import Evidence

struct ObservationTests {
    private let obstacle = Obstacle(.permissionDenied, "/dev/kvm", "EACCES")

    @Test func `unknown cannot be taken for absent`() throws {
        let unknown = Observation<Int>.unknown(obstacle)
        #expect(throws: Undecided(obstacle)) { try unknown.get() }
        #expect(throws: Undecided(obstacle)) { try unknown.get(whenAbsent: 1) }
        #expect(throws: Undecided(obstacle)) { try unknown.isPresent() }
        #expect(try Observation<Int>.absent().get() == nil)
        #expect(try Observation<Int>.absent().get(whenAbsent: 1) == 1)
        #expect(try Observation.known(7).get() == 7)
    }

    @Test func `a fact that nobody has looked at is unknown`() {
        #expect(Observation<Int>.notProbed.obstacle?.kind == .notProbed)
    }

    @Test func `what does not parse is an obstacle with its place`() {
        let parsed = Observation.known("x", from: .file("/proc/x")).parsed(as: "a number") { Int($0) }
        #expect(parsed.obstacle == Obstacle(.malformed, "/proc/x", "not a number"))
        #expect(Observation<String>.absent().parsed(as: "a number") { Int($0) }.isAbsent)
    }
}

struct SourceTests {
    private let tree = MemorySource([
        "/etc/empty": .text(""),
        "/etc/blank": .text(" \n\t\n"),
        "/etc/binary": .file([0x41, 0x00, 0x42]),
        "/etc/latin1": .file([0x41, 0xe9, 0x0a]),
        "/etc/escape": .text("a\u{1b}[31mb"),
        "/etc/name": .text("node7\n"),
        "/etc/number": .text("0x10"),
        "/etc/yes": .text("Y\n"),
        "/etc/loop": .link("/etc/loop"),
        "/etc/a": .link("b"), "/etc/b": .link("a"),
        "/etc/up": .link("../../../etc/name"),
        "/etc/fifo": .special(FileMetadata(kind: .fifo)),
        "/etc/dir": .directory(),
        "/sys/bus/x": .link("../devices/x"),
        "/sys/devices/x/value": .text("7"),
    ])

    @Test(arguments: [
        ("/etc/empty", "empty"), ("/etc/blank", "empty"), ("/etc/binary", "binary content"),
        ("/etc/latin1", "not UTF-8"), ("/etc/escape", "binary content"),
    ])
    func `text that is none is malformed`(path: String, detail: String) {
        #expect(tree.text(path).obstacle == Obstacle(.malformed, path, detail))
    }

    @Test func `garbage in the place of a file has its own reason`() {
        #expect(tree.text("/etc/fifo").obstacle?.kind == .notRegularFile)
        #expect(tree.text("/etc/dir").obstacle?.kind == .notRegularFile)
        #expect(tree.text("/etc/loop").obstacle?.kind == .unresolvable)
        #expect(tree.text("/etc/a").obstacle?.kind == .unresolvable)
        #expect(tree.read("/etc/name", limit: 2).obstacle?.kind == .tooLarge)
        #expect(tree.text("/etc/missing").isAbsent)
    }

    @Test func `links are followed inside the tree`() {
        #expect(tree.text("/etc/up").known == "node7")
        #expect(tree.integer("/sys/bus/x/value").known == 7)
        #expect(tree.linkName("/sys/bus/x").known == "x")
        #expect(tree.link("/etc/name").isAbsent)
    }

    @Test func `numbers and booleans are the kernel's`() {
        #expect(tree.integer("/etc/number").known == 16)
        #expect(tree.boolean("/etc/yes").known == true)
        #expect(tree.integer("/etc/name").obstacle?.kind == .malformed)
        #expect(tree.boolean("/etc/name").obstacle?.kind == .malformed)
    }

    @Test func `what a selection lacks is not absent`() {
        var selection = MemorySource(["/etc/hostname": .text("a")], absence: .unproven)
        #expect(selection.text("/etc/missing").obstacle?.kind == .notCaptured)
        #expect(selection.entries("/etc").obstacle?.kind == .notCaptured)
        selection.absence = .provenBelowTopLevel
        #expect(selection.text("/etc/missing").isAbsent)
        #expect(selection.text("/proc/cpuinfo").obstacle?.kind == .notCaptured)
    }

    @Test func `a tree in one folder is found`() {
        let packed = MemorySource(["/sosreport-a/proc/cpuinfo": .text("x"), "/sosreport-a/etc/hostname": .text("a")])
        #expect(packed.rerooted(below: ["proc", "etc"]).text("/etc/hostname").known == "a")
    }
}

struct TextLinesTests {
    @Test func `lines, words and parts are cut at bytes`() {
        #expect("a\n\nb\r\n".lines == ["a", "b\r"])
        #expect(" a\t b ".words == ["a", "b"])
        #expect("root:x::0".parts(at: ":", keepingEmpty: true) == ["root", "x", "", "0"])
        #expect("root:x::0".parts(at: ":") == ["root", "x", "0"])
        #expect("\t né é \t".trimmed == "né é")
        #expect("   ".trimmed.isEmpty)
        #expect("a=b=c".cut(at: "=")?.after == "b=c")
        #expect("abc".cut(at: "=") == nil)
    }
}
