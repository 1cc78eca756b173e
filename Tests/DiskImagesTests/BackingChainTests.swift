import ByteReading
import Evidence
import Foundation
import Testing

@testable import DiskImages

struct BackingChainTests {
    /// An overlay whose header names a backing file that qemu-img would not take.
    private func overlay(_ workshop: Workshop, _ name: String, on backing: String, format: String? = nil) throws {
        let option = format.map { " -F \($0)" } ?? ""
        // `-u`: the backing file is not looked at.
        try workshop.run(
            "bash",
            ["-c", "qemu-img create -q -u -f qcow2 -b \"$1\"\(option) new 1M; mv new \"$2\"", "bash", backing, name])
    }

    @Test func `a chain of five overlays is followed to its base`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            """
            qemu-img create -q -f raw 0 1M
            qemu-img create -q -f qcow2 -b 0 -F raw 1
            for i in 2 3 4 5; do qemu-img create -q -f qcow2 -b $((i-1)) -F qcow2 $i; done
            """)
        let chain = BackingChain.read(workshop.file("5"))
        #expect(chain.links.map(\.path) == (0...5).reversed().map { workshop.file("\($0)") })
        #expect(chain.links.allSatisfy { $0.state == .present })
        #expect(chain.isWhole)
        let told = try workshop.run("qemu-img", "info", "--backing-chain", "--output=json", "5")
        let info = try #require(try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [[String: Any]])
        #expect(info.map { $0["filename"] as? String } == (0...5).reversed().map { "\($0)" })
        for (link, info) in zip(chain.links, info) {
            #expect(link.facts?.virtualSize == info["virtual-size"] as? UInt64)
            #expect(link.facts?.allocatedSize == info["actual-size"] as? UInt64)
            #expect(link.facts?.clusterSize == info["cluster-size"] as? UInt64)
            #expect(link.facts?.format.qemuName == info["format"] as? String)
        }
    }

    @Test(arguments: [
        ("nbd://host/disk", "nbd"), ("ssh://root@host/disk", "ssh"), ("json:{\"driver\":\"raw\"}", "json"),
        ("nbd:unix:/x", "nbd"), ("fat:/etc", "fat"), ("file:disk", "file"), ("http://h/x", "http"),
    ])
    func `a name that is none of a file is refused`(name: String, scheme: String) throws {
        let workshop = try Workshop()
        try overlay(workshop, "a", on: "placeholder-that-is-long-enough-for-all-of-them", format: "raw")
        // qemu-img looks into some of these names itself, so the name is put in by hand.
        let offset = try workshop.bytes("a")[8..<16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        try workshop.patch("a", at: offset, Array(name.utf8))
        try workshop.patch("a", at: 16, big(UInt32(name.utf8.count)))
        let chain = BackingChain.read(workshop.file("a"))
        #expect(chain.links.last?.state == .refused(.networkOrProtocol(scheme)))
        #expect(chain.links.last?.reference.written == name)
        #expect(chain.links.count == 2)
        #expect(!chain.isWhole)
    }

    @Test func `a backing file outside the folder is named and not opened`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "mkdir in out; qemu-img create -q -f raw out/base 1M; ln -s ../out/base in/link; ln -s ../out in/folder")
        for name in [
            "/etc/shadow", "../out/base", workshop.file("out/base"), "link", "folder/base", "./../in/../out/base",
        ] {
            try overlay(workshop, "in/a", on: name, format: "raw")
            let chain = BackingChain.read(workshop.file("in/a"))
            let path = name == "/etc/shadow" ? name : workshop.file("out/base")
            #expect(chain.links.last?.state == .refused(.outsideAllowedFolders(path)), "\(name)")
            #expect(chain.links.last?.facts == nil)
        }
        let chain = BackingChain.read(workshop.file("in/a"), policy: ImagePolicy(allowing: [workshop.file("out")]))
        #expect(chain.isWhole)
        let other = BackingChain.read(workshop.file("in/a"), policy: ImagePolicy(allowing: [workshop.file("ou")]))
        #expect(!other.isWhole)
    }

    @Test func `the folder of the image and what lies below it is allowed`() throws {
        let workshop = try Workshop()
        try workshop.shell("mkdir -p in/below; qemu-img create -q -f raw in/below/base 1M; ln -s in/a link")
        try overlay(workshop, "in/a", on: "below/base", format: "raw")
        #expect(BackingChain.read(workshop.file("in/a")).isWhole)
        // A relative name is one of the folder of the link by which the image was reached, as QEMU reads it.
        #expect(BackingChain.read(workshop.file("link")).links.last?.state == .missing)
    }

    @Test func `a device and a FIFO are refused without being opened`() throws {
        let workshop = try Workshop()
        try workshop.shell("mkfifo fifo")
        try overlay(workshop, "a", on: "fifo", format: "raw")
        #expect(BackingChain.read(workshop.file("a")).links.last?.state == .refused(.notRegularFile(.fifo)))
        try overlay(workshop, "b", on: "/dev/zero", format: "raw")
        #expect(BackingChain.read(workshop.file("b")).links.last?.state == .refused(.notRegularFile(.characterDevice)))
        try overlay(workshop, "c", on: ".", format: "raw")
        #expect(BackingChain.read(workshop.file("c")).links.last?.state == .refused(.notRegularFile(.directory)))
        // Not even where the folder is allowed, and not as the image itself.
        let policy = ImagePolicy(allowing: ["/dev"])
        #expect(
            BackingChain.read(workshop.file("b"), policy: policy).links.last?.state
                == .refused(.notRegularFile(.characterDevice)))
        #expect(BackingChain.read(workshop.file("fifo")).links.map(\.state) == [.refused(.notRegularFile(.fifo))])
    }

    @Test func `a chain that comes back to itself is a loop`() throws {
        let workshop = try Workshop()
        try overlay(workshop, "a", on: "a", format: "qcow2")
        #expect(BackingChain.read(workshop.file("a")).links.map(\.state) == [.present, .loop])
        try overlay(workshop, "b", on: "c", format: "qcow2")
        try overlay(workshop, "c", on: "d", format: "qcow2")
        try workshop.shell("ln b d")
        #expect(BackingChain.read(workshop.file("b")).links.map(\.state) == [.present, .present, .loop])
    }

    @Test func `a missing base and an unreadable header are told apart`() throws {
        let workshop = try Workshop()
        try overlay(workshop, "a", on: "gone", format: "raw")
        #expect(BackingChain.read(workshop.file("a")).links.map(\.state) == [.present, .missing])
        #expect(BackingChain.read(workshop.file("none")).links.map(\.state) == [.missing])
        try workshop.write(Array("QFI\u{fb}".unicodeScalars.map { UInt8($0.value) }), to: "short")
        try overlay(workshop, "b", on: "short", format: "qcow2")
        guard case .malformed(let error)? = BackingChain.read(workshop.file("b")).links.last?.state else {
            Issue.record("a header of four bytes was read")
            return
        }
        #expect(error.kind == .truncated)
        #expect(error.file == workshop.file("short"))
    }

    @Test func `a format that is claimed is compared with the content`() throws {
        let workshop = try Workshop()
        try workshop.shell("qemu-img create -q -f raw raw 1M; qemu-img create -q -f qcow2 qcow2 1M")
        try overlay(workshop, "a", on: "raw", format: "qcow2")
        #expect(BackingChain.read(workshop.file("a")).links.last?.state == .wrongFormat(found: .raw))
        // QEMU reads as raw what is said to be raw.
        try overlay(workshop, "b", on: "qcow2", format: "raw")
        let base = BackingChain.read(workshop.file("b")).links.last
        #expect(base?.state == .present)
        #expect(base?.facts?.format == .raw)
        #expect(base?.contentFormat == .qcow2)
        #expect(base?.facts?.virtualSize == base?.facts?.fileSize)
        #expect(BackingChain.read(workshop.file("qcow2"), as: .raw).links.first?.facts?.format == .raw)
    }

    @Test func `a backing file without a format is guessed, and one can see that nothing was said`() throws {
        let workshop = try Workshop()
        try overlay(workshop, "a", on: "none-is-said", format: "qcow2")
        try workshop.shell("qemu-img create -q -f qcow2 none-is-said 1M")
        // The extension's type is made one that nobody knows.
        let bytes = try workshop.bytes("a")
        let mark: [UInt8] = [0xe2, 0x79, 0x2a, 0xca]
        let place = try #require((0..<4096).first { bytes[$0..<$0 + 4].elementsEqual(mark) })
        try workshop.patch("a", at: UInt64(place), [0xe2, 0x79, 0x2a, 0xcb])
        let base = try #require(BackingChain.read(workshop.file("a")).links.last)
        #expect(base.reference.claimedFormat == nil)
        #expect(base.facts?.format == .qcow2)
    }

    @Test func `a chain ends where no tool would have made it longer`() throws {
        let workshop = try Workshop()
        try overlay(workshop, "0", on: "1", format: "qcow2")
        let bytes = try workshop.bytes("0")
        let place = try #require((0..<4096).first { bytes[$0..<$0 + 4].elementsEqual([0xe2, 0x79, 0x2a, 0xca]) })
        #expect(place > 0)
        let offset = bytes[8..<16].reduce(0) { $0 << 8 | Int($1) }
        for index in 1...BackingChain.depthLimit {
            var copy = bytes
            let name = Array("\(index + 1)".utf8)
            copy.replaceSubrange(offset..<offset + name.count, with: name)
            copy.replaceSubrange(16..<20, with: big(UInt32(name.count)))
            try workshop.write(copy, to: "\(index)")
        }
        let chain = BackingChain.read(workshop.file("0"))
        #expect(chain.links.count == BackingChain.depthLimit + 1)
        #expect(chain.links.last?.state == .tooDeep)
    }

    @Test func `a chain as long as can be is read through to its base`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "qemu-img create -q -f qcow2 -u -o cluster_size=512 -b base -F qcow2 0 1M; head -c 1M /dev/urandom > raw")
        try workshop.shell("qemu-img convert -f raw -O qcow2 raw base")
        let bytes = try workshop.bytes("0")
        let offset = bytes[8..<16].reduce(0) { $0 << 8 | Int($1) }
        let length = BackingChain.depthLimit - 1
        for index in 0..<length - 1 {
            var copy = bytes
            let name = Array("\(index + 1)".utf8)
            copy.replaceSubrange(offset..<offset + name.count, with: name)
            copy.replaceSubrange(16..<20, with: big(UInt32(name.count)))
            try workshop.write(copy, to: "\(index)")
        }
        try workshop.write(bytes, to: "\(length - 1)")
        let image = DiskImage.open(workshop.file("0"))
        #expect(image.chain.links.count == BackingChain.depthLimit)
        #expect(image.chain.isWhole)
        try workshop.compare("0", withRaw: "raw")
    }

    @Test func `an external data file is a part of its image`() throws {
        let workshop = try Workshop()
        try workshop.shell(
            "qemu-img create -q -f qcow2 -o data_file=d.raw a 1M; mkdir o; mv d.raw o; ln -s o/d.raw d.raw")
        let chain = BackingChain.read(workshop.file("a"))
        let part = try #require(chain.links.first?.parts.first)
        #expect(part.reference == ImageReference(.dataFile, "d.raw", claimedFormat: "raw"))
        #expect(part.canonicalPath == workshop.file("o/d.raw"))
        #expect(part.state == .present)
        #expect(part.fileSize == 1 << 20)
        try workshop.shell("rm d.raw; ln -s /etc/shadow d.raw")
        #expect(
            BackingChain.read(workshop.file("a")).links.first?.parts.first?.state
                == .refused(.outsideAllowedFolders("/etc/shadow")))
    }

    @Test func `an image that QEMU has open says so`() throws {
        let workshop = try Workshop()
        try workshop.shell("qemu-img create -q -f raw base 1M; qemu-img create -q -f qcow2 -b base -F raw a")
        #expect(BackingChain.read(workshop.file("a")).links.map(\.lock) == [.free, .free])
        let writer = Process()
        writer.executableURL = URL(filePath: "/usr/bin/env")
        writer.arguments = ["qemu-io", workshop.file("a")]
        let input = Pipe()
        writer.standardInput = input
        let output = Pipe()
        writer.standardOutput = output
        try writer.run()
        defer {
            try? input.fileHandleForWriting.close()
            writer.waitUntilExit()
        }
        // It answers once it has opened the image.
        try input.fileHandleForWriting.write(contentsOf: Data("length\n".utf8))
        var answer = ""
        while !answer.contains("1 MiB") {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "qemu-io ended: \(answer)")
            answer += String(decoding: more, as: UTF8.self)
        }
        #expect(BackingChain.read(workshop.file("a")).links.map(\.lock) == [.written, .read])
    }
}
