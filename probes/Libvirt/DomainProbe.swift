internal import CLibvirt
@_spi(Probing) internal import Evidence
internal import Facts

extension LibvirtConnection {
    /// What libvirt itself knows of a domain; nil where the domain is gone.
    ///
    /// - Parameter closely: Of which domains more is asked than what they are and whether they run.
    func domain(
        _ reader: ObjectReader, processes: QEMUProcesses.Access, closely: InventoryRequest.Selection = .all
    ) -> LibvirtDomainFacts? {
        let named = reader.ask("virDomainGetName") { unsafe $0.copy($0.domainGetName($1.pointer)) }
        guard let name = named.known else { return nil }
        var facts = LibvirtDomainFacts(name: name)
        // Who asks first what only a live object can answer learns at once whether it is gone.
        let state = reader.ask("virDomainGetState") { library, domain -> [Int32]? in
            var state: Int32 = 0
            var reason: Int32 = 0
            return unsafe library.domainGetState(domain.pointer, &state, &reason, 0) < 0 ? nil : [state, reason]
        }
        if reader.isGone { return nil }
        facts.state = state.parsed(as: "a state of virDomainState") { LibvirtDomainFacts.State(code: $0[0]) }
        facts.stateReason = state.map { $0[1] }
        facts.uuid = unsafe reader.uuid("virDomainGetUUIDString") { unsafe $0.domainGetUUIDString($1.pointer, $2) }
        facts.isPersistent = reader.flag("virDomainIsPersistent") { unsafe $0.domainIsPersistent($1.pointer) }
        facts.autostart = unsafe reader.writtenFlag("virDomainGetAutostart") {
            unsafe $0.domainGetAutostart($1.pointer, $2)
        }
        facts.isActive = reader.flag("virDomainIsActive") { unsafe $0.domainIsActive($1.pointer) }
        let isActive = facts.isActive
        facts.id = isActive.whenTrue {
            reader.ask("virDomainGetID") { library, domain in
                let id = unsafe library.domainGetID(domain.pointer)
                return id == UInt32.max ? nil : id
            }
        }
        facts.liveXML = isActive.whenTrue {
            reader.ask("virDomainGetXMLDesc") { unsafe $0.take($0.domainGetXMLDesc($1.pointer, 0)) }
        }
        facts.persistentXML = facts.isPersistent.whenTrue {
            reader.ask("virDomainGetXMLDesc") {
                unsafe $0.take($0.domainGetXMLDesc($1.pointer, VIR_DOMAIN_XML_INACTIVE.rawValue))
            }
        }
        guard closely.covers(facts) else { return facts }
        facts.hasManagedSave = reader.flag("virDomainHasManagedSaveImage") {
            unsafe $0.domainHasManagedSaveImage($1.pointer, 0)
        }
        facts.snapshots = snapshots(reader)
        facts.leasedAddresses = isActive.whenTrue {
            addresses(reader, source: VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE.rawValue)
        }
        facts.process = processes.process(name: name, uuid: facts.uuid, isActive: isActive)
        return facts
    }

    /// What libvirt has to ask QEMU or the guest for, and waits for as long as those take.
    ///
    /// A daemon serves few calls of one client at a time (`max_client_requests`, 5): after as many QEMUs that do not answer,
    /// nothing more is served. So this is asked last.
    func askQEMU(_ reader: ObjectReader, agent: Bool, into facts: inout LibvirtDomainFacts) {
        facts.blocks = blocks(reader)
        if agent { facts.agent = self.agent(reader, isActive: facts.isActive) }
    }

    private func snapshots(_ reader: ObjectReader) -> Observation<[String]> {
        reader.ask("virDomainListAllSnapshots") { library, domain in
            var array: UnsafeMutablePointer<OpaquePointer?>?
            let count = unsafe library.domainListAllSnapshots(domain.pointer, &array, 0)
            guard count >= 0 else { return nil }
            defer { unsafe library.discard(array) }
            // SAFETY: libvirt allocated `count` references and a nil, and leaves both the array and them to its caller.
            return (0..<Int(count)).compactMap { index in
                guard let snapshot = unsafe array?[index] else { return nil }
                defer { _ = unsafe library.domainSnapshotFree(snapshot) }
                return unsafe library.copy(library.domainSnapshotGetName(snapshot))
            }.sorted()
        }
    }

    private func blocks(_ reader: ObjectReader) -> Observation<[LibvirtBlockFacts]> {
        let parameters = reader.ask("virDomainListGetStats") { library, domain -> TypedParameters? in
            var records: UnsafeMutablePointer<virDomainStatsRecordPtr?>?
            var domains = unsafe [domain.pointer, nil]
            let count = unsafe library.domainListGetStats(
                &domains, VIR_DOMAIN_STATS_BLOCK.rawValue, &records,
                VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT.rawValue)
            guard count >= 0 else { return nil }
            defer { unsafe library.domainStatsRecordListFree(records) }
            // SAFETY: libvirt allocated `count` records and a nil.
            guard count > 0, let record = unsafe records?[0]?.pointee else { return TypedParameters() }
            return unsafe TypedParameters(library, record.params, count: Int(record.nparams))
        }
        return parameters.map { parameters in
            parameters.blocks.map { block in
                var block = block
                block.sizes = sizes(reader, of: block.target)
                return block
            }
        }
    }

