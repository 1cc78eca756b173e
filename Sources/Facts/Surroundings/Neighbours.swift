public import Evidence
public import LibvirtXML

/// By what one object of libvirt's names another.
public enum NeighbourKey: Sendable, Hashable {
    /// A name.
    case name(String)
    /// A UUID; of a mediated device too.
    case uuid(UUIDValue)
    /// What a secret is for, and the name by which it is found.
    case usage(String, String)
    /// The bridge of a network.
    case bridge(String)
    /// The hardware address of a network's bridge.
    case mac(MACAddress)
    /// What a pool is made of.
    case source(PoolSource)
    /// Where a device of the host is plugged.
    case pci(PCIAddress)
    /// What a USB device of the host is.
    case usbProduct(vendor: Int, product: Int)
}

/// What is looked up among others of its kind.
public protocol Neighbour: Sendable {
    /// By what others name it.
    var keys: [NeighbourKey] { get }
}

/// A neighbour that a document defines, as a definition that is judged.
public protocol DefinitionNeighbour: Neighbour {
    /// Its name; nil where it has none.
    var name: String? { get }
    /// Its UUID; nil where it has none.
    var uuid: UUIDValue? { get }
    /// The document that it is from; nil where libvirt tells it.
    var document: Place? { get }
}

extension DefinitionNeighbour {
    /// How messages call it.
    public var label: String { name ?? "(unnamed)" }
}

/// The objects of one kind that stand around a definition: all that a libvirt has, or those of the documents that were given
/// together.
public struct Neighbours<Object: Neighbour>: Sendable {
    /// Those that are known.
    public let all: [Object]
    /// What stands in the way of knowing whether there are more; nil where these are all.
    public let rest: Obstacle?
    private let places: [NeighbourKey: [Int]]

    /// Makes an index of objects.
    ///
    /// - Parameter rest: What stands in the way of knowing whether there are more; nil where these are all.
    public init(_ all: [Object], rest: Obstacle? = nil) {
        self.all = all
        self.rest = rest
        var places: [NeighbourKey: [Int]] = [:]
        for (index, object) in all.enumerated() {
            for key in object.keys { places[key, default: []].append(index) }
        }
        self.places = places
    }

    /// Of which nothing is known.
    public static var notProbed: Neighbours { Neighbours([], rest: Obstacle(.notProbed, "")) }

    /// The places in ``all`` of those that have a key.
    public func places(of key: NeighbourKey) -> [Int] { places[key] ?? [] }

    /// The first that has a key; nil where it is proven that there is none.
    ///
    /// - Throws: ``Evidence/Undecided`` where it is not among those that are known, and these may not be all.
    public func first(_ key: NeighbourKey) throws(Undecided) -> Object? {
        if let index = places[key]?.first { return all[index] }
        if let rest { throw Undecided(rest) }
        return nil
    }

    /// How many there are beside one of them, so that it can be said among how many something is unique.
    ///
    /// - Throws: ``Evidence/Undecided`` where no other is known, and these may not be all.
    public func count(beside index: Int?) throws(Undecided) -> Int {
        let others = all.count - (index == nil ? 0 : 1)
        if others <= 0, let rest { throw Undecided(rest) }
        return max(0, others)
    }
}

extension NetworkFilter: Neighbour {
    /// By what others name it.
    public var keys: [NeighbourKey] { name.value.map { [.name($0)] } ?? [] }
}

extension Secret: Neighbour {
    /// By what others name it.
    public var keys: [NeighbourKey] {
        var keys: [NeighbourKey] = uuid.value.map { [.uuid($0)] } ?? []
        if let usage = usage.value?.text, let name = volume.value ?? name.value ?? target.value {
            keys.append(.usage(usage, name))
        }
        return keys
    }
}

extension NodeDevice: Neighbour {
    /// By what others name it.
    public var keys: [NeighbourKey] {
        var keys: [NeighbourKey] = name.value.map { [.name($0)] } ?? []
        for capability in capabilities {
            switch capability.type.value {
            case .known(.pci): if let address = try? capability.pci() { keys.append(.pci(address)) }
            case .known(.usbDevice):
                if let vendor = capability.vendorID.value, let product = capability.productID.value {
                    keys.append(.usbProduct(vendor: vendor, product: product))
                }
            case .known(.mdev): if let uuid = capability.uuid.value { keys.append(.uuid(uuid)) }
            default: break
            }
        }
        return keys
    }
}
