internal import Evidence
internal import Facts

/// `/proc/net/bonding/NAME`: Linux `drivers/net/bonding/bond_procfs.c`, `Documentation/networking/bonding.rst`.
enum BondState {
    static func parse(_ text: String, name: String) -> Bond? {
        var mode: String?
        var interval = 0
        var ports: [Bond.Port] = []
        for line in text.lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch line[..<colon] {
            case "Bonding Mode": mode = String(value)
            case "MII Polling Interval (ms)", "ARP Polling Interval (ms)": interval = max(interval, Int(value) ?? 0)
            case "Slave Interface": ports.append(Bond.Port(name: String(value), isUp: false))
            case "Aggregator ID":
                if let last = ports.indices.last { ports[last].aggregator = Int(value) }
            case "MII Status":
                // The first of these lines, before any port, is the bond's own.
                if let last = ports.indices.last { ports[last].isUp = value == "up" }
            default: break
            }
        }
        return mode.map { Bond(name: name, mode: $0, interval: interval, ports: ports) }
    }
}
