import Foundation
import Testing

/// Compares with the files in `Goldens`. With `KVMCHECK_RECORD=1` it writes them instead, and fails, so that no
/// recording is taken for a test that passed.
enum Golden {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Goldens")

    static func expect(_ bytes: [UInt8], _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["KVMCHECK_RECORD"] == "1" {
            try Data(bytes).write(to: file)
            Issue.record("recorded \(name)", sourceLocation: sourceLocation)
            return
        }
        let expected = [UInt8](try Data(contentsOf: file))
        #expect(
            bytes == expected, "\(name) differs:\n\(String(decoding: bytes, as: UTF8.self))",
            sourceLocation: sourceLocation)
    }
}
