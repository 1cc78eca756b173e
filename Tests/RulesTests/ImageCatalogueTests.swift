import Evidence
import Facts
import Testing

@testable import Rules

/// One property for every rule about disk images: its examples hold.
struct ImageCatalogueTests {
    private func rule(_ id: String) throws -> Rule<ImageFacts> {
        try #require(ImageCatalogue.all.first { $0.info.id == id })
    }

    @Test(arguments: ImageCatalogue.all.map(\.info.id))
    func `a fit image passes`(id: String) throws {
        let decision = try rule(id).decide(.sample)
        #expect(decision.verdict == .pass, "\(decision.message)")
    }

    @Test(arguments: ImageCatalogue.all.map(\.info.id))
    func `its violation fails, with a place and a remedy`(id: String) throws {
        var image = ImageFacts.sample
        try rule(id).violates(&image)
        let decision = try rule(id).decide(image)
        #expect(decision.verdict == .fail)
        #expect(!decision.message.isEmpty && !decision.places.isEmpty)
        let remedy = try decision.remedy ?? rule(id).info.remedy
        #expect(!remedy.text.isEmpty || !remedy.commands.isEmpty)
    }

    @Test(arguments: ImageCatalogue.all.map(\.info.id))
    func `of an image that was not looked at nothing is claimed`(id: String) throws {
        #expect(throws: Undecided.self) { try rule(id).decide(ImageFacts(path: "/images/a.qcow2")) }
    }

    @Test(arguments: ["KVI040", "KVI041", "KVI042", "KVI048"])
    func `a file system that is not read leaves the question open`(id: String) throws {
        var image = ImageFacts.sample
        image.changeContents { content in
            guard content.type == "ext4" else { return }
            content = ContentFacts(type: "btrfs")
            content.isUnread = true
        }
        let rule = try rule(id)
        #expect(throws: Undecided.self) { try rule.decide(image) }
        // What is wrong with one that was read is told all the same.
        rule.violates(&image)
        #expect(try rule.decide(image).verdict == .fail)
    }

    @Test func `what could not be looked at is not taken for sound`() throws {
        var image = ImageFacts.sample
        image.truncation = .unknown(Obstacle(.malformed, image.path, "the tables are lost"))
        image.snapshots = .unknown(Obstacle(.malformed, image.path, "the table is lost"))
        image.changeChain { $0[1].isInUse = nil }
        image.changeContents { content in
            content.type = "LVM2_member"
            content.isUnread = true
        }
        for id in ["KVI004", "KVI009", "KVI026", "KVI045"] {
            let rule = try rule(id)
            #expect(throws: Undecided.self, "\(id)") { try rule.decide(image) }
        }
    }

    @Test func `ids and slugs are unique and in style`() {
        let infos = ImageCatalogue.all.map(\.info)
        #expect(Set(infos.map(\.id)).count == infos.count)
        #expect(Set(infos.map(\.slug)).count == infos.count)
        for info in infos {
            #expect(info.id.wholeMatch(of: /KVI[0-9]{3}/) != nil, "\(info.id)")
            #expect(info.slug.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)+/) != nil, "\(info.slug)")
            #expect(!info.sources.isEmpty && info.rationale.hasSuffix("."), "\(info.id)")
            #expect(!info.title.hasSuffix("."), "\(info.id)")
        }
    }

    @Test func `commands name the image as a word of a shell`() throws {
        var image = ImageFacts.sample
        image.path = "/images/my disk.qcow2"
        try rule("KVI006").violates(&image)
        let commands = try #require(try rule("KVI006").decide(image).remedy).commands
        #expect(commands == ["qemu-img check -r all '/images/my disk.qcow2'"])
    }
}
