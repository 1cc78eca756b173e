import Foundation
import Testing

/// Wrong use is exit code 2, nothing on standard output, and a message that helps.
struct WrongUseTests {
    static let cases: [(words: [String], says: [String])] = [
        (["host", "--profiel", "kvm"], ["unknown option --profiel", "did you mean:  --profile?"]),
        (["host", "--zzz"], ["unknown option --zzz", "kvmcheck host --help"]),
        (["host", "--zzz=\u{1b}[31m"], ["unknown option --zzz\n"]),
        (["host", "-x"], ["unknown option -x"]),
        (["host", "-qx"], ["unknown option -x"]),
        (["host", "-é"], ["unknown short option"]),
        (["host", "-?"], ["unknown option -?"]),
        (["host", "-:"], ["unknown option -:"]),
        (["host", "--f"], ["--f is ambiguous", "--format, --fail-on"]),
        (["host", "--format"], ["--format needs text|json"]),
        (["host", "--format="], ["--format cannot be ''", "text, json"]),
        (["host", "--root="], ["--root needs DIR|TAR"]),
        (["host", "--format", "jsno"], ["--format cannot be 'jsno'", "text, json", "did you mean:  json?"]),
        (["host", "--fail-on", "fatal"], ["--fail-on cannot be 'fatal'", "error, warning, note"]),
        (["host", "--unknown", "maybe"], ["fail, pass"]),
        (["host", "--driver", "xen"], ["qemu, lxc, ch"]),
        (["host", "--profile", "kvn"], ["did you mean:  kvm?"]),
        (["host", "--quiet=yes"], ["--quiet takes no argument"]),
        (["host", "--quiet", "--verbose"], ["exclude each other"]),
        (["host", "here"], ["unexpected operand 'here'"]),
        (["host", "--", "--quiet"], ["unexpected operand '--quiet'"]),
        (["host", "--select", "KVH999"], ["no rule has the id 'KVH999'", "nearest:"]),
        (["host", "--ignore", "KVH001,XYZ"], ["no rule has the id 'XYZ'"]),
        (["host", "--select", ","], ["--select names no rule"]),
        (["host", "--root", "/nonexistent/tree"], ["/nonexistent/tree"]),
        (["hots"], ["unknown command 'hots'", "did you mean:  host?"]),
        (["--profile", "kvm"], ["unknown option --profile"]),
        (["explain"], ["ID|SLUG|TEXT is missing"]),
        (["explain", "KVH0O1"], ["nearest:", "KVH001"]),
        (["explain", "kvm-device-mising"], ["nearest:", "kvm-device-missing"]),
        (["explain", ""], ["no rule has this id"]),
        (["explain", "a", "b"], ["unexpected operand 'b'"]),
        (["collect"], ["--output FILE.tar.gz is missing"]),
        (["completion"], ["bash|zsh|fish is missing"]),
        (["completion", "tcsh"], ["cannot be 'tcsh'", "bash, zsh, fish"]),
        (["help", "hsot"], ["did you mean:  host?"]),
        (["rules", "--format", "yaml"], ["text, json, markdown"]),
    ]

    @Test(arguments: cases.indices)
    func `wrong use says what is wrong and what would be right`(index: Int) throws {
        let (words, says) = Self.cases[index]
        let result = try Tool.run(program: Tool.path, words, environment: [:], to: .capture)
        #expect(result.code == 2, "\(words)")
        #expect(result.output.isEmpty, "\(words)")
        for text in says { #expect(result.error.contains(text), "\(words): \(result.error)") }
        #expect(result.error.hasPrefix("kvmcheck: "))
        #expect(!result.error.contains("\u{1b}"))
    }

    @Test func `control characters of an argument are written out`() throws {
        let result = try Tool.run("host", "\u{1b}]0;x\u{7}")
        #expect(result.error.contains(#"'\x1b]0;x\x07'"#))
    }

    @Test func `an abbreviation that fits one option is taken`() throws {
        #expect(try Tool.run("--vers").output == (try Tool.run("--version").output))
        #expect(try Tool.run("rules", "--form=json").output == (try Tool.run("rules", "--format", "json").output))
    }

    @Test func `options may stand after operands`() throws {
        let result = try Tool.run("explain", "KVH001", "--help")
        #expect(result.code == 0)
        #expect(result.output.hasPrefix("usage: kvmcheck explain"))
    }
}
