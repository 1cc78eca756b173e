internal import Evidence
internal import Facts
internal import KVMCheckKit
internal import Reporting

/// What `kvmcheck image ls` and `kvmcheck image cat` share.
enum ImageFileOptions {
    static let partition = Option(
        "partition", short: "p", takes: .text("N|GROUP/NAME"),
        "the file system of this partition or logical volume; else that of the installed system, or the only one")
    static let disk = Option(
        "disk", takes: .file("IMAGE"), isRepeatable: true,
        "another disk of the same VM, where a volume group spans several")
    static let all = [partition, disk, ImageCommand.allowBacking]

    static let image = Operand(
        placeholder: "IMAGE", kind: .file, isRequired: true, help: "an image file, or a block device")

    static func open(_ arguments: Arguments) throws(Failure) -> ImageFiles {
        do throws(CheckError) {
            return try ImageFiles(
                image: arguments.operands[0], disks: arguments.all(disk),
                allowedFolders: arguments.all(ImageCommand.allowBacking),
                location: arguments.last(partition))
        } catch {
            throw Tool.failure(error)
        }
    }
}

/// `kvmcheck image cat`: a file out of an image.
enum ImageCopyCommand {
    static let table = Command(
        name: "image cat",
        summary: "print a file that is in a disk image",
        description: [
            """
            Writes the bytes of a regular file to standard output, as they are. Symbolic links are followed inside the image, \
            never out of it.
            """
        ],
        operands: [
            ImageFileOptions.image,
            Operand(placeholder: "PATH", kind: .name, isRequired: true, help: "the path in its file system"),
        ],
        ownOptions: ImageFileOptions.all,
        examples: [("kvmcheck image cat disk.qcow2 /etc/fstab", "what the guest mounts")],
        run: run)

    private static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        let files = try ImageFileOptions.open(arguments)
        var stopped: Failure?
        do throws(CheckError) {
            try files.copy(Array(arguments.operands[1].utf8)) { bytes in
                do throws(Failure) { try Output.write(bytes) } catch { stopped = error }
                return stopped == nil
            }
        } catch {
            throw Tool.failure(error)
        }
        if let stopped { throw stopped }
        return 0
    }
}

/// `kvmcheck image ls`: what is in an image.
enum ImageListCommand {
    private static let long = Option(
        "long", short: "l", "tell kind, mode, owner, size and time of each, as ls -ln does")
    private static let recursive = Option("recursive", short: "R", "go into directories")

    static let table = Command(
        name: "image ls",
        summary: "list the files that are in a disk image",
        description: [
            """
            Lists a directory of a file system in an image, in the order of the names' bytes. Owners are numbers: which names \
            they have is the guest's affair. On a terminal, characters that it would act on are written out.
            """
        ],
        operands: [
            ImageFileOptions.image,
            Operand(
                placeholder: "PATH", kind: .name, isRequired: false, help: "a directory or file in it; / by default"),
        ],
        ownOptions: [long, recursive] + ImageFileOptions.all,
        examples: [
            ("kvmcheck image ls -l disk.qcow2 /boot", "kernels and initramfs of the guest"),
            ("kvmcheck image ls -R -p 15 disk.qcow2", "everything on the EFI system partition"),
        ],
        run: run)

    private static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        let files = try ImageFileOptions.open(arguments)
        let isLong = arguments.has(long)
        var stopped: Failure?
        var isWhole = true
        let path = arguments.operands.count > 1 ? Array(arguments.operands[1].utf8) : Array("/".utf8)
        do throws(CheckError) {
            try files.list(path, recursively: arguments.has(recursive)) { entry in
                do throws(Failure) { try Output.write(line(entry, isLong)) } catch { stopped = error }
                return stopped == nil
            } fault: { path, reason in
                isWhole = false
                Output.complain("kvmcheck: \(PlainText.escaped(String(decoding: path, as: UTF8.self))): \(reason)\n")
            }
        } catch {
            throw Tool.failure(error)
        }
        if let stopped { throw stopped }
        return isWhole ? 0 : ExitCode.fault.rawValue
    }

    private static func line(_ entry: ImageFiles.Entry, _ isLong: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        if isLong { bytes += Array(details(entry).utf8) }
        bytes += shown(entry.path)
        if isLong, let target = entry.target { bytes += Array(" -> ".utf8) + shown(target) }
        return bytes + [UInt8(ascii: "\n")]
    }

    /// The bytes of a name; on a terminal nothing that it would act on.
    private static func shown(_ name: [UInt8]) -> [UInt8] {
        Terminal.isOutput ? Array(PlainText.escaped(String(decoding: name, as: UTF8.self)).utf8) : name
    }

    /// `-rw-r--r--     0     0        1234 2026-11-20 19:15 `.
    private static func details(_ entry: ImageFiles.Entry) -> String {
        guard let metadata = try? entry.metadata.get() else {
            return "?---------     ?     ?            ?                ? "
        }
        let size =
            switch metadata.kind {
            case .characterDevice, .blockDevice: "\(metadata.deviceMajor), \(metadata.deviceMinor)"
            default: String(metadata.size)
            }
        return [
            metadata.symbolicMode, padded("\(metadata.owner)", 5), padded("\(metadata.group)", 5), padded(size, 12),
            entry.modified.map(time) ?? "               -", "",
        ].joined(separator: " ")
    }

    /// `2026-11-20 19:15`, UTC.
    private static func time(_ seconds: Int64) -> String {
        let text = Moment.text(Int(seconds))
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }
}
