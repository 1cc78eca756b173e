// swift-tools-version: 6.2
import PackageDescription

/// What every target is held to: Swift 6 mode, no hidden existential, no transitive import, every unsafe use named.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Tests read better without `unsafe` markers; everything else applies to them too.
let strictTests: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, path: String? = nil, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: path ?? "Sources/\(name)", swiftSettings: strict)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, resources: resources,
        swiftSettings: strictTests)
}

let package = Package(
    name: "kvmcheck",
    products: [
        .executable(name: "kvmcheck", targets: ["kvmcheck"]),
        .library(name: "KVMCheckKit", targets: ["KVMCheckKit"]),
        .library(name: "HostProbes", targets: ["HostProbes"]),
        .library(name: "DiskImages", targets: ["DiskImages"]),
        .library(name: "Volumes", targets: ["Volumes"]),
        .library(name: "FileSystems", targets: ["FileSystems"]),
        .library(name: "LibvirtXML", targets: ["LibvirtXML"]),
        .library(name: "LibvirtProbes", targets: ["LibvirtProbes"]),
        .library(name: "Rules", targets: ["Rules"]),
        .library(name: "Reporting", targets: ["Reporting"]),
    ],
    targets: [
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        .systemLibrary(name: "CUdev", path: "Sources/CUdev", providers: [.apt(["libudev-dev"])]),
        .systemLibrary(name: "CArchive", path: "Sources/CArchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib"),
        .systemLibrary(name: "CZstd", path: "Sources/CZstd"),
        .systemLibrary(name: "CLibXML2", path: "Sources/CLibXML2"),
        .systemLibrary(name: "CLibvirt", path: "Sources/CLibvirt", providers: [.apt(["libvirt-dev"])]),
        library("Evidence", []),
        library("ByteReading", []),
        library("LinuxIO", ["Evidence", "ByteReading", "CLinux", "CArchive", "CZlib", "CZstd"]),
        library("DiskImages", ["Evidence", "ByteReading", "LinuxIO"]),
        library("Volumes", ["ByteReading"]),
        library("FileSystems", ["Evidence", "ByteReading"]),
        library(
            "ImageInspection", ["Evidence", "ByteReading", "LinuxIO", "DiskImages", "Volumes", "FileSystems", "Facts"]),
        library("Facts", ["Evidence", "LibvirtXML"]),
        library("HostProbes", path: "probes/Host", ["Evidence", "ByteReading", "LinuxIO", "Facts", "CLinux"]),
        library("UdevProbes", path: "probes/Udev", ["Evidence", "LinuxIO", "CUdev"]),
        library("LibvirtProbes", path: "probes/Libvirt", ["Evidence", "LinuxIO", "Facts", "CLibvirt"]),
        library("Rules", ["Evidence", "Facts", "LibvirtXML"]),
        library("Reporting", ["Evidence", "Facts"]),
        library("LibvirtXML", ["LinuxIO", "CLibXML2"]),
        library(
            "KVMCheckKit",
            [
                "Evidence", "Facts", "LibvirtXML", "LinuxIO", "HostProbes", "UdevProbes", "LibvirtProbes",
                "ByteReading",
                "DiskImages", "FileSystems", "ImageInspection", "Rules", "Reporting",
            ]),
        .executableTarget(
            name: "kvmcheck", dependencies: ["Evidence", "Facts", "KVMCheckKit", "LinuxIO", "Reporting", "CLinux"],
            path: "Sources/kvmcheck", swiftSettings: strict),

        .executableTarget(
            name: "xml-benchmark", dependencies: ["LibvirtXML"], path: "Tests/Benchmarks/XML", swiftSettings: strict),
        tests("ArchitectureTests", []),
        tests("EvidenceTests", ["Evidence"]),
        tests("ByteReadingTests", ["ByteReading"]),
        tests("LinuxIOTests", ["LinuxIO", "Evidence"]),
        tests("DiskImagesTests", ["DiskImages", "LinuxIO", "ByteReading", "Evidence"]),
        tests("VolumesTests", ["Volumes", "LinuxIO", "ByteReading"], exclude: ["Fixtures"]),
        tests("FileSystemsTests", ["FileSystems", "LinuxIO", "ByteReading", "Evidence"]),
        tests("FactsTests", ["Facts", "Evidence"]),
        tests("HostProbesTests", ["HostProbes", "UdevProbes", "LinuxIO", "Facts", "Evidence"]),
        tests(
            "LibvirtProbesTests",
            ["LibvirtProbes", "HostProbes", "Rules", "KVMCheckKit", "LibvirtXML", "LinuxIO", "Facts", "Evidence"],
            exclude: ["agent-guest"]),
        tests("RulesTests", ["Rules", "Facts", "LibvirtXML", "Evidence"]),
        tests("LibvirtXMLTests", ["LibvirtXML"]),
        tests("ReportingTests", ["Reporting", "Facts", "Evidence"], exclude: ["Goldens"]),
        tests(
            "KVMCheckKitTests",
            [
                "KVMCheckKit", "HostProbes", "LibvirtProbes", "LibvirtXML", "Rules", "LinuxIO", "Facts", "Evidence",
            ],
            exclude: ["Parity/Recorded"]),
        tests("CommandLineTests", ["kvmcheck", "KVMCheckKit", "Reporting", "Facts", "Evidence"]),
    ]
)
