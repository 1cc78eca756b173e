/// Where an image is kept, by libvirt's names.
public enum StorageType: String, LibvirtEnumeration {
    case file, block, dir, network, volume, nvme
    case vhostUser = "vhostuser"
    case vhostVDPA = "vhostvdpa"
}

/// The formats of disk images that libvirt names.
public enum DiskFormat: String, LibvirtEnumeration {
    case raw, qcow2, qcow, qed, vmdk, vdi, vpc, vhdx, cow, cloop, dmg, iso, bochs, luks, ploop, dir, fat, vhd, auto
    case nothing = "none"
}

/// `<source>` of a disk: where an image is kept.
public struct DiskSource: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// The protocols of network storage.
    public enum NetworkProtocol: String, LibvirtEnumeration {
        case nbd, rbd, gluster, iscsi, http, https, ftp, ftps, tftp, sheepdog, vxhs, nfs, ssh
    }

    /// What a domain does that starts without its image.
    public enum StartupPolicy: String, LibvirtEnumeration {
        case mandatory, requisite, optional
    }

    /// How a volume of an iSCSI pool is reached.
    public enum VolumeMode: String, LibvirtEnumeration {
        case host, direct
    }

    /// Where the image is, as one of what libvirt's types of storage are.
    public enum Location: Sendable, Hashable {
        /// A file.
        case file(String)
        /// A device of the host.
        case block(String)
        /// A folder shown as a disk.
        case dir(String)
        /// Storage that QEMU reaches itself; protocol, name on the server and servers.
        case network(Open<NetworkProtocol>, name: String?, hosts: [Host])
        /// A volume of a pool.
        case volume(pool: String, volume: String)
        /// A namespace of an NVMe controller of the host.
        case nvme(PCIAddress, namespace: UInt64)
        /// A socket of a storage daemon.
        case vhostUser(String)
        /// A vDPA device of the host.
        case vhostVDPA(String)
        /// A drive without a medium, or a type of which what it needs is absent or malformed.
        case empty
        /// A type of tomorrow.
        case other(String)
    }

    /// Which type, as the element around it says; absent means `file`.
    public var type: Field<Open<StorageType>> {
        Field(place.parent ?? place, .attribute("type"), .open())
    }

    /// Where the image is.
    public var location: Location {
        switch type.value ?? .known(.file) {
        case .other(let type): .other(type)
        case .known(.file): file.value.map { .file($0) } ?? .empty
        case .known(.block): device.value.map { .block($0) } ?? .empty
        case .known(.dir): directory.value.map { .dir($0) } ?? .empty
        case .known(.vhostUser): path.value.map { .vhostUser($0) } ?? .empty
        case .known(.vhostVDPA): device.value.map { .vhostVDPA($0) } ?? .empty
        case .known(.network): networkProtocol.value.map { .network($0, name: name.value, hosts: hosts) } ?? .empty
        case .known(.volume):
            if let pool = pool.value, let volume = volume.value { .volume(pool: pool, volume: volume) } else { .empty }
        case .known(.nvme):
            if let pci = try? address.pci(), let number = namespace.value {
                .nvme(pci, namespace: number)
            } else {
                .empty
            }
        }
    }

    /// The file, of type `file`.
    public var file: Field<String> { attribute("file") }
    /// The device, of type `block` or `vhostvdpa`.
    public var device: Field<String> { attribute("dev") }
    /// The folder, of type `dir`.
    public var directory: Field<String> { attribute("dir") }
    /// The protocol, of type `network`.
    public var networkProtocol: Field<Open<NetworkProtocol>> { attribute("protocol") }
    /// The export, image, volume or path on the server, of type `network`.
    public var name: Field<String> { attribute("name") }
    /// What follows `?` in a URL.
    public var query: Field<String> { attribute("query") }
    /// Whether the connection is encrypted, of protocol `nbd` and `vxhs`.
    public var usesTLS: Field<Bool> { attribute("tls", .yesNo) }
    /// The servers, of type `network`.
    public var hosts: [Host] { views("host") }
    /// The snapshot of an RBD image.
    public var snapshotName: Field<String> { attribute("name", of: "snapshot") }
    /// The configuration of Ceph.
    public var configurationFile: Field<String> { attribute("file", of: "config") }
    /// The initiator's name, of protocol `iscsi`.
    public var initiatorName: Field<String> {
        Field(place.child("initiator"), "iqn", .attribute("name"), .string)
    }
    /// Whether a server's certificate is verified.
    public var verifiesCertificate: Field<Bool> { attribute("verify", of: "ssl", .yesNo) }
    /// The pool, of type `volume`.
    public var pool: Field<String> { attribute("pool") }
    /// The volume, of type `volume`.
    public var volume: Field<String> { attribute("volume") }
    /// How a volume of an iSCSI pool is reached.
    public var mode: Field<Open<VolumeMode>> { attribute("mode") }
    /// Whether the host's driver lets go of the device by itself, of type `nvme`.
    public var isManaged: Field<Bool> { attribute("managed", .yesNo) }
    /// The namespace, of type `nvme`.
    public var namespace: Field<UInt64> { attribute("namespace", .large) }
    /// The controller, of type `nvme`.
    public var address: DeviceAddress { view("address") }
    /// The socket, of type `vhostuser`.
    public var path: Field<String> { attribute("path") }
    /// What a domain does that starts without the image.
    public var startupPolicy: Field<Open<StartupPolicy>> { attribute("startupPolicy") }
    /// Its number in a running domain.
    public var index: Field<Int> { attribute("index", .count) }
    /// Descriptors passed to libvirt in its place (libvirt 9.0).
    public var descriptorGroup: Field<String> { attribute("fdgroup") }
    /// Whether SCSI reservations go through a helper that libvirt runs.
    public var managesReservations: Field<Bool> { attribute("managed", of: "reservations", .yesNo) }
    /// Its encryption.
    public var encryption: Encryption { view("encryption") }
    /// Its credentials.
    public var authentication: Authentication { view("auth") }
    /// How it is labelled.
    public var securityLabels: [Domain.SecurityLabel] { views("seclabel") }
    /// The part of the file that is the image.
    public var slices: [Slice] { views("slices", "slice") }
    /// The file that holds the guest's data (libvirt 10.10).
    public var dataStore: DataStore { view("dataStore") }
    /// What kind of socket, of type `vhostuser`: `unix`.
    public var socketType: Field<String> { attribute("type") }
    /// The names of cookies that the server is sent; their values are secrets.
    public var cookieNames: [Field<String>] {
        place.child("cookies").children("cookie").map { Field(XMLPlace($0), .attribute("name"), .string) }
    }
    /// The file of the keys of known hosts, of SSH.
    public var knownHostsFile: Field<String> { attribute("path", of: "knownHosts") }
    /// The user, of SSH.
    public var userName: Field<String> { attribute("username", of: "identity") }
    /// The agent's socket, of SSH.
    public var agentSocket: Field<String> { attribute("agentsock", of: "identity") }
    /// The file of the private key, of SSH.
    public var keyFile: Field<String> { attribute("keyfile", of: "identity") }
    /// The owner that NFS is shown.
    public var nfsUser: Field<String> { attribute("user", of: "identity") }
    /// The group that NFS is shown.
    public var nfsGroup: Field<String> { attribute("group", of: "identity") }
    /// How much is read ahead, in bytes.
    public var readAhead: Field<UInt64> { attribute("size", of: "readahead", .large) }
    /// After how many seconds a request has failed.
    public var timeout: Field<Int> { attribute("seconds", of: "timeout", .count) }
    /// After how many seconds a lost connection is given up, of NBD.
    public var reconnectDelay: Field<Int> { attribute("delay", of: "reconnect", .count) }
    /// The socket of the helper for SCSI reservations.
    public var reservationsSource: Domain.CharacterDevice.Source {
        Domain.CharacterDevice.Source(place: place.child("reservations").child("source"))
    }
    /// What kind of socket the helper's is: `unix`.
    public var reservationsSourceType: Field<String> {
        Field(place.child("reservations"), "source", .attribute("type"), .string)
    }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(
            type, file, device, directory, networkProtocol, name, query, usesTLS, hosts, snapshotName,
            configurationFile, initiatorName, verifiesCertificate, pool, volume, mode, isManaged, namespace, address,
            path, startupPolicy, index, descriptorGroup, managesReservations, encryption, authentication,
            securityLabels, slices, dataStore, socketType, cookieNames, knownHostsFile, userName, agentSocket, keyFile,
            nfsUser, nfsGroup, readAhead, timeout, reconnectDelay, reservationsSource, reservationsSourceType, to: visit
        )
    }

    /// `<host>`: a server.
    public struct Host: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// How it is reached.
        public enum Transport: String, LibvirtEnumeration {
            case tcp, rdma, unix
        }

        /// Its name or address.
        public var name: Field<String> { attribute("name") }
        /// Its port.
        public var port: Field<Int> { attribute("port", .count) }
        /// How it is reached; `tcp` where absent.
        public var transport: Field<Open<Transport>> { attribute("transport") }
        /// The socket, of transport `unix`.
        public var socket: Field<String> { attribute("socket") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(name, port, transport, socket, to: visit)
        }
    }

    /// `<slices><slice>`: a part of a file.
    public struct Slice: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// What the part is for: `storage`.
        public var type: Field<String> { attribute("type") }
        /// Where it starts, in bytes.
        public var offset: Field<UInt64> { attribute("offset", .large) }
        /// How long it is, in bytes.
        public var size: Field<UInt64> { attribute("size", .large) }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, offset, size, to: visit)
        }
    }

    /// `<dataStore>`: the file that holds the guest's data where the image holds only its map.
    public struct DataStore: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Where it is kept.
        public var type: Field<Open<StorageType>> { attribute("type") }
        /// The image's format.
        public var format: Field<Open<DiskFormat>> { attribute("type", of: "format") }
        /// Where it is kept.
        public var source: DiskSource { view("source") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(type, format, source, to: visit)
        }
    }
}

