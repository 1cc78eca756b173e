/// What a document of libvirt's describes, by its root element.
public enum LibvirtObject: Sendable, Hashable {
    /// `<domain>`.
    case domain(Domain)
    /// `<network>`.
    case network(Network)
    /// `<pool>`.
    case storagePool(StoragePool)
    /// `<volume>`.
    case storageVolume(StorageVolume)
    /// `<capabilities>`.
    case capabilities(Capabilities)
    /// `<domainCapabilities>`.
    case domainCapabilities(DomainCapabilities)
    /// `<device>`.
    case nodeDevice(NodeDevice)
    /// `<interface>`.
    case hostInterface(HostInterface)
    /// `<domainsnapshot>`.
    case domainSnapshot(DomainSnapshot)
    /// `<domaincheckpoint>`.
    case domainCheckpoint(DomainCheckpoint)
    /// `<filter>`.
    case networkFilter(NetworkFilter)
    /// `<secret>`.
    case secret(Secret)
    /// Something else.
    case other(XMLElement)

    /// Reads what a document describes.
    public init(_ document: XMLDocument) {
        let place = XMLPlace(document.root)
        self =
            switch document.root.name {
            case "domain": .domain(Domain(place: place))
            case "network": .network(Network(place: place))
            case "pool": .storagePool(StoragePool(place: place))
            case "volume": .storageVolume(StorageVolume(place: place))
            case "capabilities": .capabilities(Capabilities(place: place))
            case "domainCapabilities": .domainCapabilities(DomainCapabilities(place: place))
            case "device": .nodeDevice(NodeDevice(place: place))
            case "interface": .hostInterface(HostInterface(place: place))
            case "domainsnapshot": .domainSnapshot(DomainSnapshot(place: place))
            case "domaincheckpoint": .domainCheckpoint(DomainCheckpoint(place: place))
            case "filter": .networkFilter(NetworkFilter(place: place))
            case "secret": .secret(Secret(place: place))
            default: .other(document.root)
            }
    }

    /// The view, without its type; nil where it is something else.
    public var view: (any XMLView)? {
        switch self {
        case .domain(let view): view
        case .network(let view): view
        case .storagePool(let view): view
        case .storageVolume(let view): view
        case .capabilities(let view): view
        case .domainCapabilities(let view): view
        case .nodeDevice(let view): view
        case .hostInterface(let view): view
        case .domainSnapshot(let view): view
        case .domainCheckpoint(let view): view
        case .networkFilter(let view): view
        case .secret(let view): view
        case .other: nil
        }
    }
}
