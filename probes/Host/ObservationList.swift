@_spi(Probing) internal import Evidence

extension Sequence {
    /// Looks at each element: all that was found, in this order, without what is proven absent; unknown as soon as one
    /// of them is, because a list that may lack an element proves nothing.
    func observe<Value: Sendable>(
        from provenance: Provenance, _ look: (Element) -> Observation<Value>
    ) -> Observation<[Value]> {
        var values: [Value] = []
        for element in self {
            let seen = look(element)
            if let obstacle = seen.obstacle { return .unknown(obstacle, from: seen.provenance) }
            if let value = seen.known { values.append(value) }
        }
        return .known(values, from: provenance)
    }
}
