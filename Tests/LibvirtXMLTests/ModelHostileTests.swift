import LibvirtXML
import Testing

/// Every value of documents that have nearly every field, replaced by what nobody should write.
struct ModelHostileTests {
    static let documents = [
        """
        <domain type='kvm' id='1'><name>a</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><genid>g</genid>
        <title>t</title><description>d</description><maxMemory slots='16' unit='GiB'>16</maxMemory>
        <memory unit='GiB' dumpCore='off'>4</memory><currentMemory unit='GiB'>2</currentMemory>
        <blkiotune><weight>800</weight><device><path>/dev/sda</path><weight>500</weight>
        <read_bytes_sec>1</read_bytes_sec><write_bytes_sec>2</write_bytes_sec><read_iops_sec>3</read_iops_sec>
        <write_iops_sec>4</write_iops_sec></device></blkiotune>
        <memtune><hard_limit unit='G'>5</hard_limit><soft_limit unit='M'>128</soft_limit>
        <min_guarantee>1</min_guarantee><swap_hard_limit unit='G'>6</swap_hard_limit></memtune>
        <memoryBacking><hugepages><page size='1' unit='G' nodeset='0-3,5'/></hugepages><nosharepages/><locked/>
        <source type='memfd'/><access mode='shared'/><allocation mode='immediate' threads='8'/><discard/></memoryBacking>
        <vcpu placement='static' cpuset='1-4,^3,6' current='1'>2</vcpu>
        <vcpus><vcpu id='0' enabled='yes' hotpluggable='no' order='1'/></vcpus>
        <iothreads>2</iothreads><iothreadids><iothread id='2' thread_pool_min='8' thread_pool_max='16'>
        <poll max='1' grow='2' shrink='3'/></iothread></iothreadids>
        <defaultiothread thread_pool_min='8' thread_pool_max='16'/>
        <cputune><shares>2048</shares><period>1000000</period><quota>-1</quota><global_period>1000000</global_period>
        <global_quota>-1</global_quota><emulator_period>1000000</emulator_period><emulator_quota>-1</emulator_quota>
        <iothread_period>1000000</iothread_period><iothread_quota>-1</iothread_quota><vcpupin vcpu='0' cpuset='1-4,^2'/>
        <emulatorpin cpuset='1-3'/><iothreadpin iothread='1' cpuset='5,6'/>
        <vcpusched vcpus='0-1' scheduler='fifo' priority='1'/><iothreadsched iothreads='2' scheduler='batch'/>
        <emulatorsched scheduler='rr' priority='5'/><cachetune vcpus='0-3'>
        <cache id='0' level='3' type='both' size='3' unit='MiB'/></cachetune><memorytune vcpus='0-3'/></cputune>
        <numatune><memory mode='strict' nodeset='1-4,^3' placement='static'/>
        <memnode cellid='0' mode='strict' nodeset='1'/></numatune><resource><partition>/m</partition></resource>
        <sysinfo type='smbios'><bios><entry name='vendor'>v</entry></bios></sysinfo>
        <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><firmware><feature enabled='yes' name='secure-boot'/>
        </firmware><loader readonly='yes' secure='yes' type='pflash' stateless='no'>/l</loader>
        <nvram template='/t'>/n</nvram><boot dev='hd'/><bootmenu enable='yes' timeout='3000'/>
        <bios useserial='yes' rebootTimeout='0'/><smbios mode='sysinfo'/><acpi><table type='slic'>/s</table></acpi></os>
        <features><acpi/><apic eoi='on'/><pae/><hap state='on'/><hyperv mode='custom'><relaxed state='on'/>
        <spinlocks state='on' retries='8191'/><stimer state='on'><direct state='on'/></stimer>
        <vendor_id state='on' value='K'/></hyperv><kvm><hidden state='on'/><dirty-ring state='on' size='4096'/></kvm>
        <smm state='on'><tseg unit='MiB'>48</tseg></smm><pmu state='off'/><vmport state='off'/></features>
        <cpu mode='custom' match='exact' check='partial' migratable='on'><model fallback='allow'>m</model>
        <topology sockets='1' dies='1' clusters='1' cores='2' threads='1'/><cache level='3' mode='emulate'/>
        <maxphysaddr mode='emulate' bits='42'/><feature policy='require' name='vmx'/>
        <numa><cell id='0' cpus='0-1' memory='2' unit='GiB' memAccess='shared' discard='yes'>
        <distances><sibling id='0' value='10'/></distances></cell></numa></cpu>
        <clock offset='variable' adjustment='3' basis='utc'><timer name='rtc' tickpolicy='catchup' track='guest'>
        <catchup threshold='123' slew='120' limit='10000'/></timer><timer name='tsc' frequency='3' present='yes'/></clock>
        <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>preserve</on_crash>
        <pm><suspend-to-mem enabled='no'/><suspend-to-disk enabled='no'/></pm>
        <perf><event name='cmt' enabled='yes'/></perf>
        <devices><emulator>/e</emulator><disk type='network' device='lun' rawio='yes' sgio='unfiltered' snapshot='no'>
        <driver name='qemu' type='raw' cache='none' io='native' discard='unmap' detect_zeroes='unmap' iothread='1'
        queues='4' queue_size='256' error_policy='stop' rerror_policy='stop' ioeventfd='on' event_idx='off'
        copy_on_read='on' iommu='on' ats='on' packed='on' page_per_vq='on'>
        <metadata_cache><max_size unit='MiB'>64</max_size></metadata_cache></driver>
        <source protocol='rbd' name='i' tls='yes' index='1' startupPolicy='optional'><host name='h' port='6321'/>
        <snapshot name='s'/><config file='/c'/><auth username='u'><secret type='ceph' usage='x'/></auth>
        <encryption format='luks'><secret type='passphrase' uuid='c7a5fdbd-edaf-9455-926a-d65c16db1809'/></encryption>
        <slices><slice type='storage' offset='1' size='2'/></slices><reservations managed='yes'/></source>
        <backingStore type='file' index='2'><format type='qcow2'/><source file='/b'/><backingStore/></backingStore>
        <mirror type='file' job='copy' ready='yes'><source file='/m'/></mirror>
        <target dev='sda' bus='scsi' tray='open' removable='on' rotation_rate='7200'/>
        <iotune><total_bytes_sec>1</total_bytes_sec><total_bytes_sec_max_length>2</total_bytes_sec_max_length></iotune>
        <readonly/><shareable/><transient/><serial>s</serial><wwn>w</wwn><blockio logical_block_size='512'/>
        <geometry cyls='1' heads='2' secs='3' trans='lba'/><boot order='1'/><alias name='ua-a'/>
        <address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>
        <controller type='pci' index='1' model='pcie-root-port' ports='4' vectors='2'><model name='pcie-root-port'/>
        <target chassis='1' port='0x10' hotplug='off'><node>0</node></target><pcihole64 unit='KiB'>1</pcihole64>
        <address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0' multifunction='on'/></controller>
        <lease><lockspace>l</lockspace><key>k</key><target path='/p' offset='1024'/></lease>
        <filesystem type='mount' accessmode='passthrough'><driver type='virtiofs' queue='1024'/><source dir='/s'/>
        <target dir='t'/><readonly/></filesystem>
        <interface type='direct' managed='yes' trustGuestRxFilters='yes'><mac address='52:54:00:00:00:01'/>
        <source dev='eth0' mode='vepa'/><virtualport type='openvswitch'>
        <parameters interfaceid='c7a5fdbd-edaf-9455-926a-d65c16db1809'/></virtualport><ip address='10.0.0.2' prefix='8'/>
        <route address='10.0.0.0' prefix='8' gateway='10.0.0.1' metric='2'/><target dev='t'/>
        <portForward proto='tcp' address='10.0.0.1'><range start='22' end='23' to='24'/></portForward>
        <vlan trunk='yes'><tag id='42' nativeMode='untagged'/></vlan>
        <bandwidth><inbound average='1' peak='2' burst='3' floor='4'/></bandwidth><port isolated='yes'/>
        <model type='virtio'/><driver name='vhost' queues='4' rx_queue_size='256' tx_queue_size='256' rss='on'>
        <host csum='off' mrg_rxbuf='off'/><guest csum='off'/></driver><filterref filter='f'><parameter name='n' value='v'/>
        </filterref><link state='up'/><mtu size='1500'/><acpi index='4'/></interface>
        <serial type='tcp'><source mode='bind' host='h' service='1' tls='no'><reconnect enabled='yes' timeout='1'/></source>
        <protocol type='raw'/><log file='/l' append='on'/><target type='isa-serial' port='0'/></serial>
        <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>
        <input type='tablet' bus='usb'/><tpm model='tpm-crb'><backend type='emulator' version='2.0' persistent_state='yes'>
        <encryption secret='c7a5fdbd-edaf-9455-926a-d65c16db1809'/></backend></tpm>
        <graphics type='spice' port='5900' tlsPort='5901' autoport='no' websocket='5700' defaultMode='secure'>
        <listen type='address' address='0.0.0.0'/><channel name='main' mode='secure'/><gl enable='yes'/></graphics>
        <video><model type='qxl' ram='1' vram='2' vgamem='3' vram64='4' heads='1' primary='yes' blob='on'>
        <acceleration accel3d='yes' accel2d='no'/><resolution x='800' y='600'/></model></video>
        <hostdev mode='subsystem' type='usb' managed='yes'><source startupPolicy='optional'><vendor id='0x1234'/>
        <product id='0xbeef'/><address bus='1' device='2'/></source><rom bar='off' file='/r'/></hostdev>
        <hostdev mode='subsystem' type='mdev' model='vfio-pci' display='on' ramfb='on'><source>
        <address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>
        <watchdog model='itco' action='reset'/><memballoon model='virtio' autodeflate='on' freePageReporting='on'>
        <stats period='10'/></memballoon><rng model='virtio'><rate period='2000' bytes='1234'/>
        <backend model='random'>/dev/urandom</backend></rng><panic model='isa'/>
        <shmem name='s'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>
        <memory model='virtio-mem' access='private' discard='yes'><source><nodemask>1-3</nodemask>
        <pagesize unit='KiB'>4096</pagesize></source><target><size unit='KiB'>524287</size><node>0</node>
        <block unit='KiB'>2048</block><requested unit='KiB'>1048576</requested><address base='0x140000000'/></target></memory>
        <iommu model='intel'><driver intremap='on' caching_mode='on' eim='on' iotlb='on' aw_bits='48'/></iommu>
        <vsock model='virtio'><cid auto='no' address='3'/></vsock></devices>
        <seclabel type='dynamic' model='selinux' relabel='yes'><baselabel>b</baselabel></seclabel>
        <launchSecurity type='sev' kernelHashes='yes'><cbitpos>47</cbitpos><reducedPhysBits>1</reducedPhysBits>
        <policy>0x0001</policy></launchSecurity></domain>
        """,
        """
        <network connections='1' ipv6='yes' trustGuestRxFilters='no'><name>n</name>
        <uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><forward mode='hostdev' managed='yes' dev='eth0'>
        <nat ipv6='yes'><address start='1.2.3.4' end='1.2.3.10'/><port start='500' end='1000'/></nat><pf dev='eth0'/>
        <interface dev='eth0' connections='1'/><address type='pci' domain='0' bus='4' slot='0' function='1'/>
        <driver name='vfio'/></forward><bridge name='b' stp='on' delay='5' macTableManager='libvirt' zone='z'/>
        <mtu size='9000'/><mac address='00:16:3E:5D:C7:9E'/><domain name='e' localOnly='yes'/>
        <dns enable='yes' forwardPlainNames='no'><forwarder domain='d' addr='8.8.8.8'/><txt name='n' value='v'/>
        <srv service='n' protocol='tcp' domain='d' target='t' port='1024' priority='10' weight='10'/>
        <host ip='192.168.122.2'><hostname>h</hostname></host></dns>
        <ip address='192.168.122.1' netmask='255.255.255.0' localPtr='yes'><tftp root='/t'/><dhcp>
        <range start='192.168.122.2' end='192.168.122.254'><lease expiry='1' unit='hours'/></range>
        <host mac='00:16:3e:77:e2:ed' name='a' ip='192.168.122.10'><lease expiry='0'/></host>
        <bootp file='f' server='s'/></dhcp></ip><ip family='ipv6' address='2001:db8::1' prefix='64'/>
        <route family='ipv4' address='192.168.222.0' prefix='24' gateway='192.168.122.2' metric='2'/>
        <portgroup name='p' default='yes'><vlan><tag id='4'/></vlan><bandwidth><outbound average='128'/></bandwidth>
        </portgroup></network>
        """,
        """
        <pool type='scsi'><name>p</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>
        <capacity unit='bytes'>100</capacity><allocation unit='bytes'>40</allocation><available>60</available>
        <features><cow state='no'/></features><source><host name='h' port='3260'/>
        <device path='/dev/sda' part_separator='no'><freeExtent start='0' end='10'/></device><dir path='/d'/>
        <adapter type='scsi_host' managed='yes'><parentaddr unique_id='1'><address domain='0' bus='0' slot='0x1f'/>
        </parentaddr></adapter><name>n</name><initiator><iqn name='i'/></initiator>
        <auth type='chap' username='u'><secret usage='x'/></auth><format type='gpt'/></source>
        <target><path>/t</path><permissions><mode>0711</mode><owner>107</owner><group>-1</group><label>l</label>
        </permissions></target><refresh><volume allocation='capacity'/></refresh></pool>
        """,
        """
        <volume type='file'><name>v</name><key>/k</key><capacity unit='GiB'>4</capacity><allocation>0</allocation>
        <physical unit='bytes'>1</physical><source><device path='/dev/a'><extent start='1' end='2'/></device></source>
        <target><path>/p</path><format type='qcow2'/><permissions><mode>0600</mode><owner>0</owner><group>0</group>
        </permissions><timestamps><atime>1341933637.273190990</atime><mtime>1341930622</mtime></timestamps>
        <compat>1.1</compat><nocow/><clusterSize unit='KiB'>64</clusterSize><features><lazy_refcounts/></features></target>
        <backingStore><path>/b</path><format type='raw'/></backingStore></volume>
        """,
    ]

