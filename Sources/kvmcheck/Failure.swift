internal import Reporting

/// Wrong use, or a fault of kvmcheck's own: the reason for exit code 2. It prints as a small tree.
struct Failure: Error {
    /// What is, lower case, without a full stop.
    var message: String
    /// What helps to put it right: a label, which may be empty, and a text each.
    var details: [(label: String, text: String)] = []

    init(_ message: String, _ details: (label: String, text: String)...) {
        self.message = message
        self.details = details
    }

    /// The tree, under the name of the program, ending with a newline.
    var text: String {
        var lines = ["kvmcheck: " + PlainText.escaped(message)]
        let widest = details.map(\.label.count).max() ?? 0
        for (index, detail) in details.enumerated() {
            let branch = index == details.count - 1 ? "└─ " : "├─ "
            let gap = String(repeating: " ", count: widest - detail.label.count + 2)
            lines.append(
                branch + (detail.label.isEmpty ? "" : detail.label + ":" + gap) + PlainText.escaped(detail.text))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
