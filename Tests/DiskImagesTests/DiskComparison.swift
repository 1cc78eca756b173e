import ByteReading
import Foundation
import Testing

@testable import DiskImages

/// Numbers that are the same in every run of a seed.
struct Numbers: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

extension Workshop {
    /// Holds the disk inside an image against what `qemu-img convert` makes of it: all of it in order, pieces of it in no
    /// order, and that what is said to be zeros is.
    ///
    /// - Parameters:
    ///   - source: What qemu-img is given, where it is not just the image's name.
    ///   - size: How many bytes of it are the disk, where qemu-img rounds.
    func compareWithQEMU(_ image: String, _ source: String? = nil, policy: ImagePolicy = ImagePolicy()) throws {
        try shell("qemu-img convert -O raw \(source ?? image) \(image).converted")
        try compare(image, withRaw: "\(image).converted", policy: policy)
        try shell("rm \(image).converted")
    }

    func compare(_ image: String, withRaw raw: String, policy: ImagePolicy = ImagePolicy()) throws {
        let opened = DiskImage.open(file(image), policy: policy)
        let disk = try opened.disk()
        let expected = try Data(contentsOf: URL(filePath: file(raw)), options: .alwaysMapped)
        try #require(disk.size == UInt64(expected.count))
        #expect(opened.facts?.virtualSize == disk.size)
        func check(_ offset: Int, _ count: Int) throws {
            let found = try disk.bytes(at: UInt64(offset), count: count)
            let same = expected.same(as: found, at: offset)
            try #require(same, "\(image): \(count) bytes at \(offset)")
        }
        var offset = 0
        while offset < expected.count {
            let count = min(expected.count - offset, 3_000_001)
            try check(offset, count)
            offset += count
        }
        var numbers = Numbers(1)
        for _ in 0..<200 where expected.count > 0 {
            let offset = Int.random(in: 0..<expected.count, using: &numbers)
            try check(offset, min(expected.count - offset, Int.random(in: 0...70000, using: &numbers)))
        }
        try compareExtents(disk, with: expected)
    }

    private func compareExtents(_ disk: any BlockReader, with expected: Data) throws {
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var place: UInt64 = 0
        while place < disk.size {
            let extent = try disk.extent(at: place)
            try #require(extent.length > 0 && extent.length <= disk.size - place)
            var offset = Int(place)
            let end = offset + Int(extent.length)
            while extent.kind == .zero, offset < end {
                let count = min(end - offset, zeros.count)
                let same = expected.same(as: zeros[..<count], at: offset)
                try #require(same, "a hole at \(offset) that is none")
                offset += count
            }
            place += extent.length
        }
    }
}

extension Data {
    /// Whether bytes stand at a place; `==` would look at them one by one where nothing is optimised.
    func same(as bytes: some ContiguousBytes & Collection<UInt8>, at offset: Int) -> Bool {
        guard !bytes.isEmpty else { return true }
        return withUnsafeBytes { wanted in
            bytes.withUnsafeBytes { found in
                guard let left = wanted.baseAddress, let right = found.baseAddress else { return false }
                return memcmp(left.advanced(by: offset), right, found.count) == 0
            }
        }
    }
}
