import Facts
import Foundation
import KVMCheckKit
import Testing

/// `rules`, `explain`, `man` and `completion`, with the programs that read what they print.
struct ListingTests {
    @Test func `every rule is in every list`() throws {
        let text = try Tool.run("rules").output
        let markdown = try Tool.run("rules", "--format", "markdown").output
        let json = try Tool.run("rules", "--format", "json").output
        let top = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let ids = (top["rules"] as? [[String: Any]])?.compactMap { $0["id"] as? String }
        #expect(ids == Catalogue.rules.map(\.id))
        for rule in Catalogue.rules {
            #expect(text.contains("  \(rule.id)  "))
            #expect(markdown.contains("| \(rule.id) | `\(rule.slug)` | \(rule.severity.rawValue) |"))
        }
        // Every line of a table has four cells.
        for line in markdown.split(separator: "\n") where line.hasPrefix("|") {
            #expect(line.replacing("\\|", with: "").count { $0 == "|" } == 5, "\(line)")
        }
    }

    @Test func `a rule is explained by id, slug and error text`() throws {
        let byID = try Tool.run("explain", "KVH001")
        #expect(byID.code == 0)
        #expect(byID.output.hasPrefix("KVH001 kvm-device-missing\n"))
        #expect(try Tool.run("explain", "kvh001").output == byID.output)
        #expect(try Tool.run("explain", "kvm-device-missing").output == byID.output)
        let byText = try Tool.run("explain", "qemu: could not access KVM kernel module: no such file or directory")
        #expect(byText.output.hasPrefix("KVH001 "))
    }

    @Test func `every rule can be explained, and nothing of it is lost`() throws {
        for rule in Catalogue.rules {
            let result = try Tool.run("explain", rule.id, environment: ["COLUMNS": "1000"])
            #expect(result.code == 0)
            for text in [rule.slug, rule.title] + rule.sources.map(\.document) + rule.remedy.commands {
                #expect(result.output.contains(text), "\(rule.id): \(text)")
            }
        }
    }

    @Test(.enabled(if: Tool.has("groff")))
    func `groff has nothing to say about the man page`() throws {
        let result = try Tool.bash("kvmcheck man | groff -man -Tutf8 -ww -rLL=100n -P-c -P-b -P-u -P-o")
        #expect(result.code == 0)
        #expect(result.error.isEmpty, "\(result.error)")
        let words = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for text in ["kvmcheck host", "--fail-on error|warning|note", "EXIT STATUS", "NO_COLOR"] {
            #expect(words.contains(text))
        }
        for profile in Catalogue.profiles { #expect(words.contains(profile.name)) }
    }

    @Test(arguments: ["bash", "zsh", "fish"].filter(Tool.has))
    func `a shell can read its completions`(shell: String) throws {
        let result = try Tool.bash("kvmcheck completion \(shell) | \(shell) -n /dev/stdin")
        #expect(result.code == 0)
        #expect(result.error.isEmpty)
    }

    /// What bash offers for a command line that ends where the cursor stands.
    private func offered(_ words: [String]) throws -> [String] {
        let list = words.map { "'\($0)'" }.joined(separator: " ")
        let result = try Tool.bash(
            """
            set -e; source <(kvmcheck completion bash)
            COMP_WORDS=(\(list)); COMP_CWORD=\(words.count - 1); COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
            _kvmcheck kvmcheck || true
            printf '%s\\n' "${COMPREPLY[@]}"
            """)
        #expect(result.error.isEmpty, "\(result.error)")
        return result.output.split(separator: "\n").map(String.init)
    }

    @Test func `bash completes commands, options, values, ids and files`() throws {
        #expect(try offered(["kvmcheck", "ho"]) == ["host"])
        #expect(Set(try offered(["kvmcheck", ""])).isSuperset(of: HelpTests.commands + ["--version"]))
        #expect(try offered(["kvmcheck", "host", "--pro"]) == ["--profile"])
        #expect(try offered(["kvmcheck", "host", "--format", ""]) == ["text", "json"])
        #expect(try offered(["kvmcheck", "host", "--format", "=", "j"]) == ["json"])
        #expect(try offered(["kvmcheck", "host", "--format", "="]) == ["text", "json"])
        #expect(try offered(["kvmcheck", "host", "--profile", ""]) == Catalogue.profiles.map(\.name))
        #expect(try offered(["kvmcheck", "host", "-q", "--driver", "l"]) == ["lxc"])
        #expect(try offered(["kvmcheck", "host", "--select", "KVH001,KVH00"]).contains("KVH001,KVH002"))
        #expect(try offered(["kvmcheck", "host", "--root", "/et"]) == ["/etc"])
        #expect(try offered(["kvmcheck", "explain", "kvm-device-m"]) == ["kvm-device-missing"])
        #expect(try offered(["kvmcheck", "completion", ""]) == ["bash", "zsh", "fish"])
        #expect(try offered(["kvmcheck", "collect", "-o", "/et"]) == ["/etc"])
    }

    @Test(.enabled(if: Tool.has("fish")))
    func `fish completes commands, options, values and ids`() throws {
        // fish writes into its home, whatever it is told.
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("kvmcheck-home-\(UUID())")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        func offered(_ line: String) throws -> [String] {
            let result = try Tool.bash(
                "fish --no-config -c 'kvmcheck completion fish | source; complete -C \"\(line)\"'",
                environment: ["HOME": home.path, "TERM": "dumb"])
            return result.output.split(separator: "\n").map { String($0.split(separator: "\t").first ?? "") }
        }
        #expect(try offered("kvmcheck ho") == ["host"])
        #expect(try offered("kvmcheck host --pro") == ["--profile"])
        #expect(Set(try offered("kvmcheck host --format ")) == ["text", "json"])
        #expect(try offered("kvmcheck host --select KVH001,KVH002").contains("KVH001,KVH002"))
        #expect(try offered("kvmcheck explain KVH00").contains("KVH001"))
    }
}
