internal import ByteReading
internal import CLinux
@_spi(Probing) internal import Evidence
public import Facts
internal import Glibc
internal import LinuxIO

/// `/dev/kvm`, asked step by step: Documentation/virt/kvm/api.rst.
///
/// Nothing is left behind: every descriptor and mapping goes with the function that made it.
public enum KVMDevice {
    static let path = "/dev/kvm"

    /// All answers of the running machine's `/dev/kvm`.
    ///
    /// - Parameter runGuest: Whether to create a VM and run a guest; without it the probe stops before KVM_CREATE_VM.
    public static func answers(runGuest: Bool) -> KVMAnswers {
        var answers = KVMAnswers()
        answers.hasAccessList = accessList()
        do {
            let device = try FileDescriptor.open(path, O_RDWR)
            answers.open = .known(CallResult(), from: .call("open", on: path))
            // A device that is not KVM must not be sent KVM's other ioctls: to it they may mean something else.
            guard askVersion(device, into: &answers) else {
                let failed = answers.apiVersionCall.known?.errno.map { "KVM_GET_API_VERSION: \($0)" }
                let (call, version) = (answers.apiVersionCall, answers.apiVersion)
                answers.blockAll(after: Obstacle(.unsupported, path, failed ?? "another API version than 12"))
                (answers.apiVersionCall, answers.apiVersion) = (call, version)
                return answers
            }
            answers.extensions = sweep(device)
            answers.runAreaSize = observing("KVM_GET_VCPU_MMAP_SIZE") { () throws(SystemError) in
                Int(try device.ioctl(CLINUX_KVM_GET_VCPU_MMAP_SIZE, name: "KVM_GET_VCPU_MMAP_SIZE"))
            }
            answers.supportedCPUID = FeatureRegisters.supportedCPUID(device)
            let offered = FeatureRegisters.offered(device)
            answers.blockVM(after: Obstacle(.notAsked, "KVM_CREATE_VM", "--no-run"))
            if runGuest { tryGuest(device, offered: offered, into: &answers) }
        } catch {
            answers.open = .known(CallResult(errno: error.name), from: .call("open", on: path))
            answers.blockAll(after: error.obstacle)
        }
        return answers
    }

    /// More capability numbers than any kernel has (Linux 6.18 ends below 250), so that new ones are seen too.
    private static let extensionLimit = 320

    /// acl(5): the kernel keeps the list as an extended attribute. Only whether there is one is asked.
    private static func accessList() -> Observation<Bool> {
        let provenance = Provenance.call("getxattr system.posix_acl_access", on: path)
        // SAFETY: with a size of 0 nothing is written.
        if unsafe getxattr(path, "system.posix_acl_access", nil, 0) >= 0 { return .known(true, from: provenance) }
        let error = SystemError(errno: clinux_errno(), operation: "getxattr \(path)")
        switch error.errno {
        case ENODATA, EOPNOTSUPP: return .known(false, from: provenance)
        case ENOENT: return .absent(from: provenance)
        default: return .unknown(error.obstacle, from: provenance)
        }
    }

    private static func askVersion(_ device: borrowing FileDescriptor, into answers: inout KVMAnswers) -> Bool {
        let provenance = Provenance.call("KVM_GET_API_VERSION", on: path)
        do {
            let version = try device.ioctl(CLINUX_KVM_GET_API_VERSION, name: "KVM_GET_API_VERSION")
            answers.apiVersionCall = .known(CallResult(), from: provenance)
            answers.apiVersion = .known(Int(version), from: provenance)
            return version == KVM_API_VERSION
        } catch {
            answers.apiVersionCall = .known(CallResult(errno: error.name), from: provenance)
            return false
        }
    }

    private static func sweep(_ device: borrowing FileDescriptor) -> Observation<[Int: Int]> {
        var extensions: [Int: Int] = [:]
        for number in 0..<extensionLimit {
            // An id that the kernel does not know is answered with 0; a refusal says nothing about the others.
            let answer = try? device.ioctl(
                CLINUX_KVM_CHECK_EXTENSION, UInt(number), name: "KVM_CHECK_EXTENSION")
            if let answer, answer > 0 { extensions[number] = Int(answer) }
        }
        return .known(extensions, from: .call("KVM_CHECK_EXTENSION", on: path))
    }

