internal import ByteReading

extension Qcow2Disk: CountedDisk {
    func allocation() throws(FormatError) -> ImageAllocation {
        var count = AllocationCount(data, clusterSize: layout.clusterSize)
        let span = layout.clusterSize * layout.entriesPerTable
        var read: UInt64 = 0
        for index in 0..<UInt64(header.l1Size) {
            // What stands after the disk's end is a snapshot's memory. No overflow: 2^22 × 2^39.
            guard index * span < size else { break }
            let place = header.l1TableOffset + index * 8
            let table = try l1Entry(try tables.page(at: place), at: place)
            guard table > 0 else { continue }
            guard table < file.size else {
                throw FormatError(.truncated, "qcow2", "an L2 table lies beyond the end of the file", at: table)
            }
            read += layout.clusterSize
            guard read <= AllocationCount.tableLimit else {
                count.allocation.isComplete = false
                break
            }
            try add(table, guest: index * span, to: &count)
        }
        try count.finish()
        return count.allocation
    }

    private func add(_ table: UInt64, guest: UInt64, to count: inout AllocationCount) throws(FormatError) {
        // The table is a cluster: at most 2 MiB.
        let fields = try FormatBytes(
            reading: file, at: table, count: Int(min(layout.clusterSize, file.size - table)), of: "qcow2")
        for index in 0..<fields.count / layout.entrySize {
            let (offset, overflow) = guest.addingReportingOverflow(UInt64(index) * layout.clusterSize)
            guard !overflow, offset < size else { break }
            let at = index * layout.entrySize
            let entry = try fields.big(UInt64.self, at: at)
            if entry == 0 && !layout.isExtended { continue }
            let bitmap = layout.isExtended ? try fields.big(UInt64.self, at: at + 8) : 0
            let (place, _) = try layout.place(entry, bitmap, part: 0, at: table + UInt64(at))
            if case .compressed(let packed) = place {
                count.allocation.compressed += 1
                try count.store(at: packed.offset, count: packed.count, guest: offset)
            } else if let stored = layout.cluster(entry) {
                try count.store(at: stored, count: layout.clusterSize, guest: offset)
            } else if place == .zero {
                count.allocation.zero += 1
            }
        }
    }
}
