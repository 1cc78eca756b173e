import ByteReading
import Evidence
import FileSystems
import Glibc
import Testing

/// What the kernel shows of a mounted file system: the oracle.
struct MountedTree {
    let root: String

    /// Holds a reader's whole tree against the mount: every path's kind, mode, owner, size, links, times, device, target,
    /// attributes and content.
    ///
    /// - Parameter isCopy: The tree is what a tool copied into the image: inodes, links, times, attributes and the sizes of
    ///   directories are other ones.
    func expectSame(as reader: some FileSystemReader, isCopy: Bool = false, attributes: Bool? = nil) throws {
        var pending: [([UInt8], FileNode)] = [([], try reader.node(reader.rootNumber))]
        var count = 0
        var faults = 0
        func expect(_ isSame: Bool, _ path: [UInt8], _ text: @autoclosure () -> String) {
            guard !isSame else { return }
            faults += 1
            if faults < 20 { Issue.record("\(String(decoding: path, as: UTF8.self)): \(text())") }
        }
        while let (path, node) = pending.popLast() {
            count += 1
            let full = Array(root.utf8) + [0x2f] + path
            let status = status(full)
            var kind: mode_t {
                switch node.metadata.kind {
                case .regular: S_IFREG
                case .directory: S_IFDIR
                case .symbolicLink: S_IFLNK
                case .characterDevice: S_IFCHR
                case .blockDevice: S_IFBLK
                case .fifo: S_IFIFO
                case .socket: S_IFSOCK
                }
            }
            expect(
                status.st_mode == kind | mode_t(node.metadata.mode), path, "mode \(status.st_mode), \(node.metadata)")
            expect(status.st_uid == node.metadata.owner, path, "owner \(status.st_uid), \(node.metadata.owner)")
            expect(status.st_gid == node.metadata.group, path, "group \(status.st_gid), \(node.metadata.group)")
            let hasOtherSize = isCopy && kind == S_IFDIR
            expect(
                hasOtherSize || UInt64(status.st_size) == node.metadata.size, path,
                "size \(status.st_size), \(node.metadata.size)")
            if !isCopy {
                expect(status.st_ino == node.number, path, "inode \(status.st_ino), \(node.number)")
                expect(status.st_nlink == UInt(node.links), path, "links \(status.st_nlink), \(node.links)")
                // To what lies in an inode itself (`inline_data`) the kernel adds the blocks it would take.
                let shown = UInt64(status.st_blocks) * 512
                let made = shown &- (node.metadata.size + 511) / 512 * 512
                expect(
                    shown == node.allocatedSize || node.metadata.size < 1024 && made == node.allocatedSize, path,
                    "allocated \(status.st_blocks * 512), \(node.allocatedSize)")
            }
            if !isCopy {
                expect(
                    Self.isSame(status.st_mtim, node.modified), path,
                    "mtime \(status.st_mtim), \(String(describing: node.modified))")
                expect(
                    Self.isSame(status.st_ctim, node.changed), path,
                    "ctime \(status.st_ctim), \(String(describing: node.changed))")
            }
            if kind == S_IFCHR || kind == S_IFBLK {
                let major = UInt32(status.st_rdev >> 8 & 0xfff)
                let minor = UInt32(status.st_rdev & 0xff | status.st_rdev >> 12 & 0xffff_ff00)
                expect(
                    major == node.metadata.deviceMajor && minor == node.metadata.deviceMinor, path,
                    "device \(major):\(minor), \(node.metadata)")
            }
            if attributes ?? !isCopy {
                let shown = self.attributes(full)
                let read = try reader.extendedAttributes(of: node)
                expect(shown == read, path, "attributes \(shown.count): \(shown) \(read.count): \(read)")
            }
            switch node.metadata.kind {
            case .symbolicLink: expect(target(full) == (try reader.linkTarget(of: node)), path, "target")
            case .regular: expect(try isSame(full, try reader.content(of: node)), path, "content")
            case .directory:
                var entries = try reader.entries(in: node).sorted { $0.name.lexicographicallyPrecedes($1.name) }
                let names = names(full)
                if isCopy, path.isEmpty,
                    let index = entries.firstIndex(where: { $0.name.elementsEqual("lost+found".utf8) })
                {
                    entries.remove(at: index)
                }
                expect(names == entries.map(\.name), path, "names \(names.count), \(entries.count)")
                for entry in entries {
                    let child = try reader.node(entry.number)
                    if let kind = entry.kind {
                        expect(kind == child.metadata.kind, path + entry.name, "kind of the entry")
                    }
                    pending.append((path.isEmpty ? entry.name : path + [0x2f] + entry.name, child))
                }
            default: break
            }
        }
        #expect(count > 10)
    }

