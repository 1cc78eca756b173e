import Facts
import Testing

/// The list format of Documentation/admin-guide/kernel-parameters.rst, "cpu lists", as the kernel writes it.
struct CPUListTests {
    @Test(arguments: [
        ("", []), ("0", [0]), ("0-1", [0, 1]), ("0,2-3,8", [0, 2, 3, 8]), ("0-3,4-7", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("5,1", [1, 5]), ("2-4,3-5", [2, 3, 4, 5]), ("\n", []),
    ])
    func `a list has the members it names`(text: String, members: [Int]) throws {
        let list = try #require(CPUList(parsing: text))
        #expect(list.members(limit: 100) == members)
        #expect(list.count == members.count)
        #expect(list.isEmpty == members.isEmpty)
    }

    @Test(arguments: [
        "a", "-", "1-", "-1", "3-1", "1,,2", ",", "1-2-3", "+1", "0x1", "99999999999999999999", "1 2", "١",
    ])
    func `what is no list is nil`(text: String) {
        #expect(CPUList(parsing: text) == nil)
    }

    @Test func `a list is written as the kernel writes it`() throws {
        #expect(try #require(CPUList(parsing: "8,0-1,2,3")).description == "0-3,8")
        #expect(CPUList().description == "")
    }

    @Test(arguments: [
        ("0-127", "0-125", "126-127"), ("0-7", "2-3,5", "0-1,4,6-7"), ("0-3", "0-3", ""), ("0-3", "", "0-3"),
        ("0,2,4", "1-4", "0"),
    ])
    func `a difference has what only the first has`(first: String, second: String, left: String) throws {
        let difference = try #require(CPUList(parsing: first)).subtracting(try #require(CPUList(parsing: second)))
        #expect(difference.description == left)
    }

    @Test func `a list from a stranger costs no more than its text`() throws {
        let list = try #require(CPUList(parsing: "0-999999"))
        #expect(list.ranges.count == 1)
        #expect(list.members(limit: 3) == [0, 1, 2])
        #expect(list.contains(999_999) && !list.contains(1_000_000))
    }
}
