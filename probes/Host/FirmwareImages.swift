@_spi(Probing) internal import Evidence
internal import Facts

/// The UEFI firmware that QEMU's guests can be given.
enum FirmwareImages {
    /// Distributions have about twenty descriptors; a directory with more is not one of theirs.
    private static let descriptorLimit = 64

    /// Images that libvirt knows without descriptors (`src/qemu/qemu_conf.c`, VIR_QEMU_LOADER_*), and where other
    /// distributions put theirs.
    private static let known: [(path: String, architecture: String)] = [
        ("/usr/share/OVMF/OVMF_CODE.fd", "x86_64"),
        ("/usr/share/OVMF/OVMF_CODE_4M.fd", "x86_64"),
        ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "x86_64"),
        ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "x86_64"),
        ("/usr/share/qemu/ovmf-x86_64-code.bin", "x86_64"),
        ("/usr/share/AAVMF/AAVMF_CODE.fd", "aarch64"),
    ]

    static func read(from source: some Source) -> Observation<[Firmware]> {
        var descriptors: [String: String] = [:]
        // A descriptor in /etc takes the place of that of the same name in /usr; an empty one switches it off.
        for directory in ["/usr/share/qemu/firmware", "/etc/qemu/firmware"] {
            let names = source.entries(directory)
            if let obstacle = names.obstacle { return .unknown(obstacle, from: names.provenance) }
            for name in names.known ?? [] where name.hasSuffix(".json") { descriptors[name] = "\(directory)/\(name)" }
        }
        guard descriptors.count <= descriptorLimit else {
            let obstacle = Obstacle(.tooLarge, "/usr/share/qemu/firmware", "more than \(descriptorLimit) descriptors")
            return .unknown(obstacle, from: .file("/usr/share/qemu/firmware"))
        }
        var images: [Firmware] = []
        var presence: [String: Bool] = [:]
        for (_, path) in descriptors.sorted(by: { $0.key < $1.key }) {
            let content = source.read(path, limit: 65536)
            if content.known?.isEmpty == true { continue }
            let firmware = content.parsed(as: "a firmware descriptor") {
                FirmwareDescriptor.parse($0, descriptor: path)
            }
            guard var image = firmware.known else {
                return firmware.map { [$0] }
            }
            for file in image.files where file.hasPrefix("/") {
                if presence[file] == nil {
                    let exists = source.exists(file)
                    guard let isThere = exists.known else { return exists.map { _ in [] } }
                    presence[file] = isThere
                }
                if presence[file] == false { image.missing.append(file) }
            }
            images.append(image)
        }
        return .known(images.isEmpty ? undescribed(source) : images, from: .file("/usr/share/qemu/firmware"))
    }

    private static func undescribed(_ source: some Source) -> [Firmware] {
        known.compactMap { path, architecture in
            guard source.exists(path).known == true else { return nil }
            return Firmware(descriptor: path, files: [path], architectures: [architecture])
        }
    }
}
