import Evidence
import Facts
import Glibc
import LinuxIO
import Testing

@testable import HostProbes

/// libvirt's own test data, where `KVMCHECK_CORPUS` names the folder that holds it; nothing of it is in this package.
@Suite(.enabled(if: LibvirtCorpus.root != nil, "KVMCHECK_CORPUS is not set"))
struct LibvirtCorpusTests {
    @Test(arguments: LibvirtCorpus.names("vircgroupdata", ending: ".parsed"))
    func `control groups are found where libvirt finds them`(name: String) throws {
        let source = try LibvirtCorpus.capture([
            "/proc/mounts": "vircgroupdata/\(name).mounts", "/proc/cgroups": "vircgroupdata/\(name).cgroups",
        ])
        let facts = ControlGroupProbe.facts(from: source, answers: KernelAnswers())
        let mounts = try #require(try facts.mounts.get())
        let expected = try LibvirtCorpus.text("vircgroupdata/\(name).parsed")
        var lines = 0
        for line in expected.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            let point = try #require(words.last).drop { $0 == " " }
            // libvirt's expectation for this line went from the mount point to <null> between its releases, with the same
            // mounts beside it: where version 2 is usable it takes devices from there. The mount is there all the same.
            if name == "hybrid", words[0] == "devices" {
                #expect(mounts.legacy["devices"] == "/not/really/sys/fs/cgroup/devices")
                lines += 1
                continue
            }
            let found = words[0] == "unified" ? mounts.unified : mounts.legacy[String(words[0])]
            #expect(found ?? "<null>" == point, "\(name): \(words[0])")
            lines += 1
        }
        #expect(lines == 11)
    }

    @Test(arguments: LibvirtCorpus.names("vircgroupdata", ending: ".cgroups"))
    func `every list of controllers is read`(name: String) throws {
        let source = try LibvirtCorpus.capture(["/proc/cgroups": "vircgroupdata/\(name).cgroups"])
        let facts = ControlGroupProbe.facts(from: source, answers: KernelAnswers())
        let text = try LibvirtCorpus.text("vircgroupdata/\(name).cgroups")
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(try facts.kernelControllers.get()?.count == lines.count)
    }

    /// The architecture stands in the file's name; the counts are `grep -c` of each architecture's own form.
    @Test(arguments: LibvirtCorpus.names("virhostcpudata", ending: ".cpuinfo"))
    func `every cpuinfo is read`(name: String) throws {
        let info = CPUInfo(try LibvirtCorpus.text("virhostcpudata/\(name).cpuinfo"))
        let expected: [String: (architecture: String, processors: Int)] = [
            "linux-aarch64-f21-mustang": ("aarch64", 8), "linux-aarch64-high-ids": ("aarch64", 16),
            "linux-armv6l-raspberrypi": ("armv6l", 1), "linux-ppc64-subcores1": ("ppc64", 20),
            "linux-s390x-with-frequency": ("s390x", 8), "linux-x86_64-test1": ("x86_64", 2),
            "linux-x86_64-test3": ("x86_64", 48), "linux-x86_64-test5": ("x86_64", 4),
            "linux-x86_64-test7": ("x86_64", 24), "linux-x86_64-with-die": ("x86_64", 12),
        ]
        let wanted = try #require(expected[name], "a new file: \(name)")
        // POWER writes one form in both byte orders: whether it is ppc64 or ppc64le is not told.
        #expect(info.architecture == (wanted.architecture == "ppc64" ? "ppc64le" : wanted.architecture))
        #expect(info.processorCount == wanted.processors)
        #expect(info.flags.isEmpty == (wanted.architecture == "ppc64"))
        if wanted.architecture == "s390x" { #expect(info.virtualizationFlag == "sie") }
    }
}

/// Where the corpus is, and what is in it.
enum LibvirtCorpus {
    static let root = getenv("KVMCHECK_CORPUS").map { String(cString: $0) + "/libvirt" }

    static func names(_ folder: String, ending suffix: String) -> [String] {
        guard let root else { return [] }
        let entries = (try? TreeSource.live.entries("\(root)/\(folder)").get()) ?? []
        return entries.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
    }

    static func text(_ path: String) throws -> String {
        try #require(try TreeSource.live.text("\(root ?? "")/\(path)").get())
    }

    /// A capture with corpus files in the places of the kernel's.
    static func capture(_ files: [String: String]) throws -> MemorySource {
        var source = MemorySource(absence: .unproven)
        for (path, file) in files { source.insert(.text(try text(file)), at: path) }
        return source
    }
}
