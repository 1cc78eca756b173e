internal import Evidence
internal import Facts

extension ImageFacts {
    /// Its path as a word of a shell.
    var word: String { path.shellWord }

    /// What its format says; a rule about an image that is not there has no question.
    func header() throws(Undecided) -> ImageFormatFacts {
        guard let header = try format.get() else { throw Undecided(Obstacle(.malformed, path, "no format")) }
        return header
    }

    /// What is on the disk in it.
    func content() throws(Undecided) -> DiskFacts {
        guard let disk = try disk.get() else { throw Undecided(Obstacle(.malformed, path, "no disk")) }
        return disk
    }

    /// Everything that was recognised on its disk, with where it is.
    func contents() throws(Undecided) -> [(location: String, content: ContentFacts)] {
        let disk = try content()
        var found: [(location: String, content: ContentFacts)] = []
        if let table = try disk.table.get() {
            found += table.partitions.compactMap { partition in
                partition.content.map { ("partition \(partition.number)", $0) }
            }
        } else if let whole = try disk.content.get() {
            found.append(("the whole disk", whole))
        }
        for group in disk.volumeGroups {
            found += group.volumes.compactMap { volume in
                volume.content.map { ("volume \(group.name)/\(volume.name)", $0) }
            }
        }
        return found
    }
}

extension Rule<ImageFacts> {
    /// A rule that looks for faults in an image; each is a sentence, lower case, without a full stop.
    ///
    /// - Parameters:
    ///   - violates: Makes of the fit image one with a fault.
    ///   - commands: The commands that mend it, with this image's path.
    ///   - faults: Finds them.
    init(
        _ info: RuleInfo, violates: @escaping @Sendable (inout ImageFacts) -> Void,
        commands: @escaping @Sendable (ImageFacts) -> [String] = { _ in [] },
        faults: @escaping @Sendable (ImageFacts) throws(Undecided) -> [String]
    ) {
        self.init(
            info, violates: violates,
            decide: { image throws(Undecided) in
                let found = try faults(image)
                guard let first = found.first else { return .pass() }
                return .fail(
                    found.count > 1 ? "\(first); and \(found.count - 1) more" : first,
                    found.count > 1 ? found : [], at: [Place(image.path)],
                    remedy: Remedy(info.remedy.text, commands: commands(image) + info.remedy.commands))
            })
    }
}
