import Evidence
import Facts
import Foundation
import Rules
import Testing

@testable import KVMCheckKit
@testable import LinuxIO

/// A capture made here gives the same report elsewhere, as a tar and unpacked.
struct CaptureTests {
    /// A directory that goes with the test.
    private func withScratch(_ body: (URL) throws -> Void) throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "kvmcheck-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        try body(scratch)
    }

    private func unpack(_ tar: URL, into directory: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/tar")
        process.arguments = ["-xzf", tar.path, "-C", directory.path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private func summary(_ findings: [Finding]) -> [String] {
        findings.map { "\($0.rule.id) \($0.verdict) \($0.message) \($0.evidence) \($0.places)" }
    }

    @Test func `the report from a capture is the report of the machine`() throws {
        try withScratch { scratch in
            let tar = scratch.appending(path: "host.tar.gz")
            // One look at the machine for both: it goes on living while the tests run.
            let recorder = RecordingSource(CachingSource(TreeSource.live))
            let host = LiveHost(files: recorder, runGuest: false)
            let made = try HostCheck.write(recorder.capture, answers: host.answers, to: tar.path, time: 0)
            #expect(made.files > 5)
            let selection = try RuleSelection(driver: "qemu", profiles: [], select: ["KVH"], ignore: [])
            let here = Engine.evaluate(selection.rules, on: host.facts)

            var captured = HostCheck()
            captured.root = tar.path
            captured.select = ["KVH"]
            let there = try captured.run()
            #expect(summary(here) == summary(there.findings))
            #expect(there.subject.source == tar.path)

            let directory = scratch.appending(path: "unpacked")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            try unpack(tar, into: directory)
            captured.root = directory.path
            #expect(summary(try captured.run().findings) == summary(here))
        }
    }

    @Test func `a capture is never written over`() throws {
        try withScratch { scratch in
            let tar = scratch.appending(path: "host.tar.gz")
            try Data("precious".utf8).write(to: tar)
            #expect(throws: CheckError.self) { try HostCheck.collect(to: tar.path, runGuest: false) }
            #expect(try String(contentsOf: tar, encoding: .utf8) == "precious")
        }
    }

    @Test func `what is no capture is said in a sentence`() throws {
        try withScratch { scratch in
            let file = scratch.appending(path: "garbage.tar.gz")
            for content in [Data(), Data("not a tar".utf8), Data((0..<4096).map { _ in UInt8.random(in: 0...255) })] {
                try content.write(to: file)
                var check = HostCheck()
                check.root = file.path
                #expect(throws: CheckError.self) { try check.run() }
            }
            var check = HostCheck()
            check.root = scratch.appending(path: "missing").path
            #expect(throws: CheckError.self) { try check.run() }
        }
    }

    @Test func `a tree without answers leaves the ioctls undecided`() throws {
        try withScratch { scratch in
            let proc = scratch.appending(path: "proc")
            try FileManager.default.createDirectory(at: proc, withIntermediateDirectories: true)
            try Data("processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu lm vmx\n".utf8)
                .write(to: proc.appending(path: "cpuinfo"))
            var check = HostCheck()
            check.root = scratch.path
            let report = try check.run()
            let guest = try #require(report.findings.first { $0.rule.slug == "guest-went-wrong" })
            #expect(guest.verdict == .unknown)
            #expect(guest.obstacle?.kind == .notCaptured)
            let flag = try #require(report.findings.first { $0.rule.slug == "virtualization-flag-hidden" })
            #expect(flag.verdict == .pass)
            #expect(report.readiness == .undetermined)
        }
    }

    @Test func `what a sosreport does not hold is not taken for absent`() throws {
        try withScratch { scratch in
            for folder in ["proc", "sys/module/kvm", "sos_commands/kernel"] {
                try FileManager.default.createDirectory(
                    at: scratch.appending(path: folder), withIntermediateDirectories: true)
            }
            try Data("processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu lm vmx\n".utf8)
                .write(to: scratch.appending(path: "proc/cpuinfo"))
            var check = HostCheck()
            check.root = scratch.path
            let report = try check.run()
            // sys/module is there, but whether vboxdrv was left out of the selection nobody can tell.
            for slug in ["kvm-device-missing", "other-hypervisor-loaded", "kvm-module-missing", "iommu-not-enabled"] {
                let finding = try #require(report.findings.first { $0.rule.slug == slug })
                #expect(finding.verdict == .unknown, "\(slug)")
                #expect(finding.obstacle?.kind == .notCaptured, "\(slug)")
            }
        }
    }
}
