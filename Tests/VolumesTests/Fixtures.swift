import ByteReading
import Foundation
import LinuxIO

/// The disks of an archive under `Fixtures`, unpacked as sparse files.
struct Disks {
    private let scratch: Scratch
    private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"

    init(_ archive: String) throws {
        scratch = try Scratch()
        try scratch.bash("tar -xJSf '\(folder)/\(archive).tar.xz'")
    }

    func blocks(_ name: String) throws -> FileBlocks { try scratch.blocks(name) }

    @discardableResult
    func bash(_ script: String, codes: Set<Int32> = [0]) throws -> String { try scratch.bash(script, codes: codes) }

    func blkid(_ name: String) throws -> [String: String] { try scratch.blkid(name) }

    /// The lines of a recorded report, cut at `|`, of its sections, which `---` parts.
    func report(_ name: String) throws -> [[[String]]] {
        let text = try String(contentsOfFile: "\(folder)/\(name).report", encoding: .utf8)
        return text.components(separatedBy: "\n---\n").map { section in
            section.split(separator: "\n").map { line in
                line.trimmingCharacters(in: .whitespaces).components(separatedBy: "|")
            }
        }
    }
}

extension BlockReader {
    /// Where the content is not what the fixtures' scripts wrote: in each sector the name and the sector's number. It is read
    /// in pieces of a prime number of sectors, so that reads cross stripes and segments.
    func firstSectorThatIsNot(_ name: String, count: Int? = nil) throws -> Int? {
        let count = count ?? Int(size / 512)
        for start in stride(from: 0, to: count, by: 2039) {
            let bytes = try bytes(at: UInt64(start) * 512, count: min(2039, count - start) * 512)
            for sector in start..<min(start + 2039, count) {
                let place = (sector - start) * 512
                let wanted = Array("\(name) \(sector) ".utf8)
                if !bytes[place..<place + wanted.count].elementsEqual(wanted) { return sector }
            }
        }
        return nil
    }
}
