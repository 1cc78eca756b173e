internal import Evidence
internal import Facts
internal import LinuxIO

/// What a collection has written.
public struct CollectSummary: Sendable {
    /// How many files of the host are in the capture.
    public var files: Int
    /// How many bytes they have together, before compression.
    public var bytes: Int
}

extension HostCheck {
    /// Captures the running machine into a new tar.gz, so that the report made from it elsewhere is the same.
    ///
    /// The capture holds what the probes read, with secrets taken out, and the kernel's answers; nothing else.
    ///
    /// - Parameters:
    ///   - path: The file to make; one that exists is not overwritten.
    ///   - runGuest: Whether to create a VM and run a guest of a few bytes on `/dev/kvm`.
    ///   - time: When it is made, in seconds since 1970: the time of the files in the archive.
    /// - Throws: ``CheckError`` where the file cannot be written.
    public static func collect(to path: String, runGuest: Bool, time: Int = 0) throws(CheckError) -> CollectSummary {
        let recorder = RecordingSource(CachingSource(TreeSource.live))
        let host = LiveHost(files: recorder, runGuest: runGuest)
        return try write(recorder.capture, answers: host.answers, to: path, time: time)
    }

    /// Writes what was recorded.
    static func write(
        _ capture: Capture, answers: KernelAnswers, to path: String, time: Int
    ) throws(CheckError) -> CollectSummary {
        let manifest = CaptureManifest(toolVersion: Version.current, answers: answers, records: capture.records)
        var files = capture.files.sorted { $0.key < $1.key }.map {
            (name: String($0.key.dropFirst()), content: $0.value)
        }
        let summary = CollectSummary(files: files.count, bytes: files.reduce(0) { $0 + $1.content.count })
        files.insert((name: CaptureManifest.name, content: try manifest.encoded()), at: 0)
        do {
            try Tar.write(files, to: path, time: time)
        } catch {
            throw CheckError("cannot write the capture", context: [error.description])
        }
        return summary
    }
}
