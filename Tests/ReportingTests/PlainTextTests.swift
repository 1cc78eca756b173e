import Testing

@testable import Reporting

struct PlainTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("über 你好 🙂", "über 你好 🙂"), ("\u{1b}[0m", "\\x1b[0m"),
        ("a\nb\tc", "a\\x0ab\\x09c"),
        ("\u{0}", "\\x00"), ("\u{7f}\u{80}\u{9b}", "\\x7f\\x80\\x9b"), ("\u{202e}x\u{2066}", "\\u{202e}x\\u{2066}"),
        ("\u{2028}", "\\u{2028}"), ("\u{e0041}", "\\u{e0041}"), ("\u{feff}", "\\u{feff}"),
    ])
    func `what a terminal would act on is written out`(text: String, expected: String) {
        #expect(PlainText.escaped(text) == expected)
    }

    @Test func `lines break at spaces, and never in a word`() {
        #expect(PlainText.wrapped("aa bb  cc", columns: 5) == ["aa bb", "cc"])
        #expect(PlainText.wrapped("a-very-long-word b", columns: 4) == ["a-very-long-word", "b"])
        #expect(PlainText.wrapped("", columns: 4) == [])
        #expect(PlainText.wrapped("你好 x", columns: 5) == ["你好", "x"])
        #expect(PlainText.wrapped("x y", columns: -3) == ["x", "y"])
    }
}