    private static func isSame(_ time: timespec, _ other: FileTime?) -> Bool {
        other == FileTime(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
    }

    private func status(_ path: [UInt8]) -> stat {
        var status = stat()
        lstat(Self.cString(path), &status)
        return status
    }

    private static func cString(_ bytes: some Sequence<UInt8>) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }

    private func names(_ path: [UInt8]) -> [[UInt8]] {
        var names: [[UInt8]] = []
        guard let stream = opendir(Self.cString(path)) else { return [] }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [0x2e] && name != [0x2e, 0x2e] { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private func target(_ path: [UInt8]) -> [UInt8] {
        var target = [CChar](repeating: 0, count: 8192)
        let count = readlink(Self.cString(path), &target, target.count)
        return target.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
    }

    /// What `listxattr(2)` and `getxattr(2)` give. XFS shows root an access control list twice, the second time as it
    /// is stored (`trusted.SGI_ACL_FILE`); that one is left out.
    private func attributes(_ path: [UInt8]) -> [ExtendedAttribute] {
        var list = [CChar](repeating: 0, count: 65536)
        let count = Self.list(Self.cString(path), &list, list.count)
        var found: [ExtendedAttribute] = []
        for name in list.prefix(max(0, count)).map({ UInt8(bitPattern: $0) }).split(separator: 0)
        where !name.starts(with: "trusted.SGI_ACL".utf8) {
            var value = [UInt8](repeating: 0, count: 65536)
            let size = Self.get(Self.cString(path), Self.cString(name), &value, value.count)
            found.append(ExtendedAttribute(name: Array(name), value: Array(value.prefix(max(0, size)))))
        }
        return found.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    // Swift's Glibc leaves sys/xattr.h out.
    private static let list = unsafeBitCast(
        dlsym(nil, "llistxattr"),
        to: (@convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<CChar>, Int) -> Int).self)
    private static let get = unsafeBitCast(
        dlsym(nil, "lgetxattr"),
        to: (@convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutablePointer<UInt8>, Int) -> Int).self)

    private func isSame(_ path: [UInt8], _ content: any BlockReader) throws -> Bool {
        let file = open(Self.cString(path), O_RDONLY)
        guard file >= 0 else { return false }
        defer { close(file) }
        var offset: UInt64 = 0
        while offset < content.size {
            // A hole of gigabytes is only looked at where it begins.
            let extent = try content.extent(at: offset)
            let count = Int(min(content.size - offset, 1 << 20))
            var shown = [UInt8](repeating: 0xaa, count: count)
            guard pread(file, &shown, count, off_t(offset)) == count,
                shown == (try content.bytes(at: offset, count: count))
            else { return false }
            if extent.kind == .zero, extent.length > 1 << 20 {
                let next = lseek(file, off_t(offset), seekData)
                guard next < 0 || UInt64(next) >= offset + extent.length else { return false }
                offset += extent.length
            } else {
                offset += UInt64(count)
            }
        }
        return true
    }

    /// `SEEK_DATA` of lseek(2), which Glibc does not show without `_GNU_SOURCE`.
    private let seekData: Int32 = 3
}
