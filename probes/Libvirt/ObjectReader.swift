@_spi(Probing) internal import Evidence

/// Asks one object its questions, and stops asking where it is gone or does not answer.
final class ObjectReader {
    private let connection: LibvirtConnection
    let object: LibvirtObject
    /// Whether the object has gone since it was listed; then it is passed over.
    private(set) var isGone = false
    /// An object that missed a deadline would miss the next one too, and cost as long.
    private var isStuck = false

    init(_ connection: LibvirtConnection, _ object: LibvirtObject) {
        self.connection = connection
        self.object = object
    }

    /// What a call comes to; a nil of the body means that libvirt has said why.
    func ask<Value: Sendable>(
        _ function: String, _ body: @escaping @Sendable (LibvirtLibrary, LibvirtObject) -> Value?
    ) -> Observation<Value> {
        let provenance = Provenance.call(function)
        guard !isStuck else { return .unknown(LibvirtFault.timedOut.obstacle(function), from: provenance) }
        let result = connection.ask { [object] library, _ in body(library, object) }
        switch result {
        case .success(let value): return .known(value, from: provenance)
        case .failure(let fault):
            if fault == .timedOut { isStuck = true }
            if fault.saysVanished { isGone = true }
            return .unknown(fault.obstacle(function), from: provenance)
        }
    }

    /// What a call says that answers 1, 0, or -1 for an error.
    func flag(
        _ function: String, _ body: @escaping @Sendable (LibvirtLibrary, LibvirtObject) -> Int32
    ) -> Observation<Bool> {
        ask(function) { library, object in
            let answer = body(library, object)
            return answer < 0 ? nil : answer != 0
        }
    }

    /// What a call says that answers 0 or -1, and writes a number where it is told to.
    func writtenFlag(
        _ function: String,
        _ body: @escaping @Sendable (LibvirtLibrary, LibvirtObject, UnsafeMutablePointer<Int32>) -> Int32
    ) -> Observation<Bool> {
        ask(function) { library, object in
            var value: Int32 = 0
            return unsafe body(library, object, &value) < 0 ? nil : value != 0
        }
    }

    /// A UUID as text.
    func uuid(
        _ function: String,
        _ body: @escaping @Sendable (LibvirtLibrary, LibvirtObject, UnsafeMutablePointer<CChar>) -> Int32
    ) -> Observation<String> {
        ask(function) { library, object in
            // SAFETY: libvirt writes VIR_UUID_STRING_BUFLEN bytes, 37, the last of them NUL.
            let text = unsafe [CChar](unsafeUninitializedCapacity: LibvirtLibrary.uuidLength) { buffer, count in
                guard let base = buffer.baseAddress else { return }
                unsafe buffer.initialize(repeating: 0)
                if unsafe body(library, object, base) == 0 { count = LibvirtLibrary.uuidLength }
            }
            guard !text.isEmpty else { return nil }
            return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
