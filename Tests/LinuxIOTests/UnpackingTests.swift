import Foundation
import Testing

@testable import LinuxIO

struct UnpackingTests {
    private static let compiler = "/usr/bin/cc"
    private static let hasHeaders = ["/usr/include/zlib.h", "/usr/include/zstd.h", compiler].allSatisfy {
        FileManager.default.fileExists(atPath: $0)
    }

    /// The structures are declared by hand, so that the build needs no package for them.
    @Test(.enabled(if: hasHeaders)) func `the structures are laid out as the libraries' own headers say`() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources").path
        var text = """
            #include <stddef.h>
            #include <zlib.h>
            #include <zstd.h>
            #include "\(sources)/CZlib/czlib.h"
            #include "\(sources)/CZstd/czstd.h"
            #define SAME(a, b, f) _Static_assert(offsetof(struct a, f) == offsetof(b, f) \\
                && sizeof(((struct a *)0)->f) == sizeof(((b *)0)->f), #f)
            #define SIZE(a, b) _Static_assert(sizeof(struct a) == sizeof(b), #a)
            SIZE(kvmcheck_z_stream, z_stream);
            SIZE(kvmcheck_zstd_in, ZSTD_inBuffer);
            SIZE(kvmcheck_zstd_out, ZSTD_outBuffer);
            _Static_assert(Z_FINISH == 4 && Z_STREAM_END == 1 && Z_BUF_ERROR == -5, "numbers");
            _Static_assert(ZSTD_d_windowLogMax == 100, "numbers");

            """
        for name in ["next_in", "avail_in", "total_in", "next_out", "avail_out", "total_out", "msg", "state", "zalloc"]
        {
            text += "SAME(kvmcheck_z_stream, z_stream, \(name));\n"
        }
        for name in ["src", "size", "pos"] { text += "SAME(kvmcheck_zstd_in, ZSTD_inBuffer, \(name));\n" }
        for name in ["dst", "size", "pos"] { text += "SAME(kvmcheck_zstd_out, ZSTD_outBuffer, \(name));\n" }
        let process = Process()
        process.executableURL = URL(filePath: Self.compiler)
        process.arguments = ["-fsyntax-only", "-x", "c", "-"]
        let input = Pipe()
        process.standardInput = input
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func `what is no compressed data is said to be damaged`() {
        for method in [Unpacking.deflate, .zlib, .zstd] {
            #expect(throws: Unpacking.Failure.damaged) {
                try method.unpack([UInt8](repeating: 0xff, count: 100), count: 100)
            }
        }
    }

    @Test func `no more comes out than is wanted, and one can see whether that was all`() throws {
        // Deflate, stored blocks: RFC 1951, 3.2.4: final, length 5, its complement, the bytes.
        let stored: [UInt8] = [1, 5, 0, 0xfa, 0xff] + Array("hello".utf8)
        let whole = try Unpacking.deflate.unpack(stored + [9, 9, 9], count: 10)
        #expect(whole.bytes == Array("hello".utf8))
        #expect(whole.hasEnded)
        let part = try Unpacking.deflate.unpack(stored, count: 3)
        #expect(part.bytes == Array("hel".utf8))
        #expect(!part.hasEnded)
    }
}
