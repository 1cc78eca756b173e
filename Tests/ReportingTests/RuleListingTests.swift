import Facts
import Foundation
import Reporting
import Testing

struct RuleListingTests {
    private let rules = [
        SampleReports.rule("KVH901", "a-b", "a | b `c` <d>", area: "One", .error),
        SampleReports.rule(
            "KVH902", "c-long-slug", "c", area: "Two", .warning, parent: "KVH901", explains: ["oh \"no\""]),
        SampleReports.rule("KVH903", "d-e", "d", area: "One", .note),
    ]

    @Test func `text has a line for each rule under its area`() {
        #expect(
            RuleListing(rules).text() == """
                One
                  KVH901  error    a-b          a | b `c` <d>
                  KVH903  note     d-e          d

                Two
                  KVH902  warning  c-long-slug  c

                """)
    }

    @Test func `Markdown has a table for each area, and nothing in it ends a cell`() {
        #expect(
            RuleListing(rules).markdown() == #"""
                ### One

                | id | slug | severity | what holds |
                |---|---|---|---|
                | KVH901 | `a-b` | error | a \| b \`c\` \<d\> |
                | KVH903 | `d-e` | note | d |

                ### Two

                | id | slug | severity | what holds |
                |---|---|---|---|
                | KVH902 | `c-long-slug` | warning | c |

                """#)
    }

    @Test func `JSON has everything there is to say`() throws {
        let data = Data(try RuleListing(rules).json(toolVersion: "1.2.3"))
        let top = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(top.keys) == ["schemaVersion", "tool", "rules"])
        let listed = try #require(top["rules"] as? [[String: Any]])
        #expect(listed.count == 3)
        #expect(
            Set(listed[1].keys) == [
                "id", "slug", "title", "area", "severity", "rationale", "sources", "remedy", "parent", "explains",
            ])
        #expect(listed[0]["parent"] is NSNull)
        #expect(listed[1]["parent"] as? String == "KVH901")
        #expect(listed[1]["explains"] as? [String] == ["oh \"no\""])
    }

    @Test func `an explanation has everything there is to say`() {
        #expect(
            RuleExplanation(width: 60).render(rules[1], parent: rules[0]) == """
                KVH902 c-long-slug

                  holds     c
                  area      Two
                  severity  warning: VMs work degraded, or at risk
                  asked if  KVH901 holds: a | b `c` <d>
                  why       It matters. It does.
                  remedy    put it right
                            put --right
                  explains  “oh "no"”
                  sources   a document (2026-01-02)
                            a page without a date

                """)
    }
}