    private static let hostile = [
        "", " ", "-1", "-0", "--1", "+", "0x", "0x-1", "0xg", "1180591620717411303424", "18446744073709551615",
        "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1e400", "nan", "inf", "^", "1-",
        "0-16383",
        "0-99999999999", ",,,,", "::", "1::2::3", "....", ":::::", "-", "%", "é", "\u{202e}", "\u{1F4A9}", "999999999",
        String(repeating: "9", count: 4000), String(repeating: "1,", count: 4000),
    ]

    private static func readAll(_ document: XMLDocument) {
        let object = LibvirtObject(document)
        object.view?.visitFields { field in
            _ = (field.text, field.malformed, field.position, field.xpath, field.isSpelledFaithfully)
        }
        switch object {
        case .domain(let domain):
            for disk in domain.devices.disks { _ = (disk.chain.map(\.location), try? disk.address.pci()) }
            _ = domain.devices.interfaces.map(\.connection)
            _ = domain.devices.hostDevices.map(\.device)
            _ = domain.devices.graphics.map(\.access)
            _ = domain.cpu.topology.product
        case .network(let network): _ = (network.mode, network.ips.map(\.effectivePrefix))
        case .storagePool(let pool): _ = (pool.origin, try? pool.source.adapter.parentAddress.pci())
        default: break
        }
    }

