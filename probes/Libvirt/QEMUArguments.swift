/// The arguments of a QEMU process that say which guest it runs, and on what.
struct QEMUArguments: Sendable {
    /// The guest's name: `-name guest=NAME`.
    private(set) var name: String?
    /// The guest's UUID.
    private(set) var uuid: String?
    /// The accelerators, in order of preference.
    private(set) var accelerators: [String] = []
    /// What follows `-cpu`.
    private(set) var cpu: String?
    /// The machine type.
    private(set) var machine: String?

    /// Whether this is the process of a domain: the UUID decides where both are known.
    func run(name: String, uuid: String?) -> Bool {
        if let uuid, let own = self.uuid { return own.lowercased() == uuid.lowercased() }
        return self.name == name
    }

    /// Reads `/proc/PID/cmdline`, where NUL ends each argument; nil for a process that names no guest.
    init?(_ commandLine: [UInt8]) {
        let arguments = commandLine.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        var rest = arguments.dropFirst()
        while let option = rest.popFirst() {
            // QEMU takes its options with one dash or two.
            guard option.hasPrefix("-") else { continue }
            switch option.drop(while: { $0 == "-" }) {
            case "name":
                let fields = Self.fields(rest.popFirst() ?? "")
                name = fields.first { $0.name == "guest" }?.value ?? fields.first { $0.name.isEmpty }?.value
            case "uuid": uuid = rest.popFirst()
            case "cpu": cpu = rest.popFirst()
            case "enable-kvm", "enable_kvm": accelerators.append("kvm")
            case "accel":
                let fields = Self.fields(rest.popFirst() ?? "")
                accelerators += fields.filter { ["", "accel"].contains($0.name) && !$0.value.isEmpty }.map(\.value)
            case "machine", "M":
                let fields = Self.fields(rest.popFirst() ?? "")
                machine = fields.first { $0.name.isEmpty || $0.name == "type" }?.value ?? machine
                for field in fields where field.name == "accel" {
                    accelerators += field.value.split(separator: ":").map(String.init)
                }
            default: continue
            }
        }
        guard name != nil || uuid != nil else { return nil }
    }

    /// QEMU's `value,key=value,…`, where two commas stand for one.
    private static func fields(_ text: String) -> [(name: String, value: String)] {
        var fields: [String] = [""]
        var characters = text[...]
        while let character = characters.popFirst() {
            if character != "," {
                fields[fields.count - 1].append(character)
            } else if characters.first == "," {
                characters.removeFirst()
                fields[fields.count - 1].append(",")
            } else {
                fields.append("")
            }
        }
        return fields.enumerated().map { index, field in
            guard let equals = field.firstIndex(of: "=") else { return (index == 0 ? "" : field, field) }
            return (String(field[..<equals]), String(field[field.index(after: equals)...]))
        }
    }
}
