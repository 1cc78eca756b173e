import Evidence
import Facts
import Testing

@testable import Rules

/// One property for every rule about virtual networks: its examples hold.
struct NetworkDefinitionCatalogueTests {
    static func properties() throws -> DefinitionProperties<NetworkDefinitionFacts> {
        try DefinitionProperties(
            catalogue: NetworkCatalogue.all, sample: #require(NetworkDefinitionFacts.sample),
            blind: #require(NetworkDefinitionFacts(xml: NetworkDefinitionFacts.sampleXML)))
    }

    @Test(arguments: NetworkCatalogue.all.map(\.info.id))
    func `a fit network passes`(id: String) throws { try Self.properties().passes(id) }

    @Test(arguments: NetworkCatalogue.all.map(\.info.id))
    func `its violation fails, with a place and a remedy`(id: String) throws { try Self.properties().fails(id) }

    @Test(arguments: NetworkCatalogue.all.map(\.info.id))
    func `of a definition from a file nothing is claimed that needs a host`(id: String) throws {
        try Self.properties().claimsNothingBlind(id)
    }

    @Test func `ids and slugs are unique and in style`() throws { try Self.properties().isInStyle("KVN") }
}