    @Test(arguments: documents.indices) func `the documents themselves are right`(index: Int) throws {
        let document = try XMLDocument(parsing: Self.documents[index], name: "\(index).xml")
        let view = try #require(LibvirtObject(document).view)
        #expect(view.malformedValues.isEmpty, "\(view.malformedValues)")
        // Every attribute and every text is some view's, but units, which go with their number.
        var seen: Set<String> = []
        view.visitFields { if $0.text != nil { seen.insert($0.xpath) } }
        for element in document.allElements {
            for attribute in element.attributes where attribute.name != "unit" || element.isNamed("lease") {
                #expect(seen.contains(attribute.xpath), "\(attribute.xpath)")
            }
            if element.elements.isEmpty, !element.trimmedText.isEmpty { #expect(seen.contains(element.xpath)) }
        }
    }

    @Test(arguments: documents.indices) func `a hostile value in any place is read without a trap`(index: Int) throws {
        let document = try XMLDocument(parsing: Self.documents[index], name: "\(index).xml")
        var count = 0
        for (number, element) in document.allElements.enumerated() {
            for value in Self.hostile.enumerated() where (value.offset + number).isMultiple(of: 16) {
                // All attributes of an element at once, and its text.
                var edited = document
                var handle = element
                for attribute in element.attributes {
                    handle = try edited.setAttribute(attribute.name, to: value.element, of: handle)
                }
                if element.elements.isEmpty, !element.trimmedText.isEmpty {
                    handle = try edited.setText(value.element, of: handle)
                }
                Self.readAll(edited)
                count += 1
            }
        }
        #expect(count > 50)
    }

    @Test(arguments: hostile) func `a hostile value in all places is read without a trap`(value: String) throws {
        for text in Self.documents {
            let everywhere = text.replacing(/'[^']*'/, with: "'\(value)'").replacing(/>[^<>\n]+</, with: ">\(value)<")
            Self.readAll(try XMLDocument(parsing: everywhere, name: "a.xml"))
            // With what tells types from each other left as it is.
            let typed = text.replacing(/\b(?!type|mode|model)(\w+)='[^']*'/) { "\($0.1)='\(value)'" }
            Self.readAll(try XMLDocument(parsing: typed, name: "a.xml"))
        }
    }
}
