internal import Evidence
internal import Facts

/// The files that an image is read through. KVI020–KVI029.
enum ImageChainRules {
    static let all: [Rule<ImageFacts>] = [
        missing, refused, unreadable, formatMissing, formatWrong, shrunk, baseInUse,
    ]

    private static let area = "Backing chain"
    private static let chains = Citation("libvirt docs/kbase/backing_chains.rst", "9.0")

    /// The links below the image itself.
    private static func bases(_ image: ImageFacts) throws(Undecided) -> ArraySlice<ImageLinkFacts> {
        try image.chain.get(whenAbsent: []).dropFirst()
    }

    static let missing = Rule<ImageFacts>(
        RuleInfo(
            "KVI020", "backing-file-missing", "every backing file is there", area: area, severity: .error,
            rationale: "An overlay holds only what differs from its base; without the base it is no disk.",
            sources: [chains],
            remedy: Remedy("bring the base to where the overlay names it, or point the overlay to it"),
            parent: "KVI001",
            explains: ["Could not open backing file"]),
        violates: { $0.changeChain { $0[1].state = .missing } },
        commands: { image in
            guard let base = try? bases(image).first(where: { $0.state == .missing }) else { return [] }
            let format = base.claimedFormat ?? "FORMAT"
            return ["qemu-img rebase -u -b /PATH/TO/BASE -F \(format.shellWord) \(image.word)"]
        },
        faults: { image throws(Undecided) in
            try bases(image).filter { $0.state == .missing }.map { "there is no \($0.path ?? $0.reference)" }
        })

    static let refused = Rule<ImageFacts>(
        RuleInfo(
            "KVI021", "backing-file-unsafe", "the chain stays in the image's folder, or where it may go", area: area,
            severity: .error,
            rationale: """
                Whoever makes an image chooses what it names: a stranger's image with the backing file /etc/shadow, a device or a \
                network address makes whoever converts it hand that over. It was not opened.
                """,
            sources: [Citation("OSSA-2024-001, CVE-2024-32498", "2024-07-02"), chains],
            remedy: Remedy("if the image is yours, allow the folder with --allow-backing DIR"), parent: "KVI001"),
        violates: {
            $0.changeChain {
                $0[1].reference = "/etc/shadow"
                $0[1].state = .refused("it is outside the image's folder")
            }
        },
        faults: { image throws(Undecided) in
            try bases(image).compactMap { link in
                if case .refused(let reason) = link.state { "\(link.reference): \(reason)" } else { nil }
            }
        })

    static let unreadable = Rule<ImageFacts>(
        RuleInfo(
            "KVI022", "backing-file-unreadable", "every backing file can be read", area: area, severity: .error,
            rationale: "What the overlay does not hold is read from there, and reading fails.", sources: [chains],
            remedy: Remedy("see what stands in the way"), parent: "KVI001"),
        violates: { $0.changeChain { $0[1].state = .unreadable("it names itself") } },
        faults: { image throws(Undecided) in
            try bases(image).compactMap { link in
                if case .unreadable(let reason) = link.state { "\(link.reference): \(reason)" } else { nil }
            }
        })

    static let formatMissing = Rule<ImageFacts>(
        RuleInfo(
            "KVI023", "backing-format-missing", "the overlay says what format its base has", area: area,
            severity: .warning,
            rationale: """
                Without it QEMU guesses by content, and a guest can write another format's header into a raw disk; so libvirt refuses \
                to start a domain on it where the base is not raw, and qemu-img 6.1 no longer makes such overlays.
                """,
            sources: [chains, Citation("QEMU docs/about/removed-features.rst, backing format", "6.1")],
            remedy: Remedy("write it into the overlay"), parent: "KVI001",
            explains: [
                "format of backing image", "was not specified in the image metadata",
                "Backing file specified without backing format",
            ]),
        violates: { $0.changeChain { $0[1].claimedFormat = nil } },
        commands: { image in
            guard let chain = try? image.chain.get() else { return [] }
            return zip(chain, chain.dropFirst()).compactMap { over, base in
                guard base.claimedFormat == nil, let format = base.format else { return nil }
                let path = (over.path ?? over.reference).shellWord
                return "qemu-img rebase -u -b \(base.reference.shellWord) -F \(format.shellWord) \(path)"
            }
        },
        faults: { image throws(Undecided) in
            try bases(image).filter { $0.claimedFormat == nil }.map { "no format is given of \($0.reference)" }
        })

    static let formatWrong = Rule<ImageFacts>(
        RuleInfo(
            "KVI024", "backing-format-wrong", "the base has the format that the overlay gives it", area: area,
            severity: .error,
            rationale: """
                A qcow2 base that is read as raw gives the guest its header in the place of its first sectors; the other way it is \
                refused.
                """,
            sources: [chains], remedy: Remedy("write the right format into the overlay"), parent: "KVI001"),
        violates: { $0.changeChain { $0[1].claimedFormat = "raw" } },
        commands: { image in
            guard let chain = try? image.chain.get() else { return [] }
            return zip(chain, chain.dropFirst()).compactMap { over, base in
                guard let format = base.format, let claimed = base.claimedFormat, claimed != format else { return nil }
                let path = (over.path ?? over.reference).shellWord
                return "qemu-img rebase -u -b \(base.reference.shellWord) -F \(format.shellWord) \(path)"
            }
        },
        faults: { image throws(Undecided) in
            try bases(image).compactMap { link in
                guard let format = link.format, let claimed = link.claimedFormat, claimed != format else { return nil }
                return "\(link.reference) is \(format), not \(claimed)"
            }
        })

    static let shrunk = Rule<ImageFacts>(
        RuleInfo(
            "KVI025", "overlay-smaller-than-base", "no overlay is smaller than its base", area: area,
            severity: .warning,
            rationale: """
                The end of the base is cut off: the backup of a GPT and the last partition with it. It is rarely meant.
                """,
            sources: [Citation("qemu-img(1), create -b and rebase", "7.2")],
            remedy: Remedy("make the overlay as large as its base"), parent: "KVI001"),
        violates: { $0.changeChain { $0[1].virtualSize = 16 << 30 } },
        commands: { image in
            guard let base = try? bases(image).first, let size = base.virtualSize else { return [] }
            return ["qemu-img resize \(image.word) \(size)"]
        },
        faults: { image throws(Undecided) in
            let chain = try image.chain.get(whenAbsent: [])
            return zip(chain, chain.dropFirst()).compactMap { over, base in
                guard let upper = over.virtualSize, let lower = base.virtualSize, upper < lower else { return nil }
                return "\(over.reference) has \(upper) bytes, its base \(lower)"
            }
        })

    static let baseInUse = Rule<ImageFacts>(
        RuleInfo(
            "KVI026", "base-in-use", "nothing writes to a backing file", area: area, severity: .error,
            rationale: """
                Whatever is written to a base shines through every overlay on it: their file systems are damaged, beyond repair.
                """,
            sources: [chains], remedy: Remedy("shut down what runs on the base, and write to overlays only"),
            parent: "KVI001"),
        violates: { $0.changeChain { $0[1].isInUse = true } },
        faults: { image throws(Undecided) in
            let present = try bases(image).filter { $0.state == .present }
            let written = present.filter { $0.isInUse == true }.map { "\($0.path ?? $0.reference) is open for writing" }
            if written.isEmpty, let base = present.first(where: { $0.isInUse == nil }) {
                throw Undecided(
                    Obstacle(.unsupported, base.path ?? base.reference, "the file system does not tell who has it open")
                )
            }
            return written
        })
}
