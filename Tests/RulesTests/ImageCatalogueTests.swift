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
