public import Evidence
public import LibvirtXML

/// A storage pool as the rules see it: its definition, and what is known around it.
public struct PoolDefinitionFacts: DefinitionFacts {
    /// The definition that is judged: the persistent one of libvirt's, or that of a file.
    public var definition: StoragePool
    /// What libvirt tells of it: its state, whether it starts with the host; absent for a definition from a file.
    public var libvirt: Observation<LibvirtPoolFacts> = .notProbed
    /// What libvirt's installed schema refuses of the definition; absent where another machine's libvirt wrote it, whose
    /// schema is not here.
    public var schema: Observation<[SchemaFault]> = .notProbed
    /// The host that it is defined on; of a definition from a file nothing is known of it.
    public var host = HostFacts()
    /// What that host has for this pool.
    public var site = PoolHostFacts()
    /// What stands around it: the other objects of its libvirt, or the documents that were given with it.
    public var surroundings = Surroundings.notProbed
    /// Which of the pools of ``surroundings`` it is itself; nil where it is none of them.
    public var ordinal: Int?

    /// A pool of which only the definition is known.
    public init(_ definition: StoragePool) {
        self.definition = definition
    }

    /// A fit pool, on which the examples of the rules are built, on a fit host; nil where libxml2 is not installed.
    public static var sample: Self? {
        var facts = Self(xml: sampleXML)
        facts?.host = .sample
        facts?.schema = .known([])
        facts?.libvirt = .known(.sample("default"))
        facts?.surroundings = .sample ?? .notProbed
        facts?.ordinal = 0
        facts?.site = .sample
        return facts
    }

    /// The text of the fit pool.
    public static let sampleXML = """
        <pool type='dir'>
          <name>default</name>
          <uuid>0a4a7c5e-7c0e-4c1d-a6d5-0c4a5f5a7f02</uuid>
          <source>
          </source>
          <target>
            <path>/var/lib/libvirt/images</path>
            <permissions>
              <mode>0711</mode>
              <owner>0</owner>
              <group>0</group>
            </permissions>
          </target>
        </pool>
        """
}
