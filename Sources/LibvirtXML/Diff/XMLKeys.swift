/// What libvirt tells elements of one name by.
enum XMLKeys {
    /// A key: what it is in XPath, and its value.
    struct Key: Hashable {
        var parts: [Part]

        struct Part: Hashable {
            /// As `target/@dev`.
            var path: String
            var value: String
        }

        /// As `[target/@dev='vda']`.
        var predicate: String {
            "[" + parts.map { "\($0.path)='\($0.value)'" }.joined(separator: " and ") + "]"
        }
    }

    /// The paths that make the key of an element, by its name and, where that is not enough, its parent's.
    ///
    /// From libvirt's own comparisons: disks by target (`virDomainDiskByName`), interfaces by MAC, controllers by type and
    /// index (`virDomainControllerFind`), and so on. A value of nil after the path is what libvirt assumes where it is absent.
    private static let keys: [String: [(path: String, absent: String?)]] = [
        "devices/disk": [("target/@dev", nil)],
        "devices/interface": [("mac/@address", nil)],
        "devices/controller": [("@type", nil), ("@index", "0")],
        "devices/filesystem": [("target/@dir", nil)],
        "devices/graphics": [("@type", nil)],
        "devices/input": [("@type", nil), ("@bus", "")],
        "devices/channel": [("target/@name", nil)],
        "devices/serial": [("target/@port", "0")],
        "devices/parallel": [("target/@port", "0")],
        "devices/console": [("target/@type", ""), ("target/@port", "0")],
        "devices/sound": [("@model", nil)],
        "devices/shmem": [("@name", nil)],
        "devices/audio": [("@id", nil)],
        "devices/hostdev": [
            ("source/address/@domain", ""), ("source/address/@bus", nil), ("source/address/@slot", ""),
            ("source/address/@function", ""), ("source/address/@device", ""), ("source/address/@unit", ""),
        ],
        "disks/disk": [("@name", nil)],
        "cputune/vcpupin": [("@vcpu", nil)],
        "cputune/iothreadpin": [("@iothread", nil)],
        "cputune/vcpusched": [("@vcpus", nil)],
        "cputune/iothreadsched": [("@iothreads", nil)],
        "cputune/cachetune": [("@vcpus", nil)],
        "cputune/memorytune": [("@vcpus", nil)],
        "iothreadids/iothread": [("@id", nil)],
        "vcpus/vcpu": [("@id", nil)],
        "numa/cell": [("@id", nil)],
        "cells/cell": [("@id", nil)],
        "cpus/cpu": [("@id", nil)],
        "distances/sibling": [("@id", nil)],
        "numatune/memnode": [("@cellid", nil)],
        "hugepages/page": [("@size", nil), ("@unit", "KiB"), ("@nodeset", "")],
        "cpu/feature": [("@name", nil)],
        "clock/timer": [("@name", nil)],
        "system/entry": [("@name", nil)],
        "bios/entry": [("@name", nil)],
        "baseBoard/entry": [("@name", nil)],
        "chassis/entry": [("@name", nil)],
        "domain/seclabel": [("@model", nil)],
        "dhcp/host": [("@mac", ""), ("@id", ""), ("@name", "")],
        "dhcp/range": [("@start", nil)],
        "dns/host": [("@ip", nil)],
        "dns/txt": [("@name", nil)],
        "dns/srv": [("@service", nil), ("@protocol", nil), ("@domain", ""), ("@target", "")],
        "network/ip": [("@address", nil)],
        "network/route": [("@address", nil), ("@prefix", ""), ("@netmask", "")],
        "network/portgroup": [("@name", nil)],
        "forward/interface": [("@dev", nil)],
        "device/capability": [("@type", nil)],
        "os/enum": [("@name", nil)],
        "filterref/parameter": [("@name", nil)],
        "enum/value": [(".", nil)],
        "pools/pool": [("@type", nil)],
    ]

    /// Elements that libvirt puts in an order of its own, so that theirs does not count.
    private static let sorted: Set<String> = [
        "devices/disk", "devices/controller", "cpu/feature", "clock/timer", "cputune/vcpupin", "cputune/iothreadpin",
        "cputune/vcpusched", "cputune/iothreadsched", "iothreadids/iothread", "vcpus/vcpu", "distances/sibling",
        "numatune/memnode", "dhcp/host", "dns/host", "dns/txt", "dns/srv", "network/portgroup", "domain/seclabel",
        "enum/value", "filterref/parameter", "device/capability",
    ]

    private static func kind(_ element: XMLElement) -> String {
        let parent = element.parent?.localName ?? ""
        return parent + "/" + element.localName
    }

    static func orderCounts(_ element: XMLElement) -> Bool { !sorted.contains(kind(element)) }

    /// The key of an element; nil where its kind has none, or it lacks what makes the key.
    static func key(of element: XMLElement) -> Key? {
        let kind = kind(element)
        let paths = keys[kind] ?? (kind.hasSuffix("/enum") ? [("@name", nil)] : nil)
        guard let paths else { return nil }
        var parts: [Key.Part] = []
        for (path, absent) in paths {
            guard let value = value(path, in: element) ?? absent else { return nil }
            if !value.isEmpty { parts.append(Key.Part(path: path, value: value)) }
        }
        return parts.isEmpty ? nil : Key(parts: parts)
    }

    private static func value(_ path: String, in element: XMLElement) -> String? {
        if path == "." { return element.trimmedText }
        var holder = element
        for step in path.split(separator: "/") {
            if step.first == "@" {
                let name = String(step.dropFirst())
                return holder[name].map { XMLMeaning.normal($0, attribute: name, of: holder) }
            }
            guard let next = holder.first(String(step)) else { return nil }
            holder = next
        }
        return nil
    }
}
