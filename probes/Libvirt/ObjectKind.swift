/// The kinds of libvirt's objects that are listed, with the functions that do it.
enum ObjectKind: Sendable {
    case domain
    case snapshot
    case network
    case pool
    case volume
    case nodeDevice
    case interface
    case networkFilter
    case secret

    /// libvirt's list functions, which all allocate an array that ends with nil.
    typealias List =
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<OpaquePointer?>?>?, UInt32
        ) -> Int32
    /// libvirt's functions that find an object by a text.
    typealias LookUp = @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> OpaquePointer?

    /// The name of the function that lists the kind.
    var listName: String {
        switch self {
        case .domain: "virConnectListAllDomains"
        case .snapshot: "virDomainListAllSnapshots"
        case .network: "virConnectListAllNetworks"
        case .pool: "virConnectListAllStoragePools"
        case .volume: "virStoragePoolListAllVolumes"
        case .nodeDevice: "virConnectListAllNodeDevices"
        case .interface: "virConnectListAllInterfaces"
        case .networkFilter: "virConnectListAllNWFilters"
        case .secret: "virConnectListAllSecrets"
        }
    }

    /// The function that lists the kind, of a connection or of the object that owns them.
    func list(_ library: LibvirtLibrary) -> List {
        switch self {
        case .domain: unsafe library.connectListAllDomains
        case .snapshot: unsafe library.domainListAllSnapshots
        case .network: unsafe library.connectListAllNetworks
        case .pool: unsafe library.connectListAllStoragePools
        case .volume: unsafe library.storagePoolListAllVolumes
        case .nodeDevice: unsafe library.connectListAllNodeDevices
        case .interface: unsafe library.connectListAllInterfaces
        case .networkFilter: unsafe library.connectListAllNWFilters
        case .secret: unsafe library.connectListAllSecrets
        }
    }

    /// The function that gives back a reference.
    func release(_ library: LibvirtLibrary) -> LibvirtObject.Release {
        switch self {
        case .domain: unsafe library.domainFree
        case .snapshot: unsafe library.domainSnapshotFree
        case .network: unsafe library.networkFree
        case .pool: unsafe library.storagePoolFree
        case .volume: unsafe library.storageVolFree
        case .nodeDevice: unsafe library.nodeDeviceFree
        case .interface: unsafe library.interfaceFree
        case .networkFilter: unsafe library.nwFilterFree
        case .secret: unsafe library.secretFree
        }
    }

    /// The functions that find an object by its UUID and by its name; nil for kinds that are only listed.
    func lookUp(_ library: LibvirtLibrary) -> (byUUID: LookUp, byName: LookUp)? {
        switch self {
        case .domain: unsafe (library.domainLookupByUUIDString, library.domainLookupByName)
        case .network: unsafe (library.networkLookupByUUIDString, library.networkLookupByName)
        case .pool: unsafe (library.storagePoolLookupByUUIDString, library.storagePoolLookupByName)
        default: nil
        }
    }
}

extension LibvirtConnection {
    /// The objects of a kind, of the connection or of the object that owns them.
    func list(_ kind: ObjectKind, of owner: LibvirtObject? = nil) -> Result<[LibvirtObject], LibvirtFault> {
        ask { library, connection in
            var array: UnsafeMutablePointer<OpaquePointer?>?
            let list = unsafe kind.list(library)
            let count = unsafe list((owner ?? connection).pointer, &array, 0)
            guard count >= 0 else { return nil }
            defer { unsafe library.discard(array) }
            // SAFETY: libvirt allocated `count` references and a nil, and leaves both the array and them to its caller.
            return (0..<Int(count)).compactMap { index in
                unsafe LibvirtObject(taking: array?[index], release: kind.release(library), over: connection)
            }
        }
    }

    /// The object that a user means: by number, by UUID, by name, in virsh's order. Nil where there is none.
    func find(_ kind: ObjectKind, _ text: String) -> Result<LibvirtObject?, LibvirtFault> {
        var fault: LibvirtFault?
        func found(_ result: Result<LibvirtObject, LibvirtFault>) -> LibvirtObject? {
            switch result {
            case .success(let object): return object
            case .failure(let failure):
                if !failure.saysVanished { fault = failure }
                return nil
            }
        }
        if kind == .domain, let number = Int32(text), number >= 0 {
            let object = ask { library, connection in
                unsafe LibvirtObject(
                    taking: library.domainLookupByID(connection.pointer, number), release: library.domainFree,
                    over: connection)
            }
            if let object = found(object) { return .success(object) }
        }
        if text.utf8.count == LibvirtLibrary.uuidLength - 1 {
            let object = ask { library, connection -> LibvirtObject? in
                guard let lookUp = unsafe kind.lookUp(library) else { return nil }
                return unsafe LibvirtObject(
                    taking: lookUp.byUUID(connection.pointer, text), release: kind.release(library), over: connection)
            }
            if let object = found(object) { return .success(object) }
            // A name may be as long as a UUID; libvirt then says that it is none.
            if fault?.saysWrongArgument == true { fault = nil }
        }
        let object = ask { library, connection -> LibvirtObject? in
            guard let lookUp = unsafe kind.lookUp(library) else { return nil }
            return unsafe LibvirtObject(
                taking: lookUp.byName(connection.pointer, text), release: kind.release(library), over: connection)
        }
        if let object = found(object) { return .success(object) }
        return fault.map { .failure($0) } ?? .success(nil)
    }
}
