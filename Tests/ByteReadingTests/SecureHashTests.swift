import Foundation
import Testing

@testable import ByteReading

struct SecureHashTests {
    /// The tools of coreutils are the oracle: lengths around the ends of blocks, in pieces of all kinds.
    @Test(arguments: [("sha1sum", SecureHash.Kind.sha1), ("sha256sum", .sha256)])
    func `the checksum is the one that coreutils makes`(tool: String, kind: SecureHash.Kind) throws {
        for count in [0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 1000, 100_000] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 7) }
            let file = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-hash-\(UUID())")
            try Data(bytes).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [tool, file.path]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            for piece in [1000, 64, 37] {
                var hash = SecureHash(kind)
                for start in stride(from: 0, to: count, by: piece) {
                    hash.add(Array(bytes[start..<min(count, start + piece)]))
                }
                #expect(hash.digest() == text.prefix { $0 != " " }, "\(count) bytes in pieces of \(piece)")
            }
        }
    }
}
