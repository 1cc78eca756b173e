internal import Evidence
internal import Facts
internal import LibvirtXML

/// Makes the places of findings fit for a reader: a document that libvirt told is in no file, so that its lines are nobody's,
/// and a path leads there.
struct DefinitionPlaces {
    /// The document that was judged.
    let document: XMLDocument
    /// Whether the reader has it as a file.
    let isFile: Bool
    /// Whether the lines around each place are wanted.
    let showsXML: Bool

    func applied(to finding: Finding) -> Finding {
        guard !finding.places.isEmpty else { return finding }
        var finding = finding
        var shown: [Place] = []
        for place in finding.places {
            let place = read(place)
            // Two faults of one value are one place.
            guard !shown.contains(place) else { continue }
            shown.append(place)
            if showsXML, let excerpt = excerpt(place) { finding.excerpts.append(excerpt) }
        }
        finding.places = shown
        return finding
    }

    private func read(_ place: Place) -> Place {
        guard !isFile, place.path == document.name, let xpath = place.xpath else { return place }
        return Place(place.path, xpath: xpath)
    }

    private func excerpt(_ place: Place) -> Excerpt? {
        // What is missing from the whole document is in no line of it.
        guard place.path == document.name, let xpath = place.xpath, xpath != document.root.xpath,
            let spot = document.spot(atPath: xpath)
        else { return nil }
        return Excerpt(
            place: place,
            lines: XMLExcerpt(spot).lines.map {
                Excerpt.Line(
                    number: isFile ? $0.number : nil, before: $0.before, marked: $0.marked, after: $0.after)
            })
    }
}
