import Foundation
import LibvirtXML
import Testing

/// How much of what libvirt's own documents say no typed view reads.
@Suite(.enabled(if: Corpus.isThere)) struct CoverageTests {
    /// What of a document holds a value: an attribute, an element with text, an element that says something by being there.
    private struct Value {
        var path: String
        var offset: Int
    }

    /// The most of a thousand values that may be unread, by kind of document. It may shrink; it must not grow.
    private static let limits = [
        "domain": 1, "network": 0, "pool": 0, "volume": 0, "capabilities": 0, "domainCapabilities": 0, "device": 3,
        "interface": 0, "domainsnapshot": 40, "domaincheckpoint": 0, "filter": 0, "secret": 0,
    ]

    /// Elements that hold others, or end a chain of images, and say nothing themselves where they are empty.
    private static let containers: Set = [
        "devices", "disk", "source", "backingStore", "features", "forward", "power_management", "pci-express", "panic",
        "video", "domaincheckpoint", "all", "icmp", "tcp",
    ]

    /// The names that lead to an element, without the numbers of its like.
    private static func path(_ element: XMLElement) -> String {
        var names: [String] = []
        var element: XMLElement? = element
        while let current = element {
            names.append(current.name)
            element = current.parent
        }
        return names.reversed().joined(separator: "/")
    }

    private static func values(of document: XMLDocument) -> [Value] {
        var values: [Value] = []
        func visit(_ element: XMLElement) {
            // What others keep in a document of libvirt's is no concern of a view.
            guard element.name != "metadata" else { return }
            let path = path(element)
            // A password is told to be there, and not what it is.
            for attribute in element.attributes where attribute.name != "passwd" {
                values.append(Value(path: "\(path)/@\(attribute.name)", offset: attribute.position.offset))
            }
            let children = Array(element.elements)
            let isEmpty = children.isEmpty && element.attributes.isEmpty && !containers.contains(element.name)
            if !element.trimmedText.isEmpty || isEmpty {
                values.append(Value(path: path, offset: element.position.offset))
            }
            for child in children { visit(child) }
        }
        visit(document.root)
        return values
    }

    /// The offsets of what the view of a document reads, units along with what they are the units of.
    private static func read(of document: XMLDocument) -> Set<Int> {
        var read: Set<Int> = []
        LibvirtObject(document).view?.visitFields { field in
            read.insert(field.position.offset)
            if let unit = field.unitPosition { read.insert(unit.offset) }
        }
        return read
    }

    @Test func `of what valid documents say, little is not read by any view`() throws {
        var (all, unread) = ([String: Int](), [String: [String: Int]]())
        for entry in try Corpus.entries() where entry.kind == "valid" && Self.limits[entry.root] != nil {
            let document = try XMLDocument(parsing: Corpus.bytes(entry.path), name: entry.path)
            let read = Self.read(of: document)
            for value in Self.values(of: document) {
                all[entry.root, default: 0] += 1
                if !read.contains(value.offset) { unread[entry.root, default: [:]][value.path, default: 0] += 1 }
            }
        }
        for (kind, limit) in Self.limits.sorted(by: { $0.key < $1.key }) {
            let paths = unread[kind] ?? [:]
            let (count, total) = (paths.values.reduce(0, +), all[kind] ?? 0)
            print("coverage: \(kind): \(count) of \(total) values are unread")
            #expect(total > 0 && count * 1000 <= limit * total, "\(kind): \(count) of \(total)")
            guard ProcessInfo.processInfo.environment["KVMCHECK_VERBOSE"] != nil else { continue }
            for (path, count) in paths.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
                print("coverage:   \(count) \(path)")
            }
        }
    }
}