    private func sizes(_ reader: ObjectReader, of target: String) -> Observation<LibvirtBlockFacts.Sizes> {
        reader.ask("virDomainGetBlockInfo") { library, domain in
            var information = virDomainBlockInfo()
            guard unsafe library.domainGetBlockInfo(domain.pointer, target, &information, 0) == 0 else { return nil }
            return LibvirtBlockFacts.Sizes(
                capacity: information.capacity, allocation: information.allocation, physical: information.physical)
        }
    }

    private func addresses(_ reader: ObjectReader, source: UInt32) -> Observation<[LibvirtInterfaceAddresses]> {
        reader.ask("virDomainInterfaceAddresses") { library, domain in
            var array: UnsafeMutablePointer<virDomainInterfacePtr?>?
            let count = unsafe library.domainInterfaceAddresses(domain.pointer, &array, source, 0)
            guard count >= 0 else { return nil }
            defer { unsafe library.discard(array) }
            // SAFETY: libvirt allocated `count` interfaces, each with `naddrs` addresses; all texts end with NUL.
            return (0..<Int(count)).compactMap { index in
                guard let pointer = unsafe array?[index] else { return nil }
                defer { unsafe library.domainInterfaceFree(pointer) }
                let interface = unsafe pointer.pointee
                let addresses = unsafe (0..<Int(interface.naddrs)).compactMap { number in
                    unsafe (interface.addrs?[number]).flatMap { unsafe Self.address($0, library) }
                }
                return unsafe LibvirtInterfaceAddresses(
                    name: library.copy(interface.name) ?? "", hardwareAddress: library.copy(interface.hwaddr),
                    addresses: addresses)
            }
        }
    }

    private static func address(
        _ address: virDomainIPAddress, _ library: LibvirtLibrary
    ) -> LibvirtInterfaceAddresses.Address? {
        guard let text = unsafe library.copy(address.addr) else { return nil }
        return unsafe LibvirtInterfaceAddresses.Address(
            address: text, prefix: address.prefix,
            isIPv6: UInt32(bitPattern: address.type) == VIR_IP_ADDR_TYPE_IPV6.rawValue)
    }

    /// libvirt lets nobody ask an agent over a read-only connection, whatever is asked: then each is unknown, and says so.
    private func agent(_ reader: ObjectReader, isActive: Observation<Bool>) -> GuestAgentFacts {
        var facts = GuestAgentFacts()
        facts.hostName = isActive.whenTrue {
            reader.ask("virDomainGetHostname") {
                unsafe $0.take($0.domainGetHostname($1.pointer, VIR_DOMAIN_GET_HOSTNAME_AGENT.rawValue))
            }
        }
        facts.addresses = isActive.whenTrue {
            addresses(reader, source: VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT.rawValue)
        }
        facts.information = isActive.whenTrue {
            reader.ask("virDomainGetGuestInfo") { library, domain -> [String: String]? in
                var array: virTypedParameterPtr?
                var count: Int32 = 0
                guard unsafe library.domainGetGuestInfo(domain.pointer, 0, &array, &count, 0) >= 0 else { return nil }
                defer { unsafe library.typedParamsFree(array, count) }
                return unsafe TypedParameters(library, array, count: Int(count)).texts
            }
        }
        return facts
    }
}

extension LibvirtDomainFacts.State {
    /// The state that libvirt numbers so (`virDomainState`); nil for tomorrow's.
    init?(code: Int32) {
        switch UInt32(bitPattern: code) {
        case VIR_DOMAIN_NOSTATE.rawValue: self = .noState
        case VIR_DOMAIN_RUNNING.rawValue: self = .running
        case VIR_DOMAIN_BLOCKED.rawValue: self = .blocked
        case VIR_DOMAIN_PAUSED.rawValue: self = .paused
        case VIR_DOMAIN_SHUTDOWN.rawValue: self = .shuttingDown
        case VIR_DOMAIN_SHUTOFF.rawValue: self = .shutOff
        case VIR_DOMAIN_CRASHED.rawValue: self = .crashed
        case VIR_DOMAIN_PMSUSPENDED.rawValue: self = .suspended
        default: return nil
        }
    }
}

extension Observation<Bool> {
    /// Another look where this is true; where it is false, there is nothing to look at.
    func whenTrue<Other: Sendable>(_ look: () -> Observation<Other>) -> Observation<Other> {
        flatMap { $0 ? look() : .absent(from: provenance) }
    }
}
