internal import Evidence
internal import Facts

/// The tables of routes in `/proc/net`: the truth about the network namespace that kvmcheck runs in.
enum RouteTable {
    /// `/proc/net/route`: a header, then `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, numbers in
    /// hexadecimal and addresses in the host's byte order; Linux `net/ipv4/fib_trie.c`, fib_route_seq_show.
    static func parse(_ text: String) -> [Route]? {
        let lines = text.lines
        guard lines.first?.hasPrefix("Iface") == true else { return nil }
        var routes: [Route] = []
        for line in lines.dropFirst() {
            let words = line.words
            guard words.count >= 8, let flags = UInt32(words[3], radix: 16),
                let destination = UInt32(words[1], radix: 16), let mask = UInt32(words[7], radix: 16)
            else { return nil }
            guard flags & Flag.up != 0, flags & Flag.reject == 0 else { continue }
            routes.append(
                Route(
                    String(words[0]), network: "\(words[1])/\(words[7])", isDefault: destination == 0 && mask == 0,
                    isDirect: flags & Flag.gateway == 0))
        }
        return routes
    }

    /// `/proc/net/ipv6_route`: `destination length source length next-hop metric references use flags interface`;
    /// Linux `net/ipv6/route.c`, rt6_info_route.
    static func parse6(_ text: String) -> [Route]? {
        var routes: [Route] = []
        for line in text.lines {
            let words = line.words
            guard words.count == 10, words[0].count == 32, words[0].allSatisfy(\.isHexDigit),
                let length = UInt8(words[1], radix: 16), let flags = UInt32(words[8], radix: 16)
            else { return nil }
            let interface = String(words[9])
            // The loopback carries the kernel's own "unreachable" default.
            guard interface != "lo", flags & Flag.up != 0, flags & Flag.reject == 0 else { continue }
            routes.append(
                Route(
                    interface, network: "\(words[0])/\(length)",
                    isDefault: length == 0 && words[0].allSatisfy { $0 == "0" },
                    isDirect: flags & Flag.gateway == 0, isAdvertised: flags & Flag.advertised != 0))
        }
        return routes
    }

    /// Linux `include/uapi/linux/route.h` and `ipv6_route.h`.
    private enum Flag {
        static let up: UInt32 = 0x1
        static let gateway: UInt32 = 0x2
        static let reject: UInt32 = 0x200
        static let advertised: UInt32 = 0x40000
    }
}
