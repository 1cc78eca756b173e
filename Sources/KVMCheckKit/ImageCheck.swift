@_spi(Probing) internal import Evidence
public import Facts
internal import ImageInspection
internal import Rules

/// Disk images from the file to the report.
public struct ImageCheck: Sendable {
    /// Folders besides an image's own in which the files it names may be opened.
    public var allowedFolders: [String] = []
    /// Ids or prefixes of ids of the only rules to apply; empty for all.
    public var select: [String] = []
    /// Ids or prefixes of ids of rules to leave out.
    public var ignore: [String] = []

    /// How many images are looked at at once: inspecting waits for disks more than it computes.
    private static let workers = 4

    /// Makes a check with every rule.
    public init() {}

    /// Looks at images and judges them.
    ///
    /// - Parameters:
    ///   - paths: The images.
    ///   - progress: Told how many are looked at.
    /// - Returns: A report per image, in the order given.
    public func run(on paths: [String], progress: (Int) -> Void = { _ in }) -> [SubjectReport] {
        let inspected = ImageInspection.inspect(
            paths, allowing: allowedFolders, workers: Self.workers, progress: progress)
        let rules = ImageCatalogue.all.filter { $0.info.isPicked(select: select, ignore: ignore) }
        return inspected.map { image in
            SubjectReport(
                subject: Subject(
                    kind: .image, name: image.facts.path, source: "live", headline: Self.headline(image.facts)),
                findings: Engine.evaluate(rules, on: image.facts), image: image.facts)
        }
    }

    private static func headline(_ image: ImageFacts) -> [String] {
        var headline: [String] = []
        if let format = image.format.known {
            headline.append([format.name, format.version, format.subformat].compactMap(\.self).joined(separator: " "))
            if let size = format.virtualSize { headline.append(ByteCount.text(size)) }
        }
        if let size = image.allocatedSize.known { headline.append("\(ByteCount.text(size)) on disk") }
        if image.isInUse.known == true { headline.append("in use") }
        let systems = image.disk.known?.roots.map { $0.system ?? "a system without a name" } ?? []
        return headline + systems
    }
}