/// `<encryption>` of a disk or a volume.
public struct Encryption: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// The formats.
    public enum Format: String, LibvirtEnumeration {
        case `default`, qcow, luks, luks2
        case luksAny = "luks-any"
    }

    /// The format.
    public var format: Field<Open<Format>> { attribute("format") }
    /// Who encrypts: `qemu`, `librbd`.
    public var engine: Field<String> { attribute("engine") }
    /// The secrets that open it.
    public var secrets: [SecretReference] { views("secret") }
    /// The cipher, such as `aes`, of a volume that is to be made.
    public var cipher: Field<String> { attribute("name", of: "cipher") }
    /// The bits of the key.
    public var cipherSize: Field<Int> { attribute("size", of: "cipher", .count) }
    /// How blocks follow each other, such as `cbc`.
    public var cipherMode: Field<String> { attribute("mode", of: "cipher") }
    /// The hash of the passphrase, such as `sha256`.
    public var cipherHash: Field<String> { attribute("hash", of: "cipher") }
    /// How each sector starts, such as `plain64`.
    public var initializationVector: Field<String> { attribute("name", of: "ivgen") }
    /// The hash in it.
    public var initializationVectorHash: Field<String> { attribute("hash", of: "ivgen") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(
            format, engine, secrets, cipher, cipherSize, cipherMode, cipherHash, initializationVector,
            initializationVectorHash, to: visit)
    }
}

/// `<secret>` in another object: which secret, never what it is.
public struct SecretReference: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// What it is for: `passphrase`, `ceph`, `iscsi`, `volume`.
    public var type: Field<String> { attribute("type") }
    /// Its UUID.
    public var uuid: Field<UUIDValue> { attribute("uuid", .uuid) }
    /// Its usage, by which it is found where there is no UUID.
    public var usage: Field<String> { attribute("usage") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(type, uuid, usage, to: visit)
    }
}

/// `<auth>`: who logs in to storage.
public struct Authentication: PlacedView {
    /// Where it stands.
    public let place: XMLPlace

    /// The user.
    public var username: Field<String> { attribute("username") }
    /// How, of a pool: `chap`, `ceph`.
    public var type: Field<String> { attribute("type") }
    /// The secret.
    public var secret: SecretReference { view("secret") }

    func visitParts(_ visit: (XMLField) -> Void) {
        hand(username, type, secret, to: visit)
    }
}
