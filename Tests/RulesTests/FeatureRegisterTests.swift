import Evidence
import Facts
import Testing

@testable import Rules

/// KVH021 on register lists of other machines than this one.
struct FeatureRegisterTests {
    private func decision(_ registers: [FeatureMSR]) throws -> Decision {
        var host = HostFacts.sample
        host.kvm.answers.featureMSRs = .known(registers)
        return try KVMGuestRules.featureRegisterRefused.decide(host)
    }

    @Test func `the VMX registers that KVM generates itself are always refused and do no harm`() throws {
        // arch/x86/kvm/vmx/nested.c, vmx_set_vmx_msr: EINVAL for the non-true controls and CR*_FIXED1.
        let registers = (0x480...0x491).map { (index: UInt32) in
            let generated = [0x481, 0x482, 0x483, 0x484, 0x487, 0x489].contains(index)
            return FeatureMSR(index: index, offered: 0xff, accepted: !generated)
        }
        #expect(try decision(registers).verdict == .pass)
    }

    @Test func `a refused zero breaks nothing`() throws {
        #expect(try decision([FeatureMSR(index: 0xcf, offered: 0, accepted: false)]).verdict == .pass)
    }

    @Test func `each refused register has its switch once`() throws {
        let decision = try decision([
            FeatureMSR(index: 0x345, offered: 0x20, accepted: false),
            FeatureMSR(index: 0x48d, offered: 0x16, accepted: false),
            FeatureMSR(index: 0x48e, offered: 0x16, accepted: false),
        ])
        #expect(decision.verdict == .fail)
        #expect(decision.remedy?.text.contains("-cpu host,-pdcm,-vmx;") == true)
    }
}
