import ByteReading
import Evidence
import FileSystems
import Foundation
import LinuxIO
import Testing

/// Images of genisoimage and xorriso: what is read is what they were made of.
struct ISO9660Tests {
    private func bash(_ script: String, in volume: TestVolume) throws -> String {
        try TestVolume.run(
            "bash", ["-c", "set -e; cd '\(volume.folder.path)'; \(script)"], environment: ["LC_ALL": "C.UTF-8"])
    }

    @Test(arguments: [
        "genisoimage -quiet -R -V cidata", "genisoimage -quiet -R -J -joliet-long -V cidata",
        "genisoimage -quiet -R -D -V cidata", "xorrisofs -quiet -R -V cidata",
        "xorrisofs -quiet -R -J -joliet-long -V cidata",
    ])
    func `every file with Rock Ridge is what was put in`(maker: String) throws {
        let volume = try TestVolume(size: 0)
        let folder = try CopiedFolder.make(in: volume.folder, links: true)
        _ = try bash(
            """
            chmod 640 tree/names/README; chmod 4755 tree/names/lower; chown 1234:5678 tree/names/README; chmod 700 tree/empty
            [ $(id -u) != 0 ] || { mkfifo tree/fifo; mknod tree/char c 5 1; mknod tree/block b 8 17; }
            ln -s "$(yes component-of-a-path | head -40 | paste -sd/)" tree/links/very-long
            \(maker) -o image tree 2>/dev/null
            """, in: volume)
        let reader = try ISO9660Reader(try volume.blocks())
        #expect(reader.facts.variant == "Rock Ridge")
        let long = Array(repeating: "component-of-a-path", count: 40).joined(separator: "/")
        if maker.hasPrefix("xorriso") {
            #expect(try reader.link("/links/very-long").get() == long)
        } else {
            // What genisoimage writes of it is broken.
            #expect(throws: Undecided.self) { try reader.link("/links/very-long").get() }
        }
        #expect(reader.facts.label == "cidata")
        #expect(reader.facts.features == ["Rock Ridge"] + (maker.contains("-J") ? ["Joliet"] : []))
        try expect(reader, folder, maker, volume)
        #expect(
            try reader.read("/links/link", limit: 100).get().map { String(decoding: $0, as: UTF8.self).utf8.count } == 6
        )
        let blkid = try bash("blkid -p -o value -s UUID image", in: volume).trimmingCharacters(
            in: .whitespacesAndNewlines)
        #expect(reader.facts.uuid == blkid)
    }

    private func expect(
        _ reader: ISO9660Reader, _ folder: CopiedFolder, _ maker: String, _ volume: TestVolume
    ) throws {
        // FIFOs and devices first, which have no content to compare.
        for (name, kind, major, minor) in [
            ("fifo", FileMetadata.Kind.fifo, UInt32(0), UInt32(0)), ("char", .characterDevice, 5, 1),
            ("block", .blockDevice, 8, 17),
        ] where FileManager.default.fileExists(atPath: "\(folder.path)/\(name)") {
            let metadata = try #require(try reader.metadata("/\(name)").get())
            #expect(
                metadata.kind == kind && metadata.deviceMajor == major && metadata.deviceMinor == minor, "\(metadata)")
            try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
        }
        // What libarchive unpacks is the second opinion: deep directories are where they were.
        _ = try bash(
            "mkdir out; bsdtar -xf image -C out --exclude fifo --exclude char --exclude block --exclude very-long",
            in: volume)
        let unpacked = CopiedFolder(path: volume.folder.appending(path: "out").path)
        try unpacked.expectSame(as: ISOWithoutDevices(reader: reader), times: true, modes: true)
    }

    @Test(arguments: [
        "genisoimage -quiet -D -J -joliet-long -V 'A Label'", "xorrisofs -quiet --norock -J -joliet-long -V 'A Label'",
    ])
    func `every file with Joliet is what was put in`(maker: String) throws {
        let volume = try TestVolume(size: 0)
        let folder = try CopiedFolder.make(in: volume.folder)
        // Joliet forbids some characters and cuts at 103: those names are not part of this.
        _ = try bash(
            "rm tree/names/emoji* tree/names/+* tree/names/longlong* tree/names/ééé*; \(maker) -o image tree 2>/dev/null",
            in: volume)
        let reader = try ISO9660Reader(try volume.blocks())
        #expect(reader.facts.variant == "Joliet")
        #expect(reader.facts.label == "A Label")
        try folder.expectSame(as: reader, times: true)
        #expect(try reader.read("/NAMES/USER-DATA", limit: 100).get()?.count == 9)
    }

    @Test func `plain names are in lower case and without a version`() throws {
        let volume = try TestVolume(size: 0)
        _ = try bash(
            "mkdir -p tree/sub; echo 1 > tree/readme.txt; echo 2 > tree/sub/noext; genisoimage -quiet -V PLAIN -o image tree 2>/dev/null",
            in: volume)
        let reader = try ISO9660Reader(try volume.blocks())
        #expect(reader.facts.variant == nil)
        #expect(try reader.entries("/").get() == ["readme.txt", "sub"])
        #expect(try reader.text("/SUB/NOEXT").get() == "2")
    }

    @Test func `a bootable image says so, and a compressed file is named`() throws {
        let volume = try TestVolume(size: 0)
        _ = try bash(
            """
            mkdir tree; head -c 2048 /dev/zero > tree/boot.img; head -c 200000 /dev/zero > tree/zeros; mkzftree tree ztree 2>/dev/null || cp -r tree ztree
            xorriso -as mkisofs -quiet -R -z -b boot.img -no-emul-boot -o image ztree 2>/dev/null
            """, in: volume)
        let reader = try ISO9660Reader(try volume.blocks())
        #expect(reader.facts.features.contains("El Torito"))
    }

    /// A file of 4 GiB and more has a record for each part, of which all but the last have a flag (ECMA-119, 9.1.6): two files
    /// become one by that flag.
    @Test func `a file of several extents is one`() throws {
        let volume = try TestVolume(size: 0)
        _ = try bash(
            "mkdir tree; yes first | head -c 5120 > tree/a; yes second | head -c 3000 > tree/b; echo 3 > tree/c; genisoimage -quiet -o image tree 2>/dev/null",
            in: volume)
        let blocks = try volume.blocks()
        let bytes = try blocks.bytes(at: 0, count: Int(blocks.size))
        let name = try #require(bytes.firstRange(of: Array("A.;1".utf8))).lowerBound
        let reader = try ISO9660Reader(PatchedBlocks(blocks: blocks, patches: [UInt64(name - 8): 0x80]))
        #expect(try reader.entries("/").get() == ["a", "c"])
        func lines(_ line: String, _ count: Int) -> ArraySlice<UInt8> {
            Array(String(repeating: line + "\n", count: count).utf8).prefix(count)
        }
        #expect(try reader.read("/a", limit: 10000).get() == Array(lines("first", 5120) + lines("second", 3000)))
    }
}

/// A reader without the devices and FIFOs at its root, which were looked at before, and without the folder of the deep
/// directories, which the kernel shows empty and libarchive does not show; the longest link is looked at before, too.
private struct ISOWithoutDevices: FileSystemReader {
    let reader: ISO9660Reader
    var facts: FileSystemFacts { reader.facts }
    var rootNumber: UInt64 { reader.rootNumber }
    func node(_ number: UInt64) throws(FormatError) -> FileNode { try reader.node(number) }
    func visitEntries(
        in directory: FileNode, _ visit: (DirectoryEntry) throws(FormatError) -> Bool
    ) throws(FormatError) {
        try reader.visitEntries(in: directory) { entry throws(FormatError) in
            let isLeftOut =
                [.fifo, .characterDevice, .blockDevice].contains(entry.kind)
                || [Array("rr_moved".utf8), Array("very-long".utf8)].contains(entry.name)
            return isLeftOut ? true : try visit(entry)
        }
    }
    func linkTarget(of link: FileNode) throws(FormatError) -> [UInt8] { try reader.linkTarget(of: link) }
    func content(of file: FileNode) throws(FormatError) -> any BlockReader { try reader.content(of: file) }
}
