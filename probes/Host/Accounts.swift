@_spi(Probing) internal import Evidence
internal import Facts

/// Users and groups: passwd(5) and group(5). Accounts of a directory service are not seen.
struct Accounts {
    private let users: Observation<[[Substring]]>
    private let groups: Observation<[[Substring]]>

    init(from source: some Source) {
        users = source.text("/etc/passwd").map(Self.fields)
        groups = source.text("/etc/group").map(Self.fields)
    }

    /// The account of a user by its name; absent where passwd(5) has none.
    func account(named name: String) -> Observation<Account> {
        find { $0.first == name[...] }
    }

    /// The account of a user by its number.
    func account(numbered user: UInt32) -> Observation<Account> {
        find { $0.count > 2 && $0[2] == String(user) }
    }

    /// The name of a user; its number where it has none.
    func userName(_ user: UInt32) -> Observation<String> {
        users.map { rows in rows.first { $0.count > 2 && $0[2] == String(user) }.map { String($0[0]) } ?? "\(user)" }
    }

    /// The name of a group; its number where it has none.
    func groupName(_ group: UInt32) -> Observation<String> {
        groups.map { rows in rows.first { $0.count > 2 && $0[2] == String(group) }.map { String($0[0]) } ?? "\(group)" }
    }

    /// The number of a group by its name; absent where group(5) has none.
    func group(named name: String) -> Observation<UInt32> {
        groups.compactMap { rows in rows.first { $0.first == name[...] && $0.count > 2 }.flatMap { UInt32($0[2]) } }
    }

    private func find(_ isMeant: ([Substring]) -> Bool) -> Observation<Account> {
        users.flatMap { rows in
            guard let row = rows.first(where: isMeant), row.count > 3, let user = UInt32(row[2]),
                let primary = UInt32(row[3])
            else { return .absent(from: users.provenance) }
            return groups.map { groupRows in
                let others = groupRows.compactMap { group -> UInt32? in
                    guard group.count > 3, group[3].parts(at: ",").contains(row[0]) else { return nil }
                    return UInt32(group[2])
                }
                return Account(name: String(row[0]), user: user, groups: [primary] + others.filter { $0 != primary })
            }
        }
    }

    private static func fields(_ text: String) -> [[Substring]] {
        text.lines.map { $0.parts(at: ":", keepingEmpty: true) }
    }
}
