/// A read beyond the end of the bytes that are there.
public struct OutOfBounds: Error, Sendable, Hashable {
    /// The offset at which the read began, in bytes.
    public var offset: Int
    /// How many bytes were wanted.
    public var wanted: Int
    /// How many bytes there are.
    public var available: Int
}

/// Bounds-checked reads of little- and big-endian integers; never a struct laid over bytes.
public enum ByteReader {
    /// An unsigned integer of any width, little-endian.
    ///
    /// - Throws: ``OutOfBounds`` where it does not lie inside the bytes.
    public static func littleEndian<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, _ bytes: RawSpan, at offset: Int
    ) throws(OutOfBounds) -> Value {
        var value: Value = 0
        let width = Value.bitWidth / 8
        guard offset >= 0, offset <= bytes.byteCount - width else {
            throw OutOfBounds(offset: offset, wanted: width, available: bytes.byteCount)
        }
        for index in (0..<width).reversed() {
            // SAFETY: offset + index < offset + width <= byteCount, checked above.
            value =
                value << 8
                | Value(
                    truncatingIfNeeded: unsafe bytes.unsafeLoad(
                        fromUncheckedByteOffset: offset + index, as: UInt8.self))
        }
        return value
    }

    /// An unsigned integer of any width, big-endian.
    ///
    /// - Throws: ``OutOfBounds`` where it does not lie inside the bytes.
    public static func bigEndian<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, _ bytes: RawSpan, at offset: Int
    ) throws(OutOfBounds) -> Value {
        try littleEndian(type, bytes, at: offset).byteSwapped
    }

    /// A little-endian 8-bit integer.
    public static func u8(_ bytes: [UInt8], at offset: Int) throws(OutOfBounds) -> UInt8 {
        // SAFETY: `bytes` is unsafe for elements with padding; a byte has none.
        unsafe try littleEndian(UInt8.self, bytes.span.bytes, at: offset)
    }

    /// A little-endian 16-bit integer.
    public static func u16(_ bytes: [UInt8], at offset: Int) throws(OutOfBounds) -> UInt16 {
        // SAFETY: `bytes` is unsafe for elements with padding; a byte has none.
        unsafe try littleEndian(UInt16.self, bytes.span.bytes, at: offset)
    }

    /// A little-endian 32-bit integer.
    public static func u32(_ bytes: [UInt8], at offset: Int) throws(OutOfBounds) -> UInt32 {
        // SAFETY: `bytes` is unsafe for elements with padding; a byte has none.
        unsafe try littleEndian(UInt32.self, bytes.span.bytes, at: offset)
    }

    /// A little-endian 64-bit integer.
    public static func u64(_ bytes: [UInt8], at offset: Int) throws(OutOfBounds) -> UInt64 {
        // SAFETY: `bytes` is unsafe for elements with padding; a byte has none.
        unsafe try littleEndian(UInt64.self, bytes.span.bytes, at: offset)
    }
}

extension Array where Element == UInt8 {
    /// Writes an integer in little-endian order; the inverse of the readers, for the structs a kernel call takes.
    ///
    /// - Throws: ``OutOfBounds`` where it does not lie inside the array.
    public mutating func store<Value: FixedWidthInteger & UnsignedInteger>(
        _ value: Value, at offset: Int
    ) throws(OutOfBounds) {
        let width = Value.bitWidth / 8
        guard offset >= 0, offset <= count - width else {
            throw OutOfBounds(offset: offset, wanted: width, available: count)
        }
        for index in 0..<width { self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * Value(index))) }
    }
}
