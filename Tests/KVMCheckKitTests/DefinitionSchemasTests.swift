@_spi(Probing) import Evidence
import Facts
import LibvirtXML
import Testing

@testable import KVMCheckKit

/// What becomes of libvirt's schemas where they are, and where they are not.
struct DefinitionSchemasTests {
    private func document() throws -> XMLDocument { try XMLDocument(parsing: "<domain/>", name: "x.xml") }

    @Test func `schemas that are not installed leave the question open`() throws {
        let faults = DefinitionSchemas(folder: "/nonexistent").faults(in: try document(), from: nil)
        #expect(faults.obstacle?.kind == .notInstalled)
        #expect(faults.obstacle?.description.contains("apt-get install libvirt0") == true)
    }

    @Test(arguments: ["qemu+ssh://node7/system", "qemu://node7/system", "xen+tls://node7/"])
    func `what another machine's libvirt wrote is not held against this one's schema`(uri: String) throws {
        let schemas = DefinitionSchemas(folder: "/nonexistent")
        #expect(schemas.faults(in: try document(), from: .connection(uri: uri)).isAbsent)
        #expect(!schemas.faults(in: try document(), from: .connection(uri: "qemu:///system")).isAbsent)
        #expect(!schemas.faults(in: try document(), from: .configuration(directory: "/etc/libvirt")).isAbsent)
    }

    @Test func `that they are missing is said in the first report alone`() {
        let rule = RuleInfo(
            "KVD190", "against-the-schema", "x", area: "Definition", severity: .warning, rationale: "", sources: [],
            remedy: Remedy(""))
        let open = Finding(
            rule: rule, severity: .warning, verdict: .unknown, message: "x",
            obstacle: Obstacle(.notInstalled, "/nonexistent"))
        let passed = Finding(rule: rule, severity: .warning, verdict: .pass, message: "x")
        let reports = [[passed], [open], [open], [open, passed]].map {
            SubjectReport(subject: Subject(kind: .domain, name: "x", source: "x"), findings: $0)
        }
        #expect(DefinitionSchemas.saidOnce(reports).map(\.findings.count) == [1, 1, 0, 1])
    }
}
