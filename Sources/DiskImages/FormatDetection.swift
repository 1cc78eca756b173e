public import ByteReading

extension ImageFormat {
    /// What the bytes are: by the marks that each format puts where no other does, at the start and at the end.
    ///
    /// - Throws: ``ByteReading/FormatError`` where the image cannot be read.
    public static func detect(_ image: any BlockReader) throws(FormatError) -> ImageFormat {
        let head = try FormatBytes(reading: image, at: 0, count: Int(min(image.size, 4096)), of: "image")
        for mark in marks where head.has(mark.bytes, at: mark.place) { return mark.format }
        if head.has(Array("conectix".utf8), at: 0), VHDFooter.hasDynamicType(head) { return .vhd }
        if VMDKDescriptor.isDescriptor(head.bytes) { return .vmdk }
        if head.has(Array("ustar".utf8), at: 257) {
            return try head.text(at: 0, count: 100).lowercased().hasSuffix(".ovf") ? .ova : .tar
        }
        if image.size >= 512 {
            let tail = try FormatBytes(reading: image, at: image.size - 512, count: 512, of: "image")
            if tail.has(Array("conectix".utf8), at: 0) { return .vhd }
            if tail.has(Array("koly".utf8), at: 0) { return .dmg }
        }
        // ECMA-119, 6.7.1: the volume descriptors begin at sector 16 of 2048 bytes. A disc that also boots from a disk's
        // boot sector is a disc all the same.
        if image.size >= 34816,
            try FormatBytes(reading: image, at: 32768, count: 8, of: "image").has(Array("CD001".utf8), at: 1)
        {
            return .iso9660
        }
        return .raw
    }

    private struct Mark {
        var format: ImageFormat
        var place = 0
        var bytes: [UInt8]

        init(_ format: ImageFormat, at place: Int = 0, _ bytes: [UInt8]) {
            self.format = format
            self.place = place
            self.bytes = bytes
        }

        init(_ format: ImageFormat, _ text: String) { self.init(format, Array(text.utf8)) }
    }

    /// The marks of a few bytes at a fixed place; QEMU's block drivers, and the formats' own documents.
    private static let marks: [Mark] = [
        Mark(.qcow, [0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 1]), Mark(.qcow2, [0x51, 0x46, 0x49, 0xfb]),
        Mark(.qed, "QED\0"), Mark(.vmdk, "KDMV"), Mark(.cowd, "COWD"), Mark(.vhdx, "vhdxfile"),
        Mark(.vdi, at: 64, [0x7f, 0x10, 0xda, 0xbe]), Mark(.parallels, "WithoutFreeSpace"),
        Mark(.parallels, "WithouFreSpacExt"), Mark(.bochs, "Bochs Virtual HD Image"),
        Mark(.cloop, "#!/bin/sh\n#V2.0 Format\nmodprobe cloop"), Mark(.luks, [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe]),
        Mark(.gzip, [0x1f, 0x8b, 0x08]), Mark(.xz, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
        Mark(.zstd, [0x28, 0xb5, 0x2f, 0xfd]), Mark(.lz4, [0x04, 0x22, 0x4d, 0x18]),
        Mark(.bzip2, at: 4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]), Mark(.androidSparse, [0x3a, 0xff, 0x26, 0xed]),
        Mark(.zip, [0x50, 0x4b, 3, 4]), Mark(.sevenZip, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]),
        Mark(.ewf, [0x45, 0x56, 0x46, 0x09, 0x0d, 0x0a, 0xff, 0]), Mark(.wim, "MSWIM\0\0\0"),
    ]
}
