internal import KVMCheckKit

/// `kvmcheck collect`.
enum CollectCommand {
    static let output = Option(
        "output", short: "o", takes: .file("FILE.tar.gz"), isRequired: true, "where to write the capture")
    static let noRun = Option("no-run", "create no VM and run no guest on /dev/kvm")

    static let table = Command(
        name: "collect",
        summary: "capture this host, to be judged elsewhere",
        description: [
            """
            Writes the files that kvmcheck host reads on this machine, and the kernel's answers that are not files, \
            into one archive. kvmcheck host --root FILE.tar.gz then makes the same report anywhere. The archive holds \
            no secret and no host key.
            """
        ],
        ownOptions: [output, noRun],
        examples: [
            ("kvmcheck collect --output node7.tar.gz", "on the host"),
            ("kvmcheck host --root node7.tar.gz", "anywhere else"),
        ],
        run: run)

    static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        let path = arguments.last(output) ?? ""
        let summary: CollectSummary
        do throws(CheckError) {
            summary = try HostCheck.collect(to: path, runGuest: !arguments.has(noRun), time: Moment.seconds())
        } catch {
            throw Tool.failure(error)
        }
        try Output.write(
            "\(path): \(summary.files) file\(summary.files == 1 ? "" : "s"), \(summary.bytes) bytes\n")
        return 0
    }
}
