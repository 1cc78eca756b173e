import Foundation
import Testing

/// The `import` lines, held against README's table of modules: SwiftPM lets a transitive import through.
struct ImportTests {
    /// What each module may import of this package and of C; Swift's own modules are listed apart.
    private let allowed: [String: Set<String>] = [
        "Evidence": [],
        "ByteReading": [],
        "LinuxIO": ["Evidence", "ByteReading", "CLinux", "CArchive", "CZlib", "CZstd"],
        "DiskImages": ["Evidence", "ByteReading", "LinuxIO"],
        "Volumes": ["ByteReading"],
        "FileSystems": ["Evidence", "ByteReading"],
        "Facts": ["Evidence", "LibvirtXML"],
        "ImageInspection": ["Evidence", "ByteReading", "LinuxIO", "DiskImages", "Volumes", "FileSystems", "Facts"],
        "HostProbes": ["Evidence", "ByteReading", "LinuxIO", "Facts", "CLinux"],
        "UdevProbes": ["Evidence", "LinuxIO", "CUdev"],
        "LibvirtProbes": ["Evidence", "LinuxIO", "Facts", "CLibvirt"],
        "Rules": ["Evidence", "Facts", "LibvirtXML"],
        "Reporting": ["Evidence", "Facts"],
        "LibvirtXML": ["LinuxIO", "CLibXML2"],
        "KVMCheckKit": [
            "Evidence", "Facts", "LibvirtXML", "LinuxIO", "HostProbes", "UdevProbes", "LibvirtProbes", "ByteReading",
            "DiskImages", "FileSystems", "ImageInspection", "Rules", "Reporting",
        ],
        "kvmcheck": ["Evidence", "Facts", "KVMCheckKit", "LinuxIO", "Reporting", "CLinux"],
    ]
    /// Modules of the platform: Glibc only where the system is touched, FoundationEssentials only for JSON.
    private let platform: [String: Set<String>] = [
        "LinuxIO": ["Glibc", "Synchronization"], "DiskImages": ["Synchronization"], "FileSystems": ["Synchronization"],
        "HostProbes": ["Glibc"], "UdevProbes": ["Glibc"],
        "LibvirtXML": ["Glibc", "Synchronization"],
        "LibvirtProbes": ["Glibc", "Synchronization"],
        "Reporting": ["FoundationEssentials"], "KVMCheckKit": ["FoundationEssentials", "Synchronization"],
        "kvmcheck": ["Glibc"],
    ]

    private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func sources(of module: String) throws -> [URL] {
        let folder =
            switch module {
            case "HostProbes": "probes/Host"
            case "UdevProbes": "probes/Udev"
            case "LibvirtProbes": "probes/Libvirt"
            default: "Sources/\(module)"
            }
        let files = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
        return try #require(files).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    }

    private func imports(in file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            line.wholeMatch(
                of:
                    /(?:@_spi\(Probing\) )?(?:@testable )?(?:public |internal |package |private |fileprivate )?import (?:struct |func |class |enum )?(\w+).*/
            )
            .map { String($0.output.1) }
        }
    }

    @Test(arguments: [
        "Evidence", "ByteReading", "LinuxIO", "DiskImages", "Volumes", "FileSystems", "Facts", "ImageInspection",
        "HostProbes",
        "UdevProbes", "LibvirtProbes", "Rules",
        "Reporting", "LibvirtXML", "KVMCheckKit", "kvmcheck",
    ])
    func `a module imports what its arrows allow`(module: String) throws {
        let mayImport = (allowed[module] ?? []).union(platform[module] ?? [])
        let files = try sources(of: module)
        #expect(!files.isEmpty)
        for file in files {
            for name in try imports(in: file) where !mayImport.contains(name) {
                Issue.record("\(module): \(file.lastPathComponent) imports \(name)")
            }
        }
    }

    @Test func `every folder of sources has its arrows`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
        for folder in folders
        where !["CLinux", "CUdev", "CArchive", "CZlib", "CZstd", "CLibXML2", "CLibvirt"].contains(folder) {
            #expect(allowed[folder] != nil, "\(folder) is not in the table")
        }
    }

    @Test func `each C library is reached from one module`() throws {
        var importers: [String: Set<String>] = [:]
        for module in allowed.keys {
            for file in try sources(of: module) {
                for name in try imports(in: file)
                where ["CUdev", "CArchive", "CZlib", "CZstd", "CLibXML2", "CLibvirt"].contains(name) {
                    importers[name, default: []].insert(module)
                }
            }
        }
        for (library, modules) in importers { #expect(modules.count == 1, "\(library): \(modules)") }
    }

    @Test func `rules see no state of an observation`() throws {
        for module in ["Rules", "Reporting"] {
            for file in try sources(of: module) {
                let text = try String(contentsOf: file, encoding: .utf8)
                #expect(!text.contains("@_spi"), "\(file.lastPathComponent)")
            }
        }
    }

    @Test func `nothing but what was asked for stands at the top level`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path).filter { !$0.hasPrefix(".") }
        #expect(
            Set(names).isSubset(of: ["Package.swift", "Package.resolved", "Sources", "Tests", "probes", "README.md"]))
    }
}
