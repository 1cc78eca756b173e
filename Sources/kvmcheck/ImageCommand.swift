internal import Facts
internal import KVMCheckKit
internal import Reporting

/// `kvmcheck image`: disk images, looked into.
enum ImageCommand {
    static let allowBacking = Option(
        "allow-backing", takes: .path("DIR"), isRepeatable: true,
        "a folder besides the image's own from which backing files, data files and extents may be opened")

    static let table = Command(
        name: "image",
        summary: "look into disk images and judge them",
        description: [
            """
            Reads raw, qcow2, VMDK, VHD and VHDX images, the files that they stand on, their partitions, volumes and file \
            systems: without root, without mounting, without running anything, and without writing a byte. What keeps a VM from \
            running on an image, or puts it at risk, is a finding.
            """,
            """
            An image chooses the names of the files it is read through. Only files in its own folder, and in those of \
            --allow-backing, are opened; devices, network addresses and anything else are named in the report and left alone.
            """,
        ],
        operands: [
            Operand(
                placeholder: "IMAGE", kind: .file, isRequired: true, help: "an image file, or a block device",
                isRepeatable: true)
        ],
        ownOptions: [allowBacking] + ReportOptions.all,
        examples: [
            ("kvmcheck image disk.qcow2", "judge an image"),
            (
                "kvmcheck image --quiet vda.qcow2 vdb.qcow2",
                "judge all disks of a VM, and print only what does not hold"
            ),
            ("kvmcheck image --format json --allow-backing /srv/base disk.qcow2", "everything, for programs"),
        ],
        exitCodes: ReportOptions.exitCodes,
        actions: [ImageListCommand.table, ImageCopyCommand.table],
        run: run)

    private static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        try ReportOptions.check(arguments, command: "image")
        var check = ImageCheck()
        check.allowedFolders = arguments.all(allowBacking)
        check.select = try ReportOptions.selected(arguments)
        check.ignore = try ReportOptions.ignored(arguments)
        let progress = ProgressLine()
        let count = arguments.operands.count
        let reports = check.run(on: arguments.operands) { progress.show("looking into \($0) of \(count)") }
        progress.erase()
        let picked = arguments.has(ReportOptions.select) || arguments.has(ReportOptions.ignore)
        return try ReportOptions.finish(reports, arguments, question: picked ? .selection : .images)
    }
}
