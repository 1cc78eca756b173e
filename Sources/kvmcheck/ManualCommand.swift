/// `kvmcheck man`.
enum ManualCommand {
    static let table = Command(
        name: "man",
        summary: "print the man page",
        description: ["Prints kvmcheck(1) in roff."],
        examples: [
            ("kvmcheck man | man -l -", "read it"),
            ("kvmcheck man > /usr/local/share/man/man1/kvmcheck.1", "install it"),
        ],
        run: { _ throws(Failure) in
            try Output.write(ManualPage.text())
            return 0
        })
}
