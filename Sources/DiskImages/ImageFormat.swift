/// What a disk image is by its content; the file's name is only a claim.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable {
    /// The disk itself.
    case raw
    /// QEMU's format, versions 2 and 3.
    case qcow2
    /// VMware's format, in all its subformats.
    case vmdk
    /// Virtual PC's and Azure's format; QEMU calls it vpc.
    case vhd
    /// Hyper-V's format.
    case vhdx
    /// An optical disc.
    case iso9660
    /// A tar file whose first member is an OVF descriptor: a virtual machine with its disks.
    case ova
    /// A tar file of other things; clouds take a `disk.raw` in one.
    case tar
    /// A file compressed with gzip.
    case gzip
    /// A file compressed with xz.
    case xz
    /// A file compressed with Zstandard.
    case zstd
    /// A file compressed with bzip2.
    case bzip2
    /// QEMU's first format, version 1.
    case qcow
    /// QEMU's enhanced disk format, given up in 2011.
    case qed
    /// VirtualBox's format.
    case vdi
    /// Parallels' and OpenVZ's format (ploop).
    case parallels
    /// Bochs' growing format.
    case bochs
    /// A compressed loop device.
    case cloop
    /// Apple's disk image.
    case dmg
    /// A LUKS container; QEMU can unlock it by itself.
    case luks
    /// VMware's old COW disk.
    case cowd
    /// Android's sparse image.
    case androidSparse
    /// A ZIP archive.
    case zip
    /// A 7-Zip archive.
    case sevenZip
    /// A file compressed with LZ4.
    case lz4
    /// An Expert Witness (EnCase) image.
    case ewf
    /// A Windows Imaging file.
    case wim

    /// The name that people use.
    public var name: String {
        switch self {
        case .vmdk: "VMDK"
        case .vhd: "VHD"
        case .vhdx: "VHDX"
        case .iso9660: "ISO 9660"
        case .ova: "OVA"
        case .qed: "QED"
        case .vdi: "VDI"
        case .parallels: "Parallels"
        case .bochs: "Bochs"
        case .dmg: "DMG"
        case .luks: "LUKS"
        case .cowd: "VMware COWD"
        case .androidSparse: "Android sparse image"
        case .zip: "ZIP"
        case .sevenZip: "7z"
        case .lz4: "LZ4"
        case .ewf: "EWF"
        case .wim: "WIM"
        default: rawValue
        }
    }

    /// What `qemu-img info` calls it; nil where QEMU sees only raw bytes.
    public var qemuName: String? {
        switch self {
        case .raw, .qcow2, .vmdk, .vhdx, .qcow, .qed, .vdi, .parallels, .bochs, .cloop, .dmg, .luks: rawValue
        case .vhd: "vpc"
        case .cowd: "vmdk"
        default: nil
        }
    }

    /// The format that a backing file is said to have, by QEMU's name; `file` and `host_device` are its words for the
    /// bytes as they are.
    public init?(qemuName: String) {
        switch qemuName {
        case "file", "host_device": self = .raw
        default:
            guard let format = Self.allCases.first(where: { $0.qemuName == qemuName }) else { return nil }
            self = format
        }
    }

    /// Whether this program reads the disk inside; of a compressed file it only tells what is in it.
    public var isRead: Bool {
        switch self {
        case .raw, .qcow2, .vmdk, .vhd, .vhdx, .iso9660, .ova, .tar: true
        default: false
        }
    }

    /// The formats that a file's name claims; empty where the name claims none (`.img`, `.bin`, no extension).
    public static func claimed(byName path: String) -> [ImageFormat] {
        guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return [] }
        return switch path[path.index(after: dot)...].lowercased() {
        case "raw": [.raw]
        case "qcow2", "qcow2c": [.qcow2]
        case "qcow": [.qcow, .qcow2]
        case "vmdk": [.vmdk, .cowd]
        case "vhd", "vpc", "avhd": [.vhd]
        case "vhdx", "avhdx": [.vhdx]
        case "iso": [.iso9660]
        case "ova": [.ova]
        case "tar": [.tar, .ova]
        case "gz", "tgz": [.gzip]
        case "xz", "txz": [.xz]
        case "zst", "zstd": [.zstd]
        case "bz2": [.bzip2]
        case "qed": [.qed]
        case "vdi": [.vdi]
        case "hdd", "hds": [.parallels]
        case "dmg": [.dmg]
        case "luks": [.luks]
        case "zip": [.zip]
        case "7z": [.sevenZip]
        case "lz4": [.lz4]
        case "wim": [.wim]
        default: []
        }
    }
}
