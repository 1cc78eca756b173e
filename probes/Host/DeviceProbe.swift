internal import ByteReading
internal import CLinux
@_spi(Probing) internal import Evidence
internal import Facts
internal import Glibc
internal import LinuxIO

/// Reads ``DeviceFacts`` and asks the device nodes of the running machine.
enum DeviceProbe {
    /// A device of the misc driver (major 10) that guests use.
    struct Device {
        let path: String
        /// The name in `/proc/misc`.
        let name: String
        /// The minor number, where the kernel fixes it (`include/linux/miscdevice.h`).
        let minor: UInt32?
        /// The ioctl that only reads the features.
        var request = CLINUX_VHOST_GET_FEATURES
        var requestName = "VHOST_GET_FEATURES"
        /// How many bytes it writes.
        var size = 8

        static let tun = Device(
            path: "/dev/net/tun", name: "tun", minor: 200, request: CLINUX_TUNGETFEATURES,
            requestName: "TUNGETFEATURES", size: 4)
        static let vhostNet = Device(path: "/dev/vhost-net", name: "vhost-net", minor: 238)
        static let vhostVsock = Device(path: "/dev/vhost-vsock", name: "vhost-vsock", minor: 241)
        static let vhostSCSI = Device(path: "/dev/vhost-scsi", name: "vhost-scsi", minor: nil)
    }

    /// `MISC_MAJOR`, include/uapi/linux/major.h.
    private static let miscMajor: UInt32 = 10

    static func facts(from source: some Source, answers: KernelAnswers) -> DeviceFacts {
        var facts = DeviceFacts()
        let numbers = miscNumbers(source)
        func device(_ device: Device, _ answer: DeviceAnswer) -> GuestDevice {
            var facts = GuestDevice()
            facts.node = source.metadata(device.path)
            facts.minor = minor(of: device, in: numbers)
            facts.answer = answer
            return facts
        }
        facts.tun = device(.tun, answers.devices.tun)
        facts.vhostNet = device(.vhostNet, answers.devices.vhostNet)
        facts.vhostVsock = device(.vhostVsock, answers.devices.vhostVsock)
        facts.vhostSCSI = device(.vhostSCSI, answers.devices.vhostSCSI)
        facts.loadsModules = loadsModules(source)
        facts.tunIsModule = source.exists("/sys/module/tun")
        facts.vfio = source.metadata("/dev/vfio/vfio")
        facts.iommufd = source.metadata("/dev/iommu")
        facts.sev = source.metadata("/dev/sev")
        facts.sevGuest = source.metadata("/dev/sev-guest")
        facts.tdxGuest = source.metadata("/dev/tdx_guest")
        facts.userfaultfd = source.metadata("/dev/userfaultfd")
        facts.unprivilegedUserfaultfd = source.boolean("/proc/sys/vm/unprivileged_userfaultfd")
        facts.tpmVersion = tpmVersion(source)
        facts.tpmResourceManager = source.metadata("/dev/tpmrm0")
        return facts
    }

    /// The names of `/proc/misc` with their minor numbers: a line is `%3i %s` (drivers/char/misc.c).
    static func miscNumbers(_ source: some Source) -> Observation<[String: UInt32]> {
        source.possiblyEmptyText("/proc/misc").parsed(as: "a list of misc devices") { text in
            var numbers: [String: UInt32] = [:]
            for line in text.lines {
                let fields = line.words
                guard fields.count == 2, let number = UInt32(fields[0]) else { return nil }
                numbers[String(fields[1])] = number
            }
            return numbers
        }
    }

    private static func minor(
        of device: Device, in numbers: Observation<[String: UInt32]>
    ) -> Observation<UInt32> {
        device.minor.map { .known($0, from: .call("include/linux/miscdevice.h")) }
            ?? numbers.compactMap { $0[device.name] }
    }

    private static func loadsModules(_ source: some Source) -> Observation<Bool> {
        source.exists("/proc/modules").flatMap { hasSupport in
            guard hasSupport else { return .known(false, from: .file("/proc/modules")) }
            let disabled = source.boolean("/proc/sys/kernel/modules_disabled")
            return disabled.isAbsent ? .known(true, from: .file("/proc/modules")) : disabled.map { !$0 }
        }
    }

