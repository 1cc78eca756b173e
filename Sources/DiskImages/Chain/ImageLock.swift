internal import LinuxIO

/// Whether QEMU has an image open: it locks a byte for each right that it takes (from 100 on) and for each that it leaves
/// to nobody else (from 200 on); QEMU's block/file-posix.c, `RAW_LOCK_PERM_BASE` and `RAW_LOCK_SHARED_BASE`.
public enum ImageLock: Sendable, Hashable {
    /// Nobody has it open, or nobody who locks.
    case free
    /// It is open for reading: a base of a running VM, a `qemu-img` that reads.
    case read
    /// It is open for writing: the disk of a running VM. What is read from it is moving.
    case written

    /// Asks; nil where the file system cannot say.
    init?(_ file: FileBlocks) {
        // The rights of QEMU's include/block/block-common.h: consistent read, write, write unchanged, resize.
        let taken = [UInt64(100), 101, 102, 103].map { file.isLocked(at: $0) }
        guard !taken.contains(nil) else { return nil }
        self = taken[1] == true || taken[3] == true ? .written : taken.contains(true) ? .read : .free
    }
}
