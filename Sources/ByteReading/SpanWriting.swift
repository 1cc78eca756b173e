extension MutableRawSpan {
    /// Fills all of it with zeros.
    public mutating func zero() {
        // SAFETY: the memory is the span's own, and bytes have no other form than bytes.
        unsafe withUnsafeMutableBytes { bytes in
            _ = unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
        }
    }

    /// Copies bytes to its start: as many as both have.
    public mutating func copy(_ source: ArraySlice<UInt8>) {
        // SAFETY: no more bytes are copied than the span has, and no more than the slice has.
        unsafe withUnsafeMutableBytes { target in
            unsafe source.withUnsafeBytes { bytes in
                let count = min(bytes.count, target.count)
                unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
        }
    }
}