    /// `tpm_version_major` is there since Linux 5.6; before, `caps` of a TPM 1.2 tells its version.
    private static func tpmVersion(_ source: some Source) -> Observation<Int> {
        let version = source.integer("/sys/class/tpm/tpm0/tpm_version_major")
        guard version.isAbsent else { return version }
        return source.metadata("/sys/class/tpm/tpm0").flatMap { _ in
            let old = source.exists("/sys/class/tpm/tpm0/device/caps")
            return old.flatMap {
                $0
                    ? .known(1, from: old.provenance)
                    : .unknown(
                        Obstacle(.unsupported, "/sys/class/tpm/tpm0/tpm_version_major", "not in this kernel"))
            }
        }
    }

    // MARK: - Asking

    /// Asks the kernel of the running machine.
    static func answers() -> DeviceAnswers {
        var answers = DeviceAnswers()
        answers.tun = ask(.tun, at: Device.tun.path)
        answers.vhostNet = ask(.vhostNet, at: Device.vhostNet.path)
        answers.vhostVsock = ask(.vhostVsock, at: Device.vhostVsock.path)
        answers.vhostSCSI = ask(.vhostSCSI, at: Device.vhostSCSI.path)
        return answers
    }

    /// Opens a node and sends it the ioctl that only reads its features.
    ///
    /// A node of another number is not even opened: opening a watchdog starts it, and another driver can read another
    /// meaning into the ioctl. The driver's module is loaded by the kernel as QEMU's open would load it. No owner
    /// (VHOST_SET_OWNER) is needed to be asked: drivers/vhost/{net,scsi,vsock}.c answer it before they look for one.
    static func ask(_ device: Device, at path: String) -> DeviceAnswer {
        var answer = DeviceAnswer()
        let name = device.requestName
        let source = TreeSource.live
        let node = source.metadata(path)
        let minor = device.minor ?? (node.known == nil ? nil : miscNumbers(source).known?[device.name])
        guard let metadata = node.known, isRight(metadata, minor) else {
            if node.isAbsent {
                answer.open = .known(CallResult(errno: "ENOENT"), from: .call("open", on: path))
            } else {
                let obstacle = node.obstacle ?? Obstacle(.notAsked, path, "not \(device.name)'s device number")
                answer.open = .unknown(obstacle, from: .call("open", on: path))
                answer.call = .unknown(obstacle, from: .call(name, on: path))
                answer.features = .unknown(obstacle, from: .call(name, on: path))
            }
            return answer
        }
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(path, O_RDWR | O_NONBLOCK)
            answer.open = .known(CallResult(), from: .call("open", on: path))
        } catch {
            answer.open = .known(CallResult(errno: error.name), from: .call("open", on: path))
            answer.call = .unknown(error.obstacle, from: .call(name, on: path))
            answer.features = .unknown(error.obstacle, from: .call(name, on: path))
            return answer
        }
        // Looked at again: the node may have been another by the time it was opened.
        guard let opened = try? file.metadata(), isRight(opened, minor) else { return answer }
        do {
            var bytes = [UInt8](repeating: 0, count: 8)
            try file.ioctl(device.request, bytes: &bytes, name: name)
            answer.call = .known(CallResult(), from: .call(name, on: path))
            let features =
                device.size == 4 ? try? UInt64(ByteReader.u32(bytes, at: 0)) : try? ByteReader.u64(bytes, at: 0)
            answer.features = .known(features ?? 0, from: .call(name, on: path))
        } catch {
            answer.call = .known(CallResult(errno: error.name), from: .call(name, on: path))
            answer.features = .unknown(error.obstacle, from: .call(name, on: path))
        }
        return answer
    }

    private static func isRight(_ node: FileMetadata, _ minor: UInt32?) -> Bool {
        node.kind == .characterDevice && node.deviceMajor == miscMajor && node.deviceMinor == minor
    }
}
