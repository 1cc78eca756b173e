import Evidence
import Facts
import Reporting
import Testing

/// The picture of a disk image, and its document.
struct ImageReportTests {
    /// An overlay with a label that a terminal would act on, a volume group, and a base that was not opened.
    private static var report: Report {
        var image = ImageFacts.sample
        image.changeChain { links in
            var secret = ImageLinkFacts(reference: "/etc/shadow", state: .refused("it lies outside the image's folder"))
            secret.claimedFormat = "raw"
            links.append(secret)
        }
        image.changeContents { $0.label = $0.type == "vfat" ? "ESP\u{1b}[2J" : "root" }
        image.changeDisk { disk in
            var group = VolumeGroupFacts(name: "data")
            group.missingPhysicalVolumes = ["IhZr0i-Vn2Z-0ccb-rnXu-hTiB-Ssxe-LsB6Qi"]
            var volume = LogicalVolumeFacts(name: "home", size: 5 << 30, segmentTypes: ["striped"])
            volume.content = ContentFacts(type: "xfs")
            group.volumes = [volume]
            disk.volumeGroups = [group]
        }
        let subject = Subject(kind: .image, name: image.path, source: "live", headline: ["qcow2 1.1", "8 GiB"])
        return Report(
            toolVersion: "9.8.7", generatedAt: "2026-11-20T16:14:15Z",
            subjects: [SubjectReport(subject: subject, findings: [], image: image)])
    }

    @Test func `text`() throws {
        let text = TextReport(question: .images).render(Self.report)
        #expect(!text.contains("\u{1b}"))
        try Golden.expect(Array(text.utf8), "image.0.txt")
    }

    @Test func `JSON`() throws {
        try Golden.expect(try JSONReport().render(Self.report), "image.0.json")
    }

    @Test func `when quiet there is no picture`() {
        let text = TextReport(detail: .quiet, question: .images).render(Self.report)
        #expect(!text.contains("Chain") && !text.contains("Disk"))
    }

    @Test func `several reports are told apart when quiet`() {
        var report = Self.report
        report.subjects.append(report.subjects[0])
        let lines = TextReport(detail: .quiet, question: .images).render(report).split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("image /var/lib/libvirt/images/web1.qcow2") } == 2)
    }
}
