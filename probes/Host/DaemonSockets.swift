@_spi(Probing) internal import Evidence
internal import Facts

/// The Unix sockets of libvirt's daemons. Nothing connects to them: that would start a daemon.
enum DaemonSockets {
    private static let names = ["libvirt-sock", "virtqemud-sock", "virtlogd-sock"]

    /// The sockets that are there, by name.
    static func read(from source: some Source) -> Observation<[String: DaemonSocket]> {
        var sockets: [String: DaemonSocket] = [:]
        for name in names {
            let path = "/run/libvirt/\(name)"
            let metadata = source.metadata(path)
            if let obstacle = metadata.obstacle { return .unknown(obstacle, from: metadata.provenance) }
            if let metadata = metadata.known {
                sockets[name] = DaemonSocket(path: path, metadata: metadata, isListening: .notProbed)
            }
        }
        guard !sockets.isEmpty else { return .known([:], from: .file("/run/libvirt")) }
        let listening = listeners(source)
        for (name, socket) in sockets {
            // Older libvirt names them below /var/run.
            sockets[name]?.isListening = listening.map { $0.contains(socket.path) || $0.contains("/var\(socket.path)") }
        }
        return .known(sockets, from: .file("/run/libvirt"))
    }

    /// The paths of sockets that something listens on: proc(5), `/proc/net/unix`, with the flag `__SO_ACCEPTCON`.
    private static func listeners(_ source: some Source) -> Observation<Set<String>> {
        source.text("/proc/net/unix").parsed(as: "a table of Unix sockets") { text in
            guard text.hasPrefix("Num ") else { return nil }
            var paths: Set<String> = []
            for line in text.utf8.split(separator: UInt8(ascii: "\n")).dropFirst() {
                let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 7)
                guard fields.count == 8, fields[3].elementsEqual("00010000".utf8),
                    let path = String(fields[7]), path.hasSuffix("-sock")
                else { continue }
                paths.insert(path)
            }
            return paths
        }
    }
}
