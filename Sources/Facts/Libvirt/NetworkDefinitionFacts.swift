public import Evidence
public import LibvirtXML

/// A virtual network as the rules see it: its definition, and what is known around it.
public struct NetworkDefinitionFacts: DefinitionFacts {
    /// The definition that is judged: the persistent one of libvirt's, or that of a file.
    public var definition: Network
    /// What libvirt tells of it: whether it is started, and starts with the host; absent for a definition from a file.
    public var libvirt: Observation<LibvirtNetworkFacts> = .notProbed
    /// What libvirt's installed schema refuses of the definition; absent where another machine's libvirt wrote it, whose
    /// schema is not here.
    public var schema: Observation<[SchemaFault]> = .notProbed
    /// The host that it is defined on; of a definition from a file nothing is known of it.
    public var host = HostFacts()
    /// What stands around it: the other objects of its libvirt, or the documents that were given with it.
    public var surroundings = Surroundings.notProbed
    /// Which of the networks of ``surroundings`` it is itself; nil where it is none of them.
    public var ordinal: Int?

    /// A network of which only the definition is known.
    public init(_ definition: Network) {
        self.definition = definition
    }

    /// A fit network, on which the examples of the rules are built, on a fit host: libvirt's own default network, with one
    /// known guest. nil where libxml2 is not installed.
    public static var sample: Self? {
        var facts = Self(xml: sampleXML)
        facts?.host = .sample
        facts?.schema = .known([])
        var told = LibvirtNetworkFacts.sample("default")
        told.bridge = .known("virbr0")
        facts?.libvirt = .known(told)
        facts?.surroundings = .sample ?? .notProbed
        facts?.ordinal = 0
        return facts
    }

    /// The text of the fit network.
    public static let sampleXML = """
        <network>
          <name>default</name>
          <uuid>4f3c2a66-2d5a-4f3e-8f0c-6f8f1c1f5a01</uuid>
          <forward mode='nat'>
            <nat>
              <port start='1024' end='65535'/>
            </nat>
          </forward>
          <bridge name='virbr0' stp='on' delay='0'/>
          <mac address='52:54:00:35:55:2d'/>
          <ip address='192.168.122.1' netmask='255.255.255.0'>
            <dhcp>
              <range start='192.168.122.100' end='192.168.122.254'/>
              <host mac='52:54:00:6b:3c:58' name='web1' ip='192.168.122.10'/>
            </dhcp>
          </ip>
        </network>
        """
}
