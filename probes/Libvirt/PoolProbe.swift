internal import CLibvirt
@_spi(Probing) internal import Evidence
internal import Facts

extension LibvirtConnection {
    /// What libvirt tells of a storage pool.
    func pool(_ reader: ObjectReader, volumes: Bool) -> LibvirtPoolFacts? {
        let named = reader.ask("virStoragePoolGetName") { unsafe $0.copy($0.storagePoolGetName($1.pointer)) }
        guard let name = named.known else { return nil }
        var facts = LibvirtPoolFacts(name: name)
        let information = reader.ask("virStoragePoolGetInfo") { library, pool -> PoolInformation? in
            var information = virStoragePoolInfo()
            guard unsafe library.storagePoolGetInfo(pool.pointer, &information) == 0 else { return nil }
            return PoolInformation(
                state: UInt32(bitPattern: information.state),
                space: LibvirtPoolFacts.Space(
                    capacity: information.capacity, allocation: information.allocation,
                    available: information.available))
        }
        if reader.isGone { return nil }
        facts.state = information.parsed(as: "a state of virStoragePoolState") { .init(code: $0.state) }
        facts.uuid = unsafe reader.uuid("virStoragePoolGetUUIDString") {
            unsafe $0.storagePoolGetUUIDString($1.pointer, $2)
        }
        facts.isPersistent = reader.flag("virStoragePoolIsPersistent") { unsafe $0.storagePoolIsPersistent($1.pointer) }
        facts.autostart = unsafe reader.writtenFlag("virStoragePoolGetAutostart") {
            unsafe $0.storagePoolGetAutostart($1.pointer, $2)
        }
        let isActive = reader.flag("virStoragePoolIsActive") { unsafe $0.storagePoolIsActive($1.pointer) }
        facts.space = isActive.whenTrue { information.map(\.space) }
        facts.liveXML = isActive.whenTrue {
            reader.ask("virStoragePoolGetXMLDesc") { unsafe $0.take($0.storagePoolGetXMLDesc($1.pointer, 0)) }
        }
        facts.persistentXML = facts.isPersistent.whenTrue {
            reader.ask("virStoragePoolGetXMLDesc") {
                unsafe $0.take($0.storagePoolGetXMLDesc($1.pointer, VIR_STORAGE_XML_INACTIVE.rawValue))
            }
        }
        if volumes {
            facts.volumes = isActive.whenTrue { observe(.volume, of: reader.object) { volume($0) } }
        }
        return facts
    }

    private struct PoolInformation {
        var state: UInt32
        var space: LibvirtPoolFacts.Space
    }

    private func volume(_ reader: ObjectReader) -> LibvirtVolumeFacts? {
        let named = reader.ask("virStorageVolGetName") { unsafe $0.copy($0.storageVolGetName($1.pointer)) }
        guard let name = named.known else { return nil }
        var facts = LibvirtVolumeFacts(name: name)
        facts.key = reader.ask("virStorageVolGetKey") { unsafe $0.copy($0.storageVolGetKey($1.pointer)) }
        facts.path = reader.ask("virStorageVolGetPath") { unsafe $0.take($0.storageVolGetPath($1.pointer)) }
        facts.information = reader.ask("virStorageVolGetInfo") { library, volume in
            var information = virStorageVolInfo()
            guard unsafe library.storageVolGetInfo(volume.pointer, &information) == 0 else { return nil }
            return LibvirtVolumeFacts.Information(
                kind: .init(code: UInt32(bitPattern: information.type)), capacity: information.capacity,
                allocation: information.allocation)
        }
        facts.xml = reader.ask("virStorageVolGetXMLDesc") { unsafe $0.take($0.storageVolGetXMLDesc($1.pointer, 0)) }
        return facts
    }
}

extension LibvirtPoolFacts.State {
    /// The state that libvirt numbers so (`virStoragePoolState`); nil for tomorrow's.
    fileprivate init?(code: UInt32) {
        switch code {
        case VIR_STORAGE_POOL_INACTIVE.rawValue: self = .inactive
        case VIR_STORAGE_POOL_BUILDING.rawValue: self = .building
        case VIR_STORAGE_POOL_RUNNING.rawValue: self = .running
        case VIR_STORAGE_POOL_DEGRADED.rawValue: self = .degraded
        case VIR_STORAGE_POOL_INACCESSIBLE.rawValue: self = .inaccessible
        default: return nil
        }
    }
}

extension LibvirtVolumeFacts.Information.Kind {
    /// The kind that libvirt numbers so (`virStorageVolType`).
    fileprivate init(code: UInt32) {
        switch code {
        case VIR_STORAGE_VOL_FILE.rawValue: self = .file
        case VIR_STORAGE_VOL_BLOCK.rawValue: self = .block
        case VIR_STORAGE_VOL_DIR.rawValue: self = .directory
        case VIR_STORAGE_VOL_NETWORK.rawValue: self = .network
        case VIR_STORAGE_VOL_NETDIR.rawValue: self = .networkDirectory
        case VIR_STORAGE_VOL_PLOOP.rawValue: self = .ploop
        default: self = .other
        }
    }
}
