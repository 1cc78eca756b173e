internal import Glibc
internal import KVMCheckKit

/// How far a check has come, in one line of a terminal that is written again and again, and erased at the end.
///
/// It goes to standard error, and only where that is a terminal; a check that takes no time shows none.
final class ProgressLine {
    private let isOn = isatty(STDERR_FILENO) == 1 && Terminal.environment("TERM") != "dumb"
    private let clock = ContinuousClock()
    private var next: ContinuousClock.Instant
    private var isShown = false

    /// How long nothing is shown, and how long a line stands.
    private static let pause = (first: Duration.milliseconds(400), later: Duration.milliseconds(100))

    init() { next = clock.now + Self.pause.first }

    func show(_ progress: DefinitionCheck.Progress) {
        switch progress {
        // What waits for others says so at once; it may say nothing more for long.
        case .asking: show("asking libvirt", atOnce: true)
        case .judging(let done, let count): show("judging \(done) of \(count)")
        }
    }

    /// Shows a text, if none was shown shortly before.
    func show(_ text: String, atOnce: Bool = false) {
        guard isOn else { return }
        let now = clock.now
        guard atOnce || now >= next else { return }
        next = now + Self.pause.later
        isShown = true
        Output.complain("\r\(text)\u{1b}[K")
    }

    func erase() {
        guard isShown else { return }
        isShown = false
        Output.complain("\r\u{1b}[K")
    }
}
