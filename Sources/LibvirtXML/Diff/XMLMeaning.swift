/// What values mean to libvirt, so that two ways to write one thing are one thing.
enum XMLMeaning {
    // MARK: Values

    /// A value in one way of writing: numbers in decimal, booleans as yes or no, addresses in lower case. Names and paths are
    /// what they are: a disk called `0x10` is not the disk `16`.
    static func normal(_ value: String, attribute: String, of element: XMLElement) -> String {
        let value = XMLNames.trimmed(value)
        if isSizeAttribute(attribute, of: element), let bytes = bytes(value, unit: element["unit"], in: element) {
            return "\(bytes) B"
        }
        if attribute == "uuid" { return uuid(value) }
        if cpuSetAttributes.contains(attribute), let set = CPUSet(value) { return set.description }
        if addressAttributes.contains(attribute), value.utf8.contains(UInt8(ascii: ":")), let ip = IPAddress(value) {
            return ip.description
        }
        if attribute == "mac" || (attribute == "address" && element.isNamed("mac")) { return value.lowercased() }
        return literalAttributes.contains(attribute) ? value : plain(value)
    }

    /// An element's text in one way of writing, its unit applied.
    static func normalText(of element: XMLElement) -> String {
        let value = element.trimmedText
        if isSizeElement(element), let bytes = bytes(value, unit: element["unit"], in: element) { return "\(bytes) B" }
        let name = element.localName
        if name == "uuid" || name == "genid" { return uuid(value) }
        if name == "nodemask", let set = CPUSet(value) { return set.description }
        // A file's mode is in octal digits, with or without a zero before them.
        if name == "mode", element.parent?.isNamed("permissions") == true, let mode = UInt64(value, radix: 8) {
            return "\(mode)"
        }
        return literalElements.contains(name) ? value : plain(value)
    }

    private static func plain(_ value: String) -> String {
        switch value {
        case "yes", "on": return "yes"
        case "no", "off": return "no"
        default: return integer(value).map { "\($0)" } ?? value
        }
    }

    /// `16` and `0x10`. A decimal number with zeros before it is no number: it may be octal, or a name.
    private static func integer(_ value: String) -> UInt64? {
        if value.hasPrefix("0x") || value.hasPrefix("0X") {
            let digits = value.dropFirst(2)
            return digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") })
                ? UInt64(digits, radix: 16) : nil
        }
        guard let first = value.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else { return nil }
        if first == UInt8(ascii: "0"), value.utf8.count > 1 { return nil }
        return UInt64(value)
    }

    private static func uuid(_ value: String) -> String { value.lowercased().filter { $0 != "-" && $0 != " " } }

    // MARK: Sizes

    /// Whether an element's text is a size to which its `unit` belongs.
    static func isSizeElement(_ element: XMLElement) -> Bool {
        element.attribute("unit") != nil
            ? bytes("1", unit: element["unit"], in: element) != nil && element.elements.isEmpty
            : kibibyteElements.contains(element.localName) || byteElements.contains(element.localName)
    }

    /// Whether an attribute is a size to which the element's `unit` belongs, as in `<cell memory='1' unit='GiB'/>`.
    private static func isSizeAttribute(_ attribute: String, of element: XMLElement) -> Bool {
        (attribute == "memory" && element.isNamed("cell"))
            || (attribute == "size" && (element.isNamed("page") || element.isNamed("cache") || element.isNamed("bank")))
    }

    /// Whether the element's `unit` is told with a size, and so is no change by itself.
    static func unitIsApplied(in element: XMLElement) -> Bool {
        guard let unit = element.attribute("unit"), multiplier(unit.value) != nil else { return false }
        return isSizeElement(element) || element.attributes.contains { isSizeAttribute($0.name, of: element) }
    }

    /// A size in bytes; nil where it is none, or more than 64 bits hold.
    private static func bytes(_ value: String, unit: String?, in element: XMLElement) -> UInt64? {
        let assumed = byteElements.contains(element.localName) ? "bytes" : "KiB"
        guard let number = integer(value), let factor = multiplier(unit ?? assumed) else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : bytes
    }

    /// libvirt's units; the corresponding C function is `virScaleInteger`. `k` is 1024 there and `KB` 1000.
    private static func multiplier(_ unit: String) -> UInt64? {
        let unit = unit.lowercased()
        if unit == "b" || unit == "byte" || unit == "bytes" { return 1 }
        guard let first = unit.first, let power = ["k", "m", "g", "t", "p", "e"].firstIndex(of: String(first)) else {
            return nil
        }
        let base: UInt64
        switch unit.dropFirst() {
        case "", "ib": base = 1024
        case "b": base = 1000
        default: return nil
        }
        return (0...power).reduce(1) { factor, _ in factor * base }
    }

    /// Sizes that are in KiB where no unit is given (formatdomain).
    private static let kibibyteElements: Set<String> = [
        "memory", "currentMemory", "maxMemory", "hard_limit", "soft_limit", "swap_hard_limit", "min_guarantee",
    ]

    /// Sizes that are in bytes where no unit is given (formatstorage).
    private static let byteElements: Set<String> = ["capacity", "allocation", "available", "physical"]

    // MARK: What is a list or an address

    private static let cpuSetAttributes: Set<String> = ["cpuset", "cpus", "nodeset", "vcpus", "iothreads", "siblings"]

    private static let addressAttributes: Set<String> = [
        "address", "ip", "gateway", "listen", "peer", "start", "end",
    ]

    // MARK: What is no number

    private static let literalElements: Set<String> = [
        "name", "title", "description", "serial", "vendor", "product", "model", "wwn", "entry", "path", "source",
        "loader",
        "nvram", "kernel", "initrd", "cmdline", "label", "baselabel", "imagelabel", "emulator", "key", "parent",
        "devnode",
        "arg", "format", "driver", "partition", "init", "initarg", "initenv", "bootloader", "bootloader_args",
    ]

    private static let literalAttributes: Set<String> = [
        "name", "file", "dev", "path", "dir", "volume", "pool", "network", "bridge", "value", "passwd", "username",
        "filter",
        "portgroup", "profileid", "alias", "host", "tag", "serial", "wwn", "product", "vendor", "model", "version",
        "query",
    ]

    // MARK: What is not shown

    /// Whether a value is a secret, which is compared and never printed.
    static func isSecret(attribute: String) -> Bool { attribute == "passwd" || attribute == "password" }

    /// Whether the text of an element is a secret: `VIR_DOMAIN_XML_SECURE` guards the cookies of an HTTP disk.
    static func isSecret(element: String) -> Bool { element == "cookie" || element == "password" }

    /// Whether an argument or variable that is passed on to QEMU carries a secret: `-object secret,data=…`.
    static func isSecret(argument: String) -> Bool {
        let lower = argument.lowercased()
        return ["passw", "secret", "token"].contains { lower.firstRange(of: $0) != nil }
    }
}
