internal import Evidence
internal import Facts

/// The control groups in a table of mounts: `/proc/self/mountinfo` (proc_pid_mountinfo(5)) or `/proc/mounts` (fstab(5)).
enum ControlGroupMountTable {
    /// From the text of `/proc/self/mountinfo`; nil where it is not of that form.
    static func parse(mountinfo text: String) -> ControlGroupMounts? {
        var mounts = ControlGroupMounts()
        for line in text.lines {
            // 36 35 98:0 /root /mount/point options optional… - type source super-options
            guard let separator = line.place(of: " - ") else { return nil }
            let before = line[..<separator.lowerBound].words
            // The source can be empty: two spaces then stand side by side.
            let after = line[separator.upperBound...].split(
                separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard before.count >= 6, after.count == 3 else { return nil }
            add(type: after[0], at: before[4], options: after[2], to: &mounts)
        }
        return mounts
    }

    /// From the text of `/proc/mounts`; nil where it is not of that form.
    static func parse(mounts text: String) -> ControlGroupMounts? {
        var mounts = ControlGroupMounts()
        for line in text.lines {
            // source /mount/point type options 0 0
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            guard fields.count >= 6, fields[1].hasPrefix("/") else { return nil }
            add(type: fields[2], at: fields[1], options: fields[3], to: &mounts)
        }
        return mounts
    }

    /// Lines stand in the order of the mounts; where one thing is mounted twice the last one counts, as for libvirt.
    private static func add(
        type: Substring, at point: Substring, options: Substring, to mounts: inout ControlGroupMounts
    ) {
        switch type {
        case "cgroup2": mounts.unified = MountTable.unescaped(point)
        case "cgroup":
            for option in options.split(separator: ",")
            where controllers.contains(String(option)) || option.hasPrefix("name=") {
                mounts.legacy[String(option)] = MountTable.unescaped(point)
            }
        default: break
        }
    }

    /// All that `include/linux/cgroup_subsys.h` of Linux 6.18 names, with the names of version 1.
    private static let controllers: Set<String> = [
        "cpuset", "cpu", "cpuacct", "blkio", "memory", "devices", "freezer", "net_cls", "perf_event", "net_prio",
        "hugetlb", "pids", "rdma", "misc", "dmem", "debug",
    ]

    /// The lines of `/proc/cgroups`; nil where it is not of that form.
    static func parse(cgroups text: String) -> [KernelController]? {
        var controllers: [KernelController] = []
        for line in text.lines where !line.hasPrefix("#") {
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard fields.count == 4, fields[3] == "0" || fields[3] == "1" else { return nil }
            controllers.append(KernelController(name: String(fields[0]), isEnabled: fields[3] == "1"))
        }
        return controllers
    }
}
