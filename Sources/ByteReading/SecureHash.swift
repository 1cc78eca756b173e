/// The checksums that manifests have: SHA-1 and SHA-256, of bytes that come piece by piece.
///
/// Source: FIPS 180-4, 6.1 and 6.2. Nothing is kept secret or proven by them here; they find what a transfer has changed.
public struct SecureHash: Sendable {
    /// Which of the two.
    public enum Kind: String, Sendable, Hashable {
        /// 160 bits.
        case sha1 = "SHA1"
        /// 256 bits.
        case sha256 = "SHA256"
    }

    private let kind: Kind
    private var state: [UInt32]
    private var pending: [UInt8] = []
    private var count: UInt64 = 0
    private var words = [UInt32](repeating: 0, count: 80)

    /// Starts a checksum.
    public init(_ kind: Kind) {
        self.kind = kind
        state =
            switch kind {
            case .sha1: [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
            case .sha256:
                [
                    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
                    0x5be0_cd19,
                ]
            }
    }

    /// Adds bytes.
    public mutating func add(_ bytes: [UInt8]) {
        count &+= UInt64(bytes.count)
        pending += bytes
        var place = 0
        while pending.count - place >= 64 {
            addBlock(at: place)
            place += 64
        }
        pending.removeFirst(place)
    }

    /// The checksum of what was added, in hexadecimal.
    public consuming func digest() -> String {
        let bits = count &* 8
        pending.append(0x80)
        while pending.count % 64 != 56 { pending.append(0) }
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            pending.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        for place in stride(from: 0, to: pending.count, by: 64) { addBlock(at: place) }
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.utf8.count) + digits
        }.joined()
    }

    /// One block of 64 bytes, which lie in `pending`.
    private mutating func addBlock(at place: Int) {
        for index in 0..<16 {
            let start = place + index * 4
            words[index] =
                UInt32(pending[start]) << 24 | UInt32(pending[start + 1]) << 16 | UInt32(pending[start + 2]) << 8
                | UInt32(pending[start + 3])
        }
        switch kind {
        case .sha1: addSHA1()
        case .sha256: addSHA256()
        }
    }

    private mutating func addSHA1() {
        for index in 16..<80 {
            words[index] = rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 31)
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for index in 0..<80 {
            let (mix, constant): (UInt32, UInt32) =
                switch index {
                case ..<20: (b & c | ~b & d, 0x5a82_7999)
                case ..<40: (b ^ c ^ d, 0x6ed9_eba1)
                case ..<60: (b & c | b & d | c & d, 0x8f1b_bcdc)
                default: (b ^ c ^ d, 0xca62_c1d6)
                }
            let next = rotated(a, 27) &+ mix &+ e &+ constant &+ words[index]
            (a, b, c, d, e) = (next, a, rotated(b, 2), c, d)
        }
        for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
    }

    private mutating func addSHA256() {
        for index in 16..<64 {
            let (old, recent) = (words[index - 15], words[index - 2])
            let first = rotated(old, 7) ^ rotated(old, 18) ^ old >> 3
            let second = rotated(recent, 17) ^ rotated(recent, 19) ^ recent >> 10
            words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let big = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let first = h &+ big &+ (e & f ^ ~e & g) &+ Self.constants[index] &+ words[index]
            let second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ (a & b ^ a & c ^ b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ second)
        }
        for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
    }

    private func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }

    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98,
        0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1,
        0xefbe_4786,
        0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d,
        0xb003_27c8,
        0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
        0x5338_0d13,
        0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3,
        0xd192_e819,
        0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3,
        0x4ed8_aa4a,
        0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb,
        0xbef9_a3f7,
        0xc671_78f2,
    ]
}
