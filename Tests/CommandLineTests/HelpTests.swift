import Foundation
import Testing

/// `--help`, `help`, `--version`, and no command at all.
struct HelpTests {
    static let commands = ["host", "collect", "rules", "explain", "completion", "man", "help"]

    @Test(arguments: commands)
    func `each command prints its help, both ways the same`(command: String) throws {
        let page = try Tool.run(command, "--help")
        #expect(page.code == 0)
        #expect(page.error.isEmpty)
        #expect(page.output.hasPrefix("usage: kvmcheck \(command)"))
        #expect(page.output.contains("-h, --help"))
        #expect(page.output.contains("exit codes:"))
        #expect(try Tool.run("help", command).output == page.output)
        #expect(try Tool.run(command, "-h").output == page.output)
    }

    @Test(arguments: commands, ["60", "100", "300"])
    func `no line of a help is wider than the terminal`(command: String, columns: String) throws {
        let page = try Tool.run(command, "--help", environment: ["COLUMNS": columns])
        let width = min(Int(columns) ?? 0, 100)
        for line in page.output.split(separator: "\n") where line.count > width {
            // An example is a command line, which is not broken.
            #expect(line.hasPrefix("  kvmcheck ") || line.hasPrefix("  source "), "\(line)")
        }
    }

    @Test func `the overview lists every command`() throws {
        let overview = try Tool.run("--help")
        #expect(overview.code == 0)
        for command in Self.commands { #expect(overview.output.contains("\n  \(command) ")) }
        #expect(try Tool.run("-h").output == overview.output)
        #expect(try Tool.run("help").output == overview.output)
    }

    @Test func `without a command the overview goes to standard error, and that is wrong use`() throws {
        let result = try Tool.run()
        #expect(result.code == 2)
        #expect(result.output.isEmpty)
        #expect(result.error == (try Tool.run("--help").output))
    }

    @Test func `the version is a line`() throws {
        let result = try Tool.run("--version")
        #expect(result.code == 0)
        #expect(result.output.wholeMatch(of: /kvmcheck [0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
    }

    @Test func `the host command has every option of the issue`() throws {
        let page = try Tool.run("host", "--help").output
        for option in [
            "--profile NAME", "--driver qemu|lxc|ch", "--root DIR|TAR", "--format text|json", "--select IDS",
            "--ignore IDS", "--fail-on error|warning|note", "--unknown fail|pass", "-q, --quiet", "-v, --verbose",
            "--no-run", "--color auto|always|never",
        ] {
            #expect(page.contains(option))
        }
    }
}
