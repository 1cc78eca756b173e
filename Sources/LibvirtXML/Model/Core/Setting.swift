extension XMLDocument {
    /// Gives a value to what a view names; nil removes it. Nothing else changes, and nothing at all where it has the value
    /// already, however that is spelled.
    ///
    /// The view may be of an earlier state of this document. Elements that are not there are made, at the place among their
    /// siblings at which libvirt writes them.
    ///
    /// - Throws: ``XMLError/Kind/foreignElement`` where the element was removed or is of another document, and
    ///   ``XMLError/Kind/notRepresentable`` where the value holds a character that XML cannot.
    public mutating func set<Value>(_ field: Field<Value>, to value: Value?) throws(XMLError) {
        let now = Field<Value>(site: try current(field.site), form: field.form)
        guard let value else { return try remove(now) }
        if now.value == value { return }
        try write(now, value)
    }

    /// Gives a value out of a list that grows.
    public mutating func set<Known>(_ field: Field<Open<Known>>, to known: Known) throws(XMLError) {
        try set(field, to: .known(known))
    }

    /// Adds an element to what a view is over, at the place among its siblings at which libvirt writes it, behind those of its
    /// own name.
    ///
    /// - Returns: The element that was added.
    @discardableResult
    public mutating func add(_ new: XMLNewElement, to view: some XMLView) throws(XMLError) -> XMLElement {
        let parent = try make(view.place)
        return try add(new, to: parent)
    }

    /// Makes what a view is over, where it is not there.
    ///
    /// - Returns: The element.
    @discardableResult
    public mutating func make(_ place: XMLPlace) throws(XMLError) -> XMLElement {
        let place = try current(place)
        var element = place.base
        for name in place.missing { element = try add(XMLNewElement(name), to: element) }
        return element
    }

    /// The place in this document's present state.
    func current(_ place: XMLPlace) throws(XMLError) -> XMLPlace {
        var now = XMLPlace(try current(place.base))
        for name in place.missing { now = now.child(name) }
        return now
    }

    private func current(_ site: FieldSite) throws(XMLError) -> FieldSite {
        FieldSite(try current(site.place), nil, site.part)
    }

    /// Writes a value, whatever is there.
    mutating func write<Value>(_ field: Field<Value>, _ value: Value) throws(XMLError) {
        let site = try current(field.site)
        let place = site.place
        let spelled = value.spelled(as: field.form, unit: site.unit)
        switch site.part {
        case .attribute(let name):
            try setAttribute("\(name)", to: spelled.text, of: make(place))
        case .scaledAttribute(let name, let unit):
            let element = try setAttribute("\(name)", to: spelled.text, of: make(place))
            try setAttribute("\(unit)", to: spelled.unit, of: element)
        case .text, .textIfAny:
            try setText(spelled.text, of: make(place))
        case .scaledText(let unit):
            let element = try setText(spelled.text, of: make(place))
            try setAttribute("\(unit)", to: spelled.unit, of: element)
        case .presence:
            // The only value with two forms: to be there, and not to be.
            if value as? Bool == false { try remove(field) } else { try make(place) }
        }
    }

    private mutating func remove<Value>(_ field: Field<Value>) throws(XMLError) {
        guard let element = field.site.place.element else { return }
        switch field.site.part {
        case .attribute(let name):
            try setAttribute("\(name)", to: nil, of: element)
        case .scaledAttribute(let name, let unit):
            let element = try setAttribute("\(name)", to: nil, of: element)
            try setAttribute("\(unit)", to: nil, of: element)
        case .textIfAny:
            if field.isPresent { try setText("", of: element) }
        case .text, .scaledText, .presence:
            try remove(element)
        }
    }

    private mutating func add(_ new: XMLNewElement, to parent: XMLElement) throws(XMLError) -> XMLElement {
        let order = ElementOrder.children(of: parent)
        guard let rank = order.firstIndex(of: new.name) else { return try append(new, to: parent) }
        var before: XMLElement?
        for sibling in parent.elements {
            // What is not in the list may stand anywhere, and moves nothing.
            guard let other = order.firstIndex(of: sibling.name) else { continue }
            if other <= rank { before = sibling }
        }
        if let before { return try insert(new, after: before) }
        if let first = parent.elements.first { return try insert(new, before: first) }
        return try append(new, to: parent)
    }
}
