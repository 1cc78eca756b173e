internal import CLibvirt
@_spi(Probing) internal import Evidence
internal import Facts

// The kinds of object of which kvmcheck needs no more than the XML.
extension LibvirtConnection {
    /// The devices of the host.
    func nodeDevices() -> Observation<[LibvirtObjectFacts]> {
        observe(.nodeDevice) { reader in
            object(reader, "virNodeDeviceGetXMLDesc") {
                unsafe $0.copy($0.nodeDeviceGetName($1.pointer))
            } xml: {
                unsafe $0.take($0.nodeDeviceGetXMLDesc($1.pointer, 0))
            }
        }
    }

    /// The network interfaces of the host.
    func interfaces() -> Observation<[LibvirtObjectFacts]> {
        observe(.interface) { reader in
            var facts = object(reader, "virInterfaceGetXMLDesc") {
                unsafe $0.copy($0.interfaceGetName($1.pointer))
            } xml: {
                unsafe $0.take($0.interfaceGetXMLDesc($1.pointer, 0))
            }
            facts?.isActive = reader.flag("virInterfaceIsActive") { unsafe $0.interfaceIsActive($1.pointer) }
            return facts
        }
    }

    /// The network filters.
    func networkFilters() -> Observation<[LibvirtObjectFacts]> {
        observe(.networkFilter) { reader in
            object(reader, "virNWFilterGetXMLDesc") {
                unsafe $0.copy($0.nwFilterGetName($1.pointer))
            } xml: {
                unsafe $0.take($0.nwFilterGetXMLDesc($1.pointer, 0))
            }
        }
    }

    /// The secrets' descriptions; a value is asked for by another function, which is not called.
    func secrets() -> Observation<[LibvirtObjectFacts]> {
        observe(.secret) { reader in
            let uuid = unsafe reader.uuid("virSecretGetUUIDString") { unsafe $0.secretGetUUIDString($1.pointer, $2) }
            guard let name = uuid.known else { return nil }
            var facts = LibvirtObjectFacts(name: name)
            facts.isActive = .absent(from: .call("virSecretGetXMLDesc"))
            facts.xml = reader.ask("virSecretGetXMLDesc") { unsafe $0.take($0.secretGetXMLDesc($1.pointer, 0)) }
            return facts
        }
    }

    private func object(
        _ reader: ObjectReader, _ function: String,
        name: @escaping @Sendable (LibvirtLibrary, LibvirtObject) -> String?,
        xml: @escaping @Sendable (LibvirtLibrary, LibvirtObject) -> String?
    ) -> LibvirtObjectFacts? {
        guard let name = reader.ask(function, name).known else { return nil }
        var facts = LibvirtObjectFacts(name: name)
        facts.isActive = .absent(from: .call(function))
        facts.xml = reader.ask(function, xml)
        return facts
    }
}
