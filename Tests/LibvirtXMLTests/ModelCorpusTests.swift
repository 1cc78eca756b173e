import Foundation
import LibvirtXML
import Testing

/// Typed views over libvirt's own documents.
@Suite(.enabled(if: Corpus.isThere)) struct ModelCorpusTests {
    private static func fields(_ view: any XMLView) -> [XMLField] {
        var fields: [XMLField] = []
        view.visitFields { fields.append($0) }
        return fields
    }

    @Test func `every valid document is read without a malformed value, and setting what is there changes nothing`()
        throws
    {
        var (documents, values, unseen) = ([String: Int](), 0, [String: Int]())
        for entry in try Corpus.entries() where entry.kind == "valid" {
            var document = try XMLDocument(parsing: Corpus.bytes(entry.path), name: entry.path)
            let before = document.bytes
            guard let view = LibvirtObject(document).view else {
                unseen[entry.root, default: 0] += 1
                continue
            }
            documents[entry.root, default: 0] += 1
            for malformed in view.malformedValues { Issue.record("\(malformed)") }
            for field in Self.fields(view) {
                #expect(field.isSpelledFaithfully, "\(entry.path): \(field.xpath)")
                if field.text != nil { values += 1 }
                try field.keep(in: &document)
            }
            #expect(document.bytes == before, "\(entry.path)")
        }
        print("corpus: \(values) values read in \(documents); no view of \(unseen)")
        #expect(documents.count == 12)
    }

    @Test func `every document of any class is read without a trap`() throws {
        var malformed = 0
        for entry in try Corpus.entries() {
            guard let document = try? XMLDocument(parsing: Corpus.bytes(entry.path), name: entry.path) else { continue }
            guard let view = LibvirtObject(document).view else { continue }
            malformed += view.malformedValues.count
            for field in Self.fields(view) { _ = (field.text, field.position, field.xpath) }
            // Unions are not in the list of values.
            switch LibvirtObject(document) {
            case .domain(let domain):
                for disk in domain.devices.disks { _ = (disk.source.location, disk.chain) }
                for interface in domain.devices.interfaces { _ = interface.connection }
                for graphics in domain.devices.graphics { _ = (graphics.access, graphics.password) }
                for device in domain.devices.hostDevices { _ = device.device }
                _ = domain.cpu.topology.product
            case .network(let network): _ = (network.mode, network.ips.map(\.effectivePrefix))
            case .storagePool(let pool): _ = (pool.origin, pool.effectiveName)
            default: break
            }
        }
        #expect(malformed > 0)
        print("corpus: \(malformed) malformed values in documents of all classes")
    }

    @Test func `every value respelled is read as the same value, and the rest of the tree stays`() throws {
        var respelled = 0
        for entry in try Corpus.entries().filter({ $0.kind == "valid" }).enumerated()
        where entry.offset.isMultiple(of: 12) {
            let bytes = try Corpus.bytes(entry.element.path)
            var document = try XMLDocument(parsing: bytes, name: entry.element.path)
            guard bytes.count < 20_000, let view = LibvirtObject(document).view else { continue }
            let (paths, fields) = (document.allElements.map(\.xpath), Self.fields(view))
            for field in fields where field.text != nil {
                try field.respell(in: &document)
                respelled += 1
            }
            #expect(document.allElements.map(\.xpath) == paths, "\(entry.element.path)")
            let again = try #require(LibvirtObject(document).view)
            let now = Self.fields(again)
            #expect(now.map(\.xpath) == fields.map(\.xpath), "\(entry.element.path)")
            #expect(now.map { "\($0.reading)" } == fields.map { "\($0.reading)" }, "\(entry.element.path)")
        }
        print("corpus: \(respelled) values respelled")
        #expect(respelled > 1000)
    }
}
