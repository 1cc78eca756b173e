public import Evidence

/// A few lines of a document around what a finding speaks of, without secrets.
public struct Excerpt: Sendable, Hashable {
    /// A line, in three pieces.
    public struct Line: Sendable, Hashable {
        /// Its number in the file, from 1; nil for a document that is in none.
        public var number: Int?
        /// What stands before the element or attribute concerned.
        public var before: String
        /// What of it is in this line; empty in a line around it.
        public var marked: String
        /// What stands behind it.
        public var after: String

        /// Makes a line; see the properties.
        public init(number: Int?, before: String, marked: String, after: String) {
            self.number = number
            self.before = before
            self.marked = marked
            self.after = after
        }
    }

    /// The place that it shows.
    public var place: Place
    /// The lines, in their order.
    public var lines: [Line]

    /// Makes an excerpt; see the properties.
    public init(place: Place, lines: [Line]) {
        self.place = place
        self.lines = lines
    }
}
