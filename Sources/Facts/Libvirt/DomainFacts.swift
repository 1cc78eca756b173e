public import Evidence
public import LibvirtXML

/// A domain as the rules see it: its definition, and what is known around it.
public struct DomainFacts: DefinitionFacts {
    /// The definition that is judged: the persistent one of libvirt's, or that of a file.
    public var definition: Domain
    /// The definition that runs; absent where the domain does not run, or the definition is from a file.
    public var live: Observation<Domain> = .notProbed
    /// What libvirt tells of it: state, autostart and the like; absent for a definition from a file.
    public var libvirt: Observation<LibvirtDomainFacts> = .notProbed
    /// What libvirt says that domains of this emulator, architecture, machine and hypervisor can have; absent for a
    /// definition from a file.
    public var capabilities: Observation<DomainCapabilities> = .notProbed
    /// What libvirt's installed schema refuses of the definition; absent where another machine's libvirt wrote it, whose
    /// schema is not here.
    public var schema: Observation<[SchemaFault]> = .notProbed
    /// What libvirt says of its host and of the machines that it can run there; absent for a definition from a file.
    public var hostCapabilities: Observation<Capabilities> = .notProbed
    /// The host that it is defined on; of a definition from a file nothing is known of it.
    public var host: HostFacts {
        _read { yield hostStorage.facts }
        set { hostStorage = HostStorage(newValue) }
    }
    private var hostStorage = HostStorage(HostFacts())
    /// What stands around it: the other objects of its libvirt, or the documents that were given with it.
    public var surroundings = Surroundings.notProbed
    /// Which of the domains of ``surroundings`` it is itself; nil where it is none of them.
    public var ordinal: Int?

    /// A domain of which only the definition is known.
    public init(_ definition: Domain) {
        self.definition = definition
    }

    /// A fit domain, on which the examples of the rules are built, on a fit host; nil where libxml2 is not installed.
    public static var sample: Self? {
        var facts = Self(xml: sampleXML)
        facts?.host = .sample
        facts?.schema = .known([])
        facts?.live = .absent()
        facts?.libvirt = .known(.sample("web1"))
        facts?.surroundings = .sample ?? .notProbed
        facts?.ordinal = 0
        facts?.offerSamples()
        return facts
    }

    /// The text of the fit domain.
    public static let sampleXML = """
        <domain type='kvm'>
          <name>web1</name>
          <uuid>5f1b1e0e-94f6-4d0a-9d0c-0d9c7c9d7a11</uuid>
          <memory unit='GiB'>4</memory>
          <currentMemory unit='GiB'>4</currentMemory>
          <vcpu placement='static'>4</vcpu>
          <os>
            <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
            <boot dev='hd'/>
          </os>
          <features>
            <acpi/>
            <apic/>
          </features>
          <cpu mode='custom' match='exact'>
            <model>Nehalem</model>
            <topology sockets='1' dies='1' cores='4' threads='1'/>
          </cpu>
          <clock offset='utc'/>
          <on_poweroff>destroy</on_poweroff>
          <on_reboot>restart</on_reboot>
          <on_crash>restart</on_crash>
          <devices>
            <emulator>/usr/bin/qemu-system-x86_64</emulator>
            <disk type='file' device='disk'>
              <driver name='qemu' type='qcow2' cache='none' io='native' discard='unmap' queues='4'/>
              <source file='/var/lib/libvirt/images/web1.qcow2'/>
              <target dev='vda' bus='virtio'/>
            </disk>
            <interface type='network'>
              <mac address='52:54:00:6b:3c:58'/>
              <source network='default'/>
              <model type='virtio'/>
              <driver name='vhost' queues='4'/>
            </interface>
            <serial type='pty'/>
            <console type='pty'/>
            <channel type='unix'>
              <target type='virtio' name='org.qemu.guest_agent.0'/>
            </channel>
            <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'>
              <listen type='address' address='127.0.0.1'/>
            </graphics>
            <video>
              <model type='virtio'/>
            </video>
            <watchdog model='itco' action='reset'/>
            <memballoon model='virtio'>
              <stats period='10'/>
            </memballoon>
            <rng model='virtio'>
              <backend model='random'>/dev/urandom</backend>
            </rng>
          </devices>
        </domain>
        """
}

/// A host's facts, stored once for all domains on it: they are many, and each rule is handed a domain.
private final class HostStorage: Sendable {
    let facts: HostFacts

    init(_ facts: HostFacts) { self.facts = facts }
}
