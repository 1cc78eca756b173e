internal import ByteReading
internal import CLinux
@_spi(Probing) internal import Evidence
internal import Facts
internal import Glibc
internal import LinuxIO

/// SEV, TDX and Secure Execution: module parameters, `/dev/sev`, the misc controller, the ultravisor.
enum ConfidentialProbe {
    private static let device = "/dev/sev"

    static func facts(from source: some Source, answers: KernelAnswers) -> ConfidentialFacts {
        var facts = ConfidentialFacts()
        let amd = "/sys/module/kvm_amd/parameters"
        facts.answers = answers.confidential
        facts.sevParameter = source.boolean("\(amd)/sev")
        facts.sevESParameter = source.boolean("\(amd)/sev_es")
        facts.sevSNPParameter = source.boolean("\(amd)/sev_snp")
        facts.capacity = capacity(source)
        facts.tdxParameter = source.boolean("/sys/module/kvm_intel/parameters/tdx")
        facts.hasUltravisor = source.exists("/sys/firmware/uv")
        facts.isSecureExecutionHost = source.boolean("/sys/firmware/uv/prot_virt_host")
        facts.protVirtArgument = source.possiblyEmptyText("/proc/cmdline").compactMap { line in
            KernelCommandLine.parse(line).last { $0.name == "prot_virt" }?.value
        }
        return facts
    }

    /// Asks `/dev/sev` of the running machine. SEV_PLATFORM_STATUS needs no right to write, and changes nothing.
    static func answers() -> ConfidentialAnswers {
        var answers = ConfidentialAnswers()
        do {
            let sev = try FileDescriptor.open(device, O_RDONLY | O_NONBLOCK)
            answers.openSEV = .known(CallResult(), from: .call("open", on: device))
            answers.sevStatus = status(of: sev)
        } catch {
            answers.openSEV = .known(CallResult(errno: error.name), from: .call("open", on: device))
        }
        return answers
    }

    private static func status(of sev: borrowing FileDescriptor) -> Observation<SEVPlatformStatus> {
        let provenance = Provenance.call("SEV_PLATFORM_STATUS", on: device)
        // struct sev_user_data_status, packed: u8 major, minor, state; u32 flags; u8 build; u32 guests.
        var status = [UInt8](repeating: 0, count: 12)
        do {
            // A device that is not the SEV firmware's must not be sent its ioctl.
            guard try sev.metadata().kind == .characterDevice else {
                return .unknown(Obstacle(.notRegularFile, device, "not a character device"), from: provenance)
            }
            try issue(UInt32(SEV_PLATFORM_STATUS), to: sev, &status)
        } catch {
            return .unknown(error.obstacle, from: provenance)
        }
        return parse(status).map { .known($0, from: provenance) }
            ?? .unknown(Obstacle(.malformed, device), from: provenance)
    }

    /// SEV_ISSUE_CMD with `struct sev_issue_cmd`, packed: u32 command, u64 address of its data, u32 error of the firmware.
    private static func issue(
        _ command: UInt32, to sev: borrowing FileDescriptor, _ data: inout [UInt8]
    ) throws(SystemError) {
        // SAFETY: the kernel writes `struct sev_user_data_status`, 12 bytes, at the address given, which is that of an
        // array of 12 bytes that lives until the call returns.
        let failure = unsafe data.withUnsafeMutableBytes { buffer -> SystemError? in
            var request = [UInt8](repeating: 0, count: 16)
            try? request.store(command, at: 0)
            try? request.store(UInt64(UInt(bitPattern: buffer.baseAddress)), at: 4)
            do throws(SystemError) {
                try sev.ioctl(CLINUX_SEV_ISSUE_CMD, bytes: &request, name: "SEV_PLATFORM_STATUS")
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// The fields of `struct sev_user_data_status`.
    static func parse(_ bytes: [UInt8]) -> SEVPlatformStatus? {
        guard bytes.count >= 12, let flags = try? ByteReader.u32(bytes, at: 3),
            let guests = try? ByteReader.u32(bytes, at: 8)
        else { return nil }
        return SEVPlatformStatus(
            major: Int(bytes[0]), minor: Int(bytes[1]), build: Int(bytes[7]), state: Int(bytes[2]),
            isInitialisedForES: flags & UInt32(SEV_STATUS_FLAGS_CONFIG_ES) != 0, guestCount: Int(guests))
    }

    /// `misc.capacity` stands in the root group only: of the unified hierarchy, or of the controller's own in cgroup v1.
    private static func capacity(_ source: some Source) -> Observation<[String: Int]> {
        var last: Observation<[String: Int]> = .notProbed
        for folder in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/misc"] {
            last = source.possiblyEmptyText("\(folder)/misc.capacity").parsed(as: "names with numbers", parseCapacity)
            if !last.isAbsent { return last }
        }
        return last
    }

    private static func parseCapacity(_ text: String) -> [String: Int]? {
        var values: [String: Int] = [:]
        for line in text.lines {
            let words = line.words
            // Sizes such as that of SGX memory can be larger than Int; only counts are wanted here.
            guard words.count == 2, let value = UInt64(words[1]) else { return nil }
            values[String(words[0])] = Int(clamping: value)
        }
        return values
    }
}
