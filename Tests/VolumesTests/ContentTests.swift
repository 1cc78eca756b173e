import ByteReading
import Foundation
import Testing

@testable import Volumes

/// What foreign tools made, held against what `blkid -p` says it is.
struct ContentTests {
    @Test(arguments: [
        "mkfs.ext2 -q -L two f 4M", "mkfs.ext3 -q -L three f 16M", "mkfs.ext4 -q -L 'a label' f 16M",
        "mkfs.ext4 -q -b 1024 -O ^has_journal,^extent,^64bit,^flex_bg,^metadata_csum,^huge_file,^dir_nlink,^extra_isize f 16M",
        "mkfs.ext4 -q -b 4096 -O journal_dev f 16M",
        "truncate -s 320M f; mkfs.xfs -q -L xlabel f", "truncate -s 320M f; mkfs.xfs -q -m crc=0 f",
        "truncate -s 128M f; mkfs.btrfs -q -L 'btrfs ü' f", "truncate -s 16M f; mkfs.ntfs -qFQ -L 'Wíndows' f",
        "truncate -s 16M f; mkfs.ntfs -qFQ -c 65536 f",
        "mkfs.fat -C -n LABEL f 1440", "mkfs.fat -C -F 16 -n 'a b' f 16384", "mkfs.fat -C -F 32 f 65536",
        "mkfs.fat -C -F 32 -i 00abcdef -n EFI f 65536", "mkfs.fat -C -S 4096 f 400000",
        "truncate -s 16M f; mkfs.exfat -L 'exfat ü' f", "truncate -s 4M f; mkswap -L swap f",
        "truncate -s 4M f; mkswap -p 65536 f",
        "truncate -s 16M f; mkfs.jfs -q -L jay f", "truncate -s 64M f; mkfs.f2fs -q -l 'f label' f",
        "truncate -s 160M f; mkfs.nilfs2 -q -L nil f", "truncate -s 64M f; mkfs.reiserfs -qff -l rei f",
        "truncate -s 16M f; mkfs.udf f", "truncate -s 4M f; mkfs.minix f", "truncate -s 4M f; mkfs.minix -3 f",
        "mkdir d; echo 1 > d/a; mksquashfs d f -quiet -no-progress", "mkdir d; echo 1 > d/a; mkfs.erofs f d",
        "mkdir d; echo 1 > d/a; mkfs.cramfs -n name d f",
        "mkdir d; echo 1 > d/a; genisoimage -quiet -V CIDATA -o f d",
        "mkdir d; echo 1 > d/a; genisoimage -quiet -J -R -V 'a mixed Label' -o f d",
        "mkdir d; echo 1 > d/a; xorrisofs -quiet -J -R -V cidata -o f d",
        "truncate -s 16M f; make-bcache -B f", "truncate -s 128M f; make-bcache -C f",
        "truncate -s 32M f; echo x | cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 f",
        "truncate -s 32M f; echo x | cryptsetup luksFormat -q --type luks2 --label hidden --pbkdf pbkdf2 --pbkdf-force-iterations 1000 f",
        "truncate -s 16M f", "head -c 1000000 /dev/zero | tr '\\0' 'x' > f", "head -c 300 /dev/zero > f", ": > f",
    ])
    func `content is what blkid says it is`(make: String) throws {
        let scratch = try Scratch()
        try scratch.bash("(\(make)) >/dev/null 2>&1")
        let told = try scratch.blkid("f")
        let found = try Content.identify(try scratch.blocks("f"))
        #expect(found.map(\.kind) == (told["TYPE"].map { [$0] } ?? []))
        guard let content = found.first else { return }
        #expect(content.usage.rawValue == told["USAGE"])
        // Label and UUID of UDF take a walk over its descriptors; it is only named.
        guard content.kind != "udf" else { return }
        #expect(content.uuid == told["UUID"])
        #expect(content.label == told["LABEL"])
        if let version = content.version, !["cramfs", "bcache"].contains(content.kind) {
            #expect(version == told["VERSION"])
        }
    }

    @Test func `members of arrays and groups are what blkid says they are`() throws {
        for (archive, names) in [
            ("md", ["v090-1", "v10-2", "v11-1", "v12-2", "stripes-1", "parity-3", "lone-1"]),
            ("lvm", ["a", "b", "c", "d", "e"]),
        ] {
            let disks = try Disks(archive)
            for name in names {
                let told = try disks.blkid(name)
                let content = try #require(try Content.identify(try disks.blocks(name)).first)
                #expect(content.kind == told["TYPE"])
                #expect(content.usage.rawValue == told["USAGE"])
                #expect(content.uuid == told["UUID"], "\(name)")
                #expect(content.label == told["LABEL"])
                #expect(content.version == told["VERSION"])
            }
        }
    }

    @Test(arguments: [
        (
            "printf '\\xeb\\x58\\x90-FVE-FS-' | dd of=f bs=1 conv=notrunc status=none; printf '\\1' | dd of=f bs=1 seek=178 conv=notrunc status=none; printf -- '-FVE-FS-\\0\\20\\2' | dd of=f bs=1 seek=65536 conv=notrunc status=none",
            "BitLocker"
        ),
        (
            "printf 'bluestore block device\\n12345678-1234-1234-1234-123456789012\\n' | dd of=f conv=notrunc status=none",
            "ceph_bluestore"
        ),
        ("printf 'HM\\1\\0' | dd of=f conv=notrunc status=none", "LVM1_member"),
        (
            "for i in 1 2 3 4 5 6 7 8; do printf '\\x0c\\xb1\\xba\\0\\0\\0\\0\\0' | dd of=f bs=1 seek=$(((128+i)*1024)) conv=notrunc status=none; done",
            "zfs_member"
        ),
    ])
    func `marks that no tool here writes are taken for what blkid takes them`(make: String, kind: String) throws {
        let scratch = try Scratch()
        try scratch.bash("truncate -s 64M f; \(make)")
        #expect(try scratch.blkid("f")["TYPE"] == kind)
        #expect(try Content.identify(try scratch.blocks("f")).map(\.kind) == [kind])
    }

    @Test func `what was not wiped is told too`() throws {
        let scratch = try Scratch()
        try scratch.bash(
            """
            truncate -s 16M f swap
            mkfs.jfs -q f >/dev/null
            mkswap swap >/dev/null
            dd if=swap of=f bs=4096 count=1 conv=notrunc status=none
            blkid -p f && exit 1 || [ $? = 8 ] # ambivalent
            """)
        #expect(try Content.identify(try scratch.blocks("f")).map(\.kind) == ["swap", "jfs"])
    }

    @Test func `a whole disk with a table is no content`() throws {
        let scratch = try Scratch()
        try scratch.bash("truncate -s 16M f; printf 'label: gpt\nsize=1M\n' | sfdisk --quiet f")
        #expect(try Content.identify(try scratch.blocks("f")) == [])
    }
}
