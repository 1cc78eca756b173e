import Evidence
import Foundation
import Testing

@testable import LinuxIO

struct FoundFileTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-found-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test func `a file is known by where it truly lies`() throws {
        try inFolder { folder in
            try Data("content".utf8).write(to: URL(filePath: "\(folder)/file"))
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "file")
            let found = try FoundFile("\(folder)/link")
            #expect(found.canonicalPath == "\(folder)/file")
            #expect(found.metadata.kind == .regular)
            // Another file in its place is not the one that was found.
            try FileManager.default.removeItem(atPath: "\(folder)/link")
            try Data("other".utf8).write(to: URL(filePath: "\(folder)/link"))
            let blocks = try found.open()
            #expect(blocks.size == 7)
            #expect(blocks.identity == found.identity)
            #expect(blocks.path == "\(folder)/link")
        }
    }

    @Test func `a FIFO is found without waiting, and is not opened as a file`() throws {
        try inFolder { folder in
            #expect(mkfifo("\(folder)/fifo", 0o600) == 0)
            let found = try FoundFile("\(folder)/fifo")
            #expect(found.metadata.kind == .fifo)
            let error = #expect(throws: SystemError.self) { try found.open() }
            #expect(error?.errno == ESPIPE)
        }
    }

    @Test func `what is not there is absent`() {
        let error = #expect(throws: SystemError.self) { _ = try FoundFile("/nowhere/at/all") }
        #expect(error?.provesAbsence == true)
    }
}
