public import Evidence
public import LibvirtXML

/// What kvmcheck knows of an object of libvirt's that an XML document defines: a domain, a network, a storage pool.
///
/// Each kind holds its own definition and observations; how a definition is read from text, and how the examples of rules
/// change it, is the same for all.
public protocol DefinitionFacts: Sendable {
    /// The typed view over the document.
    associatedtype Definition: DocumentView
    /// What libvirt tells of it besides.
    associatedtype Told: Sendable

    /// The definition that is judged: the persistent one of libvirt's, or that of a file.
    var definition: Definition { get set }
    /// What libvirt tells of it: its state, whether it starts with the host; absent for a definition from a file.
    var libvirt: Observation<Told> { get set }
    /// What libvirt's installed schema refuses of the definition; absent where another machine's libvirt wrote it, whose
    /// schema is not here.
    var schema: Observation<[SchemaFault]> { get set }
    /// The host that it is defined on; of a definition from a file nothing is known of it.
    var host: HostFacts { get set }
    /// What stands around it: the other objects of its libvirt, or the documents that were given with it.
    var surroundings: Surroundings { get set }
    /// Which of its kind in ``surroundings`` it is itself; nil where it is none of them.
    var ordinal: Int? { get set }

    /// Puts it as it is now in the place that it has in its surroundings.
    mutating func settle()

    /// An object of which only the definition is known.
    init(_ definition: Definition)

    /// The text of a fit definition, on which the examples of the rules are built.
    static var sampleXML: String { get }
    /// The fit definition on a fit host, with what libvirt tells of it; nil where libxml2 is not installed.
    static var sample: Self? { get }
}

extension DefinitionFacts {
    /// The object of a document of which only the definition is known; nil where it defines another kind, or is not XML.
    public init?(xml: String) {
        guard let document = try? XMLDocument(parsing: xml, name: "example"), let definition = Definition(document)
        else { return nil }
        self.init(definition)
    }

    /// Puts another definition in the place of this one; what is known around it stays. Nothing where it is none.
    public mutating func replace(xml: String) {
        guard let changed = Self(xml: xml) else { return }
        definition = changed.definition
        settle()
    }

    /// Puts one piece of the fit definition's text in the place of another, for the examples of rules.
    public mutating func rewrite(_ old: String, _ new: String) {
        var text = Self.sampleXML
        guard let place = text.place(of: old) else { return }
        text.replaceSubrange(place, with: new)
        replace(xml: text)
    }
}
