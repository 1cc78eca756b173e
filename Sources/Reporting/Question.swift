internal import Facts

/// What a host was asked about, for the sentence that a text report ends with: it must claim no more than was looked at.
public enum Question: Sendable, Hashable {
    /// Whether it runs VMs.
    case machines
    /// Whether it runs containers of libvirt's LXC driver.
    case containers
    /// Whether it is fit for these profiles.
    case profiles([String])
    /// Whether objects of libvirt's run as they are defined, by what one of them is called: `domain`.
    case definitions(String)
    /// Whether disk images are sound.
    case images
    /// Only what the rules picked by the caller ask.
    case selection

    /// The answer, in a sentence.
    func answer(_ readiness: Readiness) -> String {
        switch self {
        case .machines: Self.answer(readiness, able: "run VMs")
        case .containers: Self.answer(readiness, able: "run containers")
        case .profiles(let names): Self.answer(readiness, able: "be used for " + Self.list(names))
        case .definitions(let noun):
            switch readiness {
            case .ready: "Nothing was found that keeps this \(noun) from running."
            case .blocked: "This \(noun) does not run as it is defined."
            case .undetermined: "Whether this \(noun) runs could not be decided."
            }
        case .images:
            switch readiness {
            case .ready: "Nothing was found that keeps a VM from running on this image."
            case .blocked: "This image is not sound."
            case .undetermined: "Whether this image is sound could not be decided."
            }
        case .selection:
            switch readiness {
            case .ready: "The rules applied found no error."
            case .blocked: "The rules applied found an error."
            case .undetermined: "Not all of the rules applied could be decided."
            }
        }
    }

    private static func answer(_ readiness: Readiness, able: String) -> String {
        switch readiness {
        case .ready: "This host can \(able)."
        case .blocked: "This host is not fit to \(able) as it is."
        case .undetermined: "Whether this host can \(able) could not be decided."
        }
    }

    private static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "a host" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
