internal import Evidence
internal import LibvirtXML

// What libvirt offers on the fit host, for the examples of rules.

extension DomainFacts {
    /// Puts one piece of the fit host's domain capabilities in the place of another.
    public mutating func rewriteCapabilities(_ old: String, _ new: String) {
        if let changed = Self.view(Self.capabilitiesXML, old, new, DomainCapabilities.init) {
            capabilities = .known(changed)
        }
    }

    /// Puts one piece of the fit host's capabilities in the place of another.
    public mutating func rewriteHostCapabilities(_ old: String, _ new: String) {
        if let changed = Self.view(Self.hostCapabilitiesXML, old, new, Capabilities.init) {
            hostCapabilities = .known(changed)
        }
    }

    /// Sets what the fit host offers.
    mutating func offerSamples() {
        rewriteCapabilities("", "")
        rewriteHostCapabilities("", "")
    }

    private static func view<View>(
        _ text: String, _ old: String, _ new: String, _ make: (XMLDocument) -> View?
    ) -> View? {
        var text = text
        if let place = text.place(of: old) { text.replaceSubrange(place, with: new) }
        return (try? XMLDocument(parsing: text, name: "capabilities")).flatMap(make)
    }

    /// What libvirt 10.2 and QEMU 8.2 offer to q35 machines under KVM, in short.
    private static let capabilitiesXML = """
        <domainCapabilities>
          <path>/usr/bin/qemu-system-x86_64</path>
          <domain>kvm</domain>
          <machine>pc-q35-7.2</machine>
          <arch>x86_64</arch>
          <vcpu max='288'/>
          <iothreads supported='yes'/>
          <os supported='yes'>
            <enum name='firmware'>
              <value>bios</value>
              <value>efi</value>
            </enum>
            <loader supported='yes'>
              <enum name='type'>
                <value>rom</value>
                <value>pflash</value>
              </enum>
              <enum name='secure'>
                <value>no</value>
                <value>yes</value>
              </enum>
            </loader>
          </os>
          <cpu>
            <mode name='host-passthrough' supported='yes'/>
            <mode name='maximum' supported='yes'/>
            <mode name='host-model' supported='yes'/>
            <mode name='custom' supported='yes'>
              <model usable='yes' vendor='Intel'>Nehalem</model>
              <model usable='no' vendor='Intel'>SapphireRapids</model>
              <blockers model='SapphireRapids'>
                <feature name='amx-bf16'/>
                <feature name='avx512f'/>
              </blockers>
              <model usable='yes' deprecated='yes' vendor='unknown'>qemu64</model>
            </mode>
          </cpu>
          <memoryBacking supported='yes'>
            <enum name='sourceType'>
              <value>file</value>
              <value>anonymous</value>
              <value>memfd</value>
            </enum>
          </memoryBacking>
          <devices>
            <disk supported='yes'>
              <enum name='diskDevice'>
                <value>disk</value>
                <value>cdrom</value>
                <value>floppy</value>
                <value>lun</value>
              </enum>
              <enum name='bus'>
                <value>fdc</value>
                <value>scsi</value>
                <value>virtio</value>
                <value>usb</value>
                <value>sata</value>
              </enum>
            </disk>
            <graphics supported='yes'>
              <enum name='type'>
                <value>vnc</value>
                <value>egl-headless</value>
              </enum>
            </graphics>
            <video supported='yes'>
              <enum name='modelType'>
                <value>vga</value>
                <value>cirrus</value>
                <value>virtio</value>
                <value>none</value>
                <value>bochs</value>
                <value>ramfb</value>
              </enum>
            </video>
            <rng supported='yes'>
              <enum name='model'>
                <value>virtio</value>
              </enum>
              <enum name='backendModel'>
                <value>random</value>
                <value>egd</value>
                <value>builtin</value>
              </enum>
            </rng>
            <tpm supported='yes'>
              <enum name='model'>
                <value>tpm-tis</value>
                <value>tpm-crb</value>
              </enum>
              <enum name='backendModel'>
                <value>passthrough</value>
                <value>emulator</value>
              </enum>
              <enum name='backendVersion'>
                <value>2.0</value>
              </enum>
            </tpm>
          </devices>
          <features>
            <gic supported='no'/>
            <ps2 supported='yes'/>
            <sev supported='no'/>
            <hyperv supported='yes'>
              <enum name='features'>
                <value>relaxed</value>
                <value>vapic</value>
                <value>spinlocks</value>
              </enum>
            </hyperv>
          </features>
        </domainCapabilities>
        """

    private static let hostCapabilitiesXML = """
        <capabilities>
          <host>
            <cpu>
              <arch>x86_64</arch>
            </cpu>
          </host>
          <guest>
            <os_type>hvm</os_type>
            <arch name='x86_64'>
              <wordsize>64</wordsize>
              <emulator>/usr/bin/qemu-system-x86_64</emulator>
              <machine maxCpus='288'>pc-q35-7.2</machine>
              <machine canonical='pc-q35-7.2' maxCpus='288'>q35</machine>
              <machine maxCpus='255' deprecated='yes'>pc-i440fx-2.4</machine>
              <domain type='qemu'/>
              <domain type='kvm'/>
            </arch>
          </guest>
        </capabilities>
        """
}
