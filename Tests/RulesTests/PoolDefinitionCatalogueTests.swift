import Evidence
import Facts
import Testing

@testable import Rules

/// One property for every rule about storage pools: its examples hold.
struct PoolDefinitionCatalogueTests {
    static func properties() throws -> DefinitionProperties<PoolDefinitionFacts> {
        try DefinitionProperties(
            catalogue: PoolCatalogue.all, sample: #require(PoolDefinitionFacts.sample),
            blind: #require(PoolDefinitionFacts(xml: PoolDefinitionFacts.sampleXML)))
    }

    @Test(arguments: PoolCatalogue.all.map(\.info.id))
    func `a fit pool passes`(id: String) throws { try Self.properties().passes(id) }

    @Test(arguments: PoolCatalogue.all.map(\.info.id))
    func `its violation fails, with a place and a remedy`(id: String) throws { try Self.properties().fails(id) }

    @Test(arguments: PoolCatalogue.all.map(\.info.id))
    func `of a definition from a file nothing is claimed that needs a host`(id: String) throws {
        try Self.properties().claimsNothingBlind(id)
    }

    @Test func `ids and slugs are unique and in style`() throws { try Self.properties().isInStyle("KVP") }
}
