/// The few ANSI styles that a report uses, by their SGR parameter (ECMA-48, 8.3.117).
enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
    case magenta = "35"
}

/// Writes styles, or leaves them out.
struct Paint {
    let isOn: Bool

    func callAsFunction(_ text: String, _ style: Style) -> String {
        isOn && !text.isEmpty ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }
}
