import Evidence
import Facts
import Foundation
import Testing

@_spi(Probing) @testable import Evidence
@testable import HostProbes

/// The real `/dev/kvm`, where there is one that may be used.
@Suite(.enabled(if: access("/dev/kvm", R_OK | W_OK) == 0, "no /dev/kvm that this user may open"))
struct KVMDeviceTests {
    @Test func `a guest runs, writes its byte and halts`() throws {
        let answers = KVMDevice.answers(runGuest: true)
        let run = try #require(answers.guest.known)
        #expect(run.isRight, "\(run)")
        #expect(answers.apiVersion.known == 12)
        #expect(answers.createVM.known?.succeeded == true)
        #expect((answers.runAreaSize.known ?? 0) >= 4096)
    }

    @Test func `without a run nothing is created`() {
        let answers = KVMDevice.answers(runGuest: false)
        #expect(answers.guest.obstacle?.kind == .notAsked)
        #expect(answers.createVM.obstacle?.kind == .notAsked)
        #expect(answers.extensions.known?.isEmpty == false)
    }

    @Test func `no descriptor and no mapping is left behind`() throws {
        for _ in 0..<8 { _ = KVMDevice.answers(runGuest: true) }
        // Other tests of this process hold the device for moments too; what leaks is there at every look.
        var leaked = try descriptors()
        for _ in 0..<200 where !leaked.isEmpty {
            usleep(20_000)
            leaked.formIntersection(try descriptors())
        }
        #expect(leaked.isEmpty)
    }

    /// The numbers of this process's descriptors that are KVM's, with what each is.
    private func descriptors() throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { number in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
                return target.flatMap { $0.contains("kvm") ? "\(number) \($0)" : nil }
            })
    }

    #if arch(x86_64)
        /// QEMU is the oracle: it aborts with 134 on `-cpu host` exactly where a register is refused that it sets.
        @Test(.enabled(if: access("/usr/bin/qemu-system-x86_64", X_OK) == 0, "no QEMU"))
        func `QEMU aborts on host exactly where a register is refused`() throws {
            let answers = KVMDevice.answers(runGuest: true)
            let refused = try #require(answers.featureMSRs.known).contains { !$0.accepted && $0.offered != 0 }
            #expect(try qemuStarts(cpu: "host") == !refused)
            #expect(try qemuStarts(cpu: "host,-arch-capabilities"))
        }

        /// Starts QEMU on KVM with the processor halted before its first instruction, and quits it by its monitor.
        private func qemuStarts(cpu: String) throws -> Bool {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/qemu-system-x86_64")
            process.arguments = [
                "-accel", "kvm", "-cpu", cpu, "-nodefaults", "-display", "none", "-S", "-monitor", "stdio",
            ]
            let input = Pipe()
            process.standardInput = input
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            // An abort should not leave a core file in the tree.
            process.currentDirectoryURL = FileManager.default.temporaryDirectory
            try process.run()
            try? input.fileHandleForWriting.write(contentsOf: Data("quit\n".utf8))
            process.waitUntilExit()
            return process.terminationReason == .exit && process.terminationStatus == 0
        }
    #endif
}
