internal import Glibc

Output.prepare()
// Swift reads the arguments from /proc/self/cmdline; even a bare call has one, the program's name.
guard !CommandLine.arguments.isEmpty else {
    Output.complain("kvmcheck: the command line cannot be read: /proc is not mounted\n")
    exit(2)
}
exit(Tool.run(Array(CommandLine.arguments.dropFirst())))
