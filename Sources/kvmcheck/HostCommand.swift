internal import Facts
internal import KVMCheckKit
internal import Reporting

/// `kvmcheck host`.
enum HostCommand {
    static let profile = Option(
        "profile", takes: .oneOf("NAME", { Catalogue.profiles.map(\.name) }), isRepeatable: true,
        "judge for this purpose; may be given more than once; by default what the driver needs")
    static let driver = Option(
        "driver", takes: .oneOf("qemu|lxc|ch", { Catalogue.drivers }),
        "what runs the VMs or containers: qemu (the default), lxc, or ch, Cloud Hypervisor")
    static let root = Option(
        "root", takes: .path("DIR|TAR"), "judge a captured tree, a directory or a tar, in place of the running machine")
    static let noRun = Option("no-run", "create no VM and run no guest on /dev/kvm")
    static let table = Command(
        name: "host",
        summary: "judge this host, or a capture of one",
        description: [
            """
            Looks at what KVM, QEMU and libvirt need of a host and says what holds, what does not, what that rests on \
            and which commands put it right. It runs a guest of a few bytes on /dev/kvm rather than trust flags. \
            Nothing is changed. It needs no privilege; what it may not read is reported as not decided, never as a \
            fault.
            """
        ],
        ownOptions: [profile, driver, root] + ReportOptions.all + [noRun],
        examples: [
            ("kvmcheck host", "judge this machine"),
            ("kvmcheck host --quiet --fail-on warning", "print only what does not hold, and fail on warnings too"),
            ("kvmcheck host --format json --unknown fail", "judge it in CI, where nothing may stay undecided"),
            ("kvmcheck host --root sosreport.tar.xz", "judge another machine by its capture"),
        ],
        exitCodes: ReportOptions.exitCodes,
        run: run)

    static func run(_ arguments: Arguments) throws(Failure) -> Int32 {
        try ReportOptions.check(arguments, command: "host")
        var check = HostCheck()
        check.profiles = arguments.all(profile)
        check.driver = arguments.last(driver) ?? check.driver
        check.root = arguments.last(root)
        check.select = try ReportOptions.selected(arguments)
        check.ignore = try ReportOptions.ignored(arguments)
        check.runGuest = !arguments.has(noRun)

        let subject: SubjectReport
        do throws(CheckError) { subject = try check.run() } catch { throw Tool.failure(error) }
        return try ReportOptions.finish([subject], arguments, question: question(arguments))
    }

    private static func question(_ arguments: Arguments) -> Question {
        if arguments.has(ReportOptions.select) || arguments.has(ReportOptions.ignore) { return .selection }
        let profiles = arguments.all(profile)
        if !profiles.isEmpty && profiles != ["kvm"] { return .profiles(profiles) }
        return arguments.last(driver) == "lxc" ? .containers : .machines
    }
}
