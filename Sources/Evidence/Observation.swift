/// Where an observation comes from: a place in a file, or a call to the system.
public struct Provenance: Sendable, Hashable, Codable {
    /// The file and line, where there is one.
    public var place: Place?
    /// The call or derivation, such as `KVM_GET_API_VERSION`, where there is one.
    public var means: String?

    /// Makes a provenance from a place, a call, or both.
    public init(place: Place? = nil, means: String? = nil) {
        self.place = place
        self.means = means
    }

    /// Read from a file, from the given line if any.
    public static func file(_ path: String, line: Int? = nil) -> Provenance {
        Provenance(place: Place(path, line: line))
    }

    /// Answered by a call to the system, on a device node if any.
    public static func call(_ name: String, on path: String? = nil) -> Provenance {
        Provenance(place: path.map { Place($0) }, means: name)
    }
}

/// What was seen of one thing: a value, the proof that there is none, or what stood in the way.
///
/// A rule reads it through ``get()``, which throws on `unknown`, so that "could not look" cannot be taken for an
/// answer. Only probes, which make observations out of observations, see the state itself (`@_spi(Probing)`).
public struct Observation<Value: Sendable>: Sendable {
    /// The three things that can come of looking.
    @_spi(Probing) public enum State: Sendable {
        case known(Value)
        case absent
        case unknown(Obstacle)
    }

    /// What came of looking.
    @_spi(Probing) public let state: State
    /// Where it was looked.
    public let provenance: Provenance

    /// An observation in a state that a probe has worked out.
    @_spi(Probing) public init(_ state: State, from provenance: Provenance) {
        self.state = state
        self.provenance = provenance
    }

    /// A value that was seen.
    public static func known(_ value: Value, from provenance: Provenance = Provenance()) -> Observation {
        Observation(.known(value), from: provenance)
    }

    /// The proof that there is nothing.
    public static func absent(from provenance: Provenance = Provenance()) -> Observation {
        Observation(.absent, from: provenance)
    }

    /// Nothing could be learnt, and why.
    public static func unknown(_ obstacle: Obstacle, from provenance: Provenance = Provenance()) -> Observation {
        Observation(.unknown(obstacle), from: provenance)
    }

    /// What every fact is until a probe has answered, so that a forgotten probe can never look like an answer.
    public static var notProbed: Observation { .unknown(Obstacle(.notProbed, "")) }

    /// The value, or nil where it is proven that there is none.
    ///
    /// - Throws: ``Undecided`` where nothing could be learnt.
    public func get() throws(Undecided) -> Value? {
        switch state {
        case .known(let value): return value
        case .absent: return nil
        case .unknown(let obstacle): throw Undecided(obstacle)
        }
    }

    /// The value, or `fallback` where it is proven that there is none.
    ///
    /// - Throws: ``Undecided`` where nothing could be learnt.
    public func get(whenAbsent fallback: Value) throws(Undecided) -> Value {
        try get() ?? fallback
    }

    /// Whether there is something at all.
    ///
    /// - Throws: ``Undecided`` where nothing could be learnt.
    public func isPresent() throws(Undecided) -> Bool {
        try get() != nil
    }

    /// The places to point a reader at; empty where the observation came from a call.
    public var places: [Place] { provenance.place.map { [$0] } ?? [] }
}

@_spi(Probing) extension Observation {
    /// The value if there is one; for probes and for headlines of reports, never for a rule.
    public var known: Value? {
        if case .known(let value) = state { return value }
        return nil
    }

    /// Whether the absence is proven.
    public var isAbsent: Bool {
        if case .absent = state { return true }
        return false
    }

    /// What stood in the way, if something did.
    public var obstacle: Obstacle? {
        if case .unknown(let obstacle) = state { return obstacle }
        return nil
    }

    /// What another look, taken because of the value, came to.
    public func flatMap<Other: Sendable>(_ transform: (Value) -> Observation<Other>) -> Observation<Other> {
        switch state {
        case .known(let value): transform(value)
        case .absent: .absent(from: provenance)
        case .unknown(let obstacle): .unknown(obstacle, from: provenance)
        }
    }

    /// The same observation of something else, derived from the value.
    public func map<Other: Sendable>(_ transform: (Value) -> Other) -> Observation<Other> {
        flatMap { .known(transform($0), from: provenance) }
    }

    /// The same observation of a part that the value may not have.
    public func compactMap<Other: Sendable>(_ transform: (Value) -> Other?) -> Observation<Other> {
        flatMap { value in transform(value).map { .known($0, from: provenance) } ?? .absent(from: provenance) }
    }

    /// The value parsed; a nil result means that the content does not have the form it must have.
    public func parsed<Other: Sendable>(as form: String, _ parse: (Value) -> Other?) -> Observation<Other> {
        flatMap { value in
            parse(value).map { .known($0, from: provenance) }
                ?? .unknown(
                    Obstacle(.malformed, provenance.place?.description ?? provenance.means ?? "", "not \(form)"),
                    from: provenance)
        }
    }
}

extension Observation: Codable where Value: Codable {
    private enum Key: String, CodingKey {
        case value
        case absent
        case obstacle
        case provenance
    }

    /// Reads an observation as a capture holds it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let provenance = try container.decodeIfPresent(Provenance.self, forKey: .provenance) ?? Provenance()
        if let obstacle = try container.decodeIfPresent(Obstacle.self, forKey: .obstacle) {
            self.init(.unknown(obstacle), from: provenance)
        } else if container.contains(.value) {
            self.init(.known(try container.decode(Value.self, forKey: .value)), from: provenance)
        } else {
            self.init(.absent, from: provenance)
        }
    }

    /// Writes an observation for a capture: `value`, `obstacle`, or `absent`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch state {
        case .known(let value): try container.encode(value, forKey: .value)
        case .absent: try container.encode(true, forKey: .absent)
        case .unknown(let obstacle): try container.encode(obstacle, forKey: .obstacle)
        }
        if provenance.place != nil || provenance.means != nil { try container.encode(provenance, forKey: .provenance) }
    }
}