    private static func tryGuest(
        _ device: borrowing FileDescriptor, offered: Observation<[(index: UInt32, value: UInt64)]>,
        into answers: inout KVMAnswers
    ) {
        let started = ContinuousClock.now
        let vm: FileDescriptor
        do {
            vm = try createVM(device)
            answers.createVM = .known(CallResult(), from: .call("KVM_CREATE_VM", on: path))
        } catch {
            answers.blockVM(after: error.obstacle)
            answers.createVM = .known(CallResult(errno: error.name), from: .call("KVM_CREATE_VM", on: path))
            return
        }
        let vcpu: FileDescriptor
        do {
            vcpu = FileDescriptor(adopting: try vm.ioctl(CLINUX_KVM_CREATE_VCPU, 0, name: "KVM_CREATE_VCPU"))
            answers.createVCPU = .known(CallResult(), from: .call("KVM_CREATE_VCPU", on: path))
        } catch {
            answers.blockVM(after: error.obstacle)
            answers.createVM = .known(CallResult(), from: .call("KVM_CREATE_VM", on: path))
            answers.createVCPU = .known(CallResult(errno: error.name), from: .call("KVM_CREATE_VCPU", on: path))
            return
        }
        let size = answers.runAreaSize.known ?? 0
        do {
            let area = try MappedMemory(sharedWith: vcpu, size: size)
            answers.mapRunArea = .known(CallResult(), from: .call("mmap", on: path))
            answers.guest = SmokeGuest.run(vm: vm, vcpu: vcpu, area: area, started: started)
        } catch {
            answers.mapRunArea = .known(CallResult(errno: error.name), from: .call("mmap", on: path))
        }
        // On a vCPU of its own: one that has run takes no other CPUID, and one with a CPUID is no longer plain.
        do {
            let second = FileDescriptor(adopting: try vm.ioctl(CLINUX_KVM_CREATE_VCPU, 1, name: "KVM_CREATE_VCPU"))
            answers.featureMSRs = FeatureRegisters.crossCheck(
                offered, on: second, cpuid: answers.supportedCPUID.known ?? [])
        } catch {
            answers.featureMSRs = .unknown(error.obstacle, from: .call("KVM_CREATE_VCPU", on: path))
        }
    }

    /// KVM_CREATE_VM is interrupted by any signal; QEMU retries it too (`accel/kvm/kvm-all.c`, `kvm_init`).
    private static func createVM(_ device: borrowing FileDescriptor) throws(SystemError) -> FileDescriptor {
        for _ in 0..<16 {
            do {
                return FileDescriptor(adopting: try device.ioctl(CLINUX_KVM_CREATE_VM, 0, name: "KVM_CREATE_VM"))
            } catch  where error.errno == EINTR {
                continue
            }
        }
        throw SystemError(errno: EINTR, operation: "KVM_CREATE_VM")
    }

    static func observing<Value>(
        _ name: String, _ body: () throws(SystemError) -> Value
    ) -> Observation<Value> {
        do {
            return .known(try body(), from: .call(name, on: path))
        } catch {
            return .unknown(error.obstacle, from: .call(name, on: path))
        }
    }
}

extension KVMAnswers {
    /// Notes why nothing beyond `open` was asked.
    fileprivate mutating func blockAll(after obstacle: Obstacle) {
        apiVersionCall = .unknown(obstacle)
        apiVersion = .unknown(obstacle)
        extensions = .unknown(obstacle)
        runAreaSize = .unknown(obstacle)
        supportedCPUID = .unknown(obstacle)
        blockVM(after: obstacle)
    }

    /// Notes why no VM was asked for.
    fileprivate mutating func blockVM(after obstacle: Obstacle) {
        createVM = .unknown(obstacle)
        createVCPU = .unknown(obstacle)
        mapRunArea = .unknown(obstacle)
        guest = .unknown(obstacle)
        featureMSRs = .unknown(obstacle)
    }
}
