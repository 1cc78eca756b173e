internal import CLibvirt
@_spi(Probing) internal import Evidence
internal import Facts

extension LibvirtConnection {
    /// What libvirt tells of a virtual network.
    func network(_ reader: ObjectReader) -> LibvirtNetworkFacts? {
        let named = reader.ask("virNetworkGetName") { unsafe $0.copy($0.networkGetName($1.pointer)) }
        guard let name = named.known else { return nil }
        var facts = LibvirtNetworkFacts(name: name)
        facts.isActive = reader.flag("virNetworkIsActive") { unsafe $0.networkIsActive($1.pointer) }
        if reader.isGone { return nil }
        facts.uuid = unsafe reader.uuid("virNetworkGetUUIDString") { unsafe $0.networkGetUUIDString($1.pointer, $2) }
        facts.isPersistent = reader.flag("virNetworkIsPersistent") { unsafe $0.networkIsPersistent($1.pointer) }
        facts.autostart = unsafe reader.writtenFlag("virNetworkGetAutostart") {
            unsafe $0.networkGetAutostart($1.pointer, $2)
        }
        facts.bridge = bridge(reader)
        facts.liveXML = facts.isActive.whenTrue {
            reader.ask("virNetworkGetXMLDesc") { unsafe $0.take($0.networkGetXMLDesc($1.pointer, 0)) }
        }
        facts.persistentXML = facts.isPersistent.whenTrue {
            reader.ask("virNetworkGetXMLDesc") {
                unsafe $0.take($0.networkGetXMLDesc($1.pointer, VIR_NETWORK_XML_INACTIVE.rawValue))
            }
        }
        facts.leases = facts.isActive.whenTrue { leases(reader) }
        return facts
    }

    /// libvirt has an error for a network without a bridge, and none of its own.
    private func bridge(_ reader: ObjectReader) -> Observation<String> {
        let provenance = Provenance.call("virNetworkGetBridgeName")
        return reader.ask("virNetworkGetBridgeName") { library, network -> String? in
            if let name = unsafe library.take(library.networkGetBridgeName(network.pointer)) { return name }
            guard case .refused(let code, _, let message) = library.lastFault(),
                code == VIR_ERR_INTERNAL_ERROR.rawValue, message.contains("does not have a bridge name")
            else { return nil }
            return ""
        }.flatMap { $0.isEmpty ? .absent(from: provenance) : .known($0, from: provenance) }
    }

    private func leases(_ reader: ObjectReader) -> Observation<[LibvirtNetworkFacts.Lease]> {
        reader.ask("virNetworkGetDHCPLeases") { library, network in
            var array: UnsafeMutablePointer<virNetworkDHCPLeasePtr?>?
            let count = unsafe library.networkGetDHCPLeases(network.pointer, nil, &array, 0)
            guard count >= 0 else { return nil }
            defer { unsafe library.discard(array) }
            // SAFETY: libvirt allocated `count` leases; all their texts end with NUL.
            return (0..<Int(count)).compactMap { index in
                guard let pointer = unsafe array?[index] else { return nil }
                defer { unsafe library.networkDHCPLeaseFree(pointer) }
                let lease = unsafe pointer.pointee
                guard let address = unsafe library.copy(lease.ipaddr) else { return nil }
                return unsafe LibvirtNetworkFacts.Lease(
                    hardwareAddress: library.copy(lease.mac), address: address, prefix: lease.prefix,
                    hostName: library.copy(lease.hostname), expires: lease.expirytime)
            }
        }
    }
}
