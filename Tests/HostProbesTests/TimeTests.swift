import Evidence
import Facts
import Foundation
import Testing

@testable import HostProbes

struct TimeTests {
    /// The oracle is the same call made by another program, with the struct laid out by hand from adjtimex(2).
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
    func `the kernel says whether its clock is kept`() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [
            "-c",
            """
            import ctypes, struct
            b = ctypes.create_string_buffer(512)
            ctypes.CDLL(None).adjtimex(b)
            print(struct.unpack_from('i', b, 40)[0] >> 6 & 1)
            """,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let isUnsynchronised = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let answers = TimeProbe.answers()
        #expect(try answers.isSynchronised.get() == (isUnsynchronised == "0\n"))
        #expect(try #require(try answers.maximumError.get()) >= 0)
    }

    @Test func `services that set the clock are told from others`() throws {
        let source = MemorySource([
            "/etc/systemd/system/multi-user.target.wants/chronyd.service": .link("/x"),
            "/etc/systemd/system/sysinit.target.wants/systemd-timesyncd.service": .link("/x"),
            "/etc/systemd/system/multi-user.target.wants/ptp4l.service": .link("/x"),
            "/run/systemd/units/invocation:chronyd.service": .link("0"),
            "/run/systemd/units/invocation:sshd.service": .link("0"),
        ])
        let facts = TimeProbe.facts(from: source, answers: KernelAnswers())
        #expect(try facts.daemonsAtBoot.get() == ["chronyd.service", "systemd-timesyncd.service"])
        #expect(try facts.activeDaemons.get() == ["chronyd.service"])
    }
}
