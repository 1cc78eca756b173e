internal import Facts

/// Lays out an excerpt of a document: its lines behind their numbers, and carets under what is meant.
struct ExcerptLayout {
    /// How many columns a line may have.
    let columns: Int
    let paint: Paint

    func lines(for excerpt: Excerpt) -> [String] {
        // White space that all lines begin with says nothing.
        let indent = excerpt.lines.map(Self.indent).min() ?? 0
        let gutter = excerpt.lines.compactMap { $0.number.map { String($0).utf8.count } }.max() ?? 0
        return excerpt.lines.flatMap { line -> [String] in
            let number = line.number.map(String.init) ?? ""
            let bar = " │ "
            let margin = paint(spaces(gutter - number.utf8.count) + number + bar, .dim)
            let room = max(20, columns - gutter - bar.count)
            let pieces = fitted(line, without: indent, into: room)
            let text = margin + pieces.before + paint(pieces.marked, .bold) + pieces.after
            guard !pieces.marked.isEmpty else { return [Self.trimmedEnd(text)] }
            let carets = String(repeating: "^", count: max(1, PlainText.columns(pieces.marked)))
            return [
                Self.trimmedEnd(text),
                paint(spaces(gutter) + bar, .dim) + spaces(PlainText.columns(pieces.before)) + paint(carets, .red),
            ]
        }
    }

    /// The pieces without the common indent, with nothing in them that a terminal acts on, cut to the room around what is
    /// marked.
    private func fitted(
        _ line: Excerpt.Line, without indent: Int, into room: Int
    ) -> (before: String, marked: String, after: String) {
        var before = Self.shown(line.before)
        let marked = Self.cutEnd(Self.shown(line.marked), to: room - 2)
        var after = Self.shown(line.after)
        before.removeFirst(min(indent, before.prefix { $0 == " " }.count))
        let used = PlainText.columns(marked)
        if PlainText.columns(before) + used > room { before = Self.cutStart(before, to: max(1, room - used)) }
        after = Self.cutEnd(after, to: max(0, room - used - PlainText.columns(before)))
        return (before, marked, after)
    }

    private static func shown(_ text: String) -> String {
        // A tab is white space, as a reader sees it.
        PlainText.escaped(String(text.map { $0 == "\t" ? " " : $0 }))
    }

    private static func indent(_ line: Excerpt.Line) -> Int {
        let text = line.before + line.marked + line.after
        guard text.contains(where: { $0 != " " && $0 != "\t" }) else { return .max }
        return text.prefix { $0 == " " || $0 == "\t" }.count
    }

    private static func cutEnd(_ text: String, to columns: Int) -> String {
        guard PlainText.columns(text) > columns else { return text }
        var text = text
        while !text.isEmpty, PlainText.columns(text) >= columns { text.removeLast() }
        return columns > 0 ? text + "…" : ""
    }

    private static func cutStart(_ text: String, to columns: Int) -> String {
        var text = text
        while !text.isEmpty, PlainText.columns(text) >= columns { text.removeFirst() }
        return "…" + text
    }

    private static func trimmedEnd(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
