internal import ByteReading

extension ImageHead {
    /// Reads the header of a qcow2 image.
    init(qcow2 image: any BlockReader) throws(FormatError) {
        let header = try Qcow2Header(image)
        let extensions = try Qcow2Extensions(image, header)
        var backingFile: String?
        if header.backingFileOffset > 0 && header.backingFileSize > 0 {
            // At most 1023 bytes: the header was validated.
            let length = Int(header.backingFileSize)
            backingFile = try FormatBytes(reading: image, at: header.backingFileOffset, count: length, of: "qcow2")
                .text(at: 0, count: length)
        }
        var details = Qcow2Facts(header, extensions, backingFile: backingFile)
        do throws(FormatError) {
            details.snapshots = try Qcow2Snapshots(image, header).list
        } catch {
            // The disk is there without them.
            details.snapshotFault = error
        }
        var facts = ImageFacts(.qcow2, virtualSize: header.size)
        facts.clusterSize = header.clusterSize
        facts.details = .qcow2(details)
        self.init(facts)
        if let backingFile, !backingFile.isEmpty {
            backing = ImageReference(.backingFile, backingFile, claimedFormat: extensions.backingFormat)
        }
        if details.hasDataFile, let dataFile = details.dataFile {
            parts = [ImageReference(.dataFile, dataFile, claimedFormat: "raw")]
        }
    }
}
