@_spi(Probing) internal import Evidence
internal import Facts
internal import FoundationEssentials
internal import LinuxIO

/// What a capture holds beside the files: the kernel's answers, and what was answered about paths.
struct CaptureManifest: Codable {
    /// Where it stands in the capture.
    static let name = "kvmcheck-capture.json"
    private static let currentVersion = 1

    var schemaVersion = Self.currentVersion
    var toolVersion: String
    var answers: KernelAnswers
    var records: [String: Capture.Record]

    /// The manifest of a capture; nil where the tree is not kvmcheck's.
    static func read(from source: some Source, path: String) throws(CheckError) -> CaptureManifest? {
        let content = source.read("/" + name, limit: 64 << 20)
        guard let bytes = content.known else {
            guard let obstacle = content.obstacle, obstacle.kind != .notCaptured else { return nil }
            throw CheckError("cannot read the capture", context: [obstacle.description])
        }
        do {
            let manifest = try JSONDecoder().decode(CaptureManifest.self, from: Data(bytes))
            guard manifest.schemaVersion == currentVersion else {
                throw CheckError(
                    "the capture is of another version",
                    context: ["\(path): schemaVersion \(manifest.schemaVersion), known is \(currentVersion)"])
            }
            return manifest
        } catch let error as CheckError {
            throw error
        } catch {
            throw CheckError("the capture's manifest is damaged", context: ["\(path), \(name)"])
        }
    }

    /// The manifest as bytes, always the same for the same content.
    func encoded() throws(CheckError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self))
        } catch {
            throw CheckError("cannot write the capture's manifest")
        }
    }
}
