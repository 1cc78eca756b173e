internal import Evidence
internal import Facts
internal import LibvirtProbes
internal import LibvirtXML
internal import Synchronization

/// Holds definitions against libvirt's schemas, each compiled once for every thread that asks: libxml2 does not promise that
/// two may use one at once.
final class DefinitionSchemas: Sendable {
    private let folder: String
    /// Those that nobody uses at the moment.
    private let idle = Mutex<[XMLSchemas]>([])

    /// The schemas that are installed, or those of a folder.
    init(folder: String = XMLSchemas.installedFolder) { self.folder = folder }

    /// What the schema refuses of a document; absent where it is not for the schemas of this machine to say.
    ///
    /// - Parameter origin: Who told the document; nil for one from a file.
    func faults(in document: XMLDocument, from origin: LibvirtFacts.Origin?) -> Observation<[SchemaFault]> {
        let file = folder + "/" + (XMLSchemas.files[document.root.localName] ?? "")
        if case .connection(let uri) = origin, (try? LibvirtURI(uri))?.isLocal != true {
            return .absent(from: .file(file))
        }
        let schemas = idle.withLock { $0.popLast() } ?? XMLSchemas(folder: folder)
        defer { idle.withLock { $0.append(schemas) } }
        let refusals: XMLRefusals
        do throws(XMLError) { refusals = try schemas.refusals(of: document) } catch {
            return .unknown(Obstacle(.malformed, file, error.message), from: .file(file))
        }
        switch refusals {
        case .refusals(let refusals):
            return .known(refusals.map { SchemaFault($0.words, at: $0.position) }, from: .file(file))
        case .noSchema: return .absent(from: .file(file))
        case .notInstalled(let missing):
            return .unknown(
                Obstacle(
                    .notInstalled, missing,
                    "libvirt's schemas are not installed: apt-get install libvirt0, or dnf install libvirt-libs"),
                from: .file(file))
        }
    }

    /// The reports with what is not installed said in the first alone: it is no different for the others.
    static func saidOnce(_ reports: [SubjectReport]) -> [SubjectReport] {
        var said: Set<String> = []
        return reports.map { report in
            guard report.findings.contains(where: { $0.obstacle?.kind == .notInstalled }) else { return report }
            var report = report
            report.findings.removeAll { finding in
                finding.obstacle?.kind == .notInstalled && !said.insert(finding.rule.id).inserted
            }
            return report
        }
    }
}
