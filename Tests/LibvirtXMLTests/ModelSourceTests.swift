import Foundation
import Testing

/// What can only be held against the source: that a view's list of its values names all of them.
struct ModelSourceTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/LibvirtXML/Model")

    @Test func `every property of a view is in its list of parts`() throws {
        let files = try #require(FileManager.default.enumerator(at: Self.folder, includingPropertiesForKeys: nil))
        var count = 0
        for case let file as URL in files where file.pathExtension == "swift" {
            // One scope a struct: its properties, and the words in its list.
            var scopes: [(depth: Int, name: String, properties: [String], words: Set<String>)] = []
            var (depth, partsDepth) = (0, nil as Int?)
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let code = line.split(separator: "//", omittingEmptySubsequences: false).first ?? ""
                if let match = code.firstMatch(of: /public struct (\w+): (?:PlacedView|.*View)/) {
                    scopes.append((depth, String(match.1), [], []))
                }
                let property = code.firstMatch(of: /public var (\w+): (\[?[\w.]+(?:<.*>)?\]?)\s*\{/)
                if let property, let last = scopes.indices.last, depth == scopes[last].depth + 1 {
                    let type = String(property.2)
                    let isPlain =
                        ["Bool", "String", "Int?", "String?"].contains { type == $0 } || code.contains("? {")
                        || ["Location", "Connection", "Device", "Access", "Password", "XMLPosition", "Mode", "Origin"]
                            .contains(type)
                        || ["[DiskSource]", "[String]"].contains(type)
                    if !isPlain { scopes[last].properties.append(String(property.1)) }
                }
                if code.contains("func visitParts(") { partsDepth = depth }
                if partsDepth != nil, let last = scopes.indices.last {
                    for word in code.matches(of: /\w+/) { scopes[last].words.insert(String(word.0)) }
                }
                depth += code.count { $0 == "{" } - code.count { $0 == "}" }
                if let start = partsDepth, depth <= start { partsDepth = nil }
                while let scope = scopes.last, depth <= scope.depth, code.contains("}") {
                    for property in scope.properties where !scope.words.contains(property) {
                        Issue.record("\(file.lastPathComponent): \(scope.name).\(property) is not in its parts")
                    }
                    count += scope.properties.count
                    scopes.removeLast()
                }
            }
        }
        print("model: \(count) properties")
        #expect(count > 600)
    }
}
