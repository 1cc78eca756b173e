internal import Evidence
internal import Facts
internal import LibvirtXML

/// Graphics, video, serial lines and channels. KVD120–KVD149.
enum DomainConsoleRules {
    static let area = "Consoles"

    static let all: [Rule<DomainFacts>] = []
}
