@_spi(Probing) internal import Evidence
internal import Facts

/// What the boot starts and what runs, as far as files tell.
struct ServiceUnits {
    /// Units that the boot starts.
    let atBoot: Observation<Set<String>>
    /// Services that run.
    let active: Observation<Set<String>>

    /// The targets of an ordinary boot that units are enabled for; systemd.special(7).
    private static let targets = ["multi-user", "graphical", "sockets", "sysinit", "basic", "default"]

    init(from source: some Source) {
        atBoot = Self.atBoot(source)
        // systemd keeps a link `invocation:NAME` there for each service it has started and not seen stop
        // (`unit_export_invocation_id` in src/core/unit.c); only the start of a service makes one, not that of a socket.
        active = source.entries("/run/systemd/units").map { names in
            Set(names.compactMap { $0.hasPrefix("invocation:") ? String($0.dropFirst(11)) : nil })
        }
    }

    private static func atBoot(_ source: some Source) -> Observation<Set<String>> {
        let system = source.entries("/etc/systemd/system")
        if system.isAbsent {
            // OpenRC: a link for each service in the directory of the runlevel.
            return source.entries("/etc/runlevels/default").map { Set($0.map { "\($0).service" }) }
        }
        return system.flatMap { present in
            var units: Set<String> = []
            for target in targets where present.contains("\(target).target.wants") {
                let wants = source.entries("/etc/systemd/system/\(target).target.wants")
                if let obstacle = wants.obstacle { return .unknown(obstacle, from: wants.provenance) }
                units.formUnion(wants.known ?? [])
            }
            return .known(units, from: system.provenance)
        }
    }
}
