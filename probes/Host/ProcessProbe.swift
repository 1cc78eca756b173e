@_spi(Probing) internal import Evidence
internal import Facts
internal import Glibc

/// Who runs kvmcheck.
enum ProcessProbe {
    static func answers() -> ProcessAnswers {
        var answers = ProcessAnswers()
        answers.user = .known(geteuid(), from: .call("geteuid"))
        var groups = [gid_t](repeating: 0, count: max(0, Int(getgroups(0, nil))))
        // SAFETY: getgroups(2) writes at most the count it is given, which is the array's.
        let count = unsafe groups.withUnsafeMutableBufferPointer { buffer in
            unsafe getgroups(Int32(buffer.count), buffer.baseAddress)
        }
        answers.groups = .known([getegid()] + groups.prefix(max(0, Int(count))), from: .call("getgroups"))
        return answers
    }
}
