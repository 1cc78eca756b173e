#!/usr/bin/env python3
"""Fills the file system mounted at argv[1] with what readers get wrong; argv[2:] name parts to leave out.

Everything is made by the kernel, so that what a reader shows can be held against what the mount shows.
"""
import ctypes, fcntl, os, random, socket, stat, struct, sys

root = os.fsencode(sys.argv[1])
without = set(sys.argv[2:])
libc = ctypes.CDLL(None, use_errno=True)
random.seed(4)


def at(*parts):
    return os.path.join(root, *(p if isinstance(p, bytes) else p.encode() for p in parts))


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def fallocate(descriptor, mode, start, length):
    if libc.fallocate(descriptor, mode, ctypes.c_long(start), ctypes.c_long(length)) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


def attempt(action, *arguments):
    """Where the file system has no room or no such thing, the file is simply not there for both sides."""
    try:
        action(*arguments)
    except OSError:
        pass


def body(count, seed):
    return random.Random(seed).randbytes(count)


# Sizes around every limit: empty, inline (60, about 160), a block, its neighbours, several.
os.mkdir(at("sizes"))
for size in [0, 1, 59, 60, 61, 100, 150, 160, 300, 511, 512, 513, 1023, 1024, 1025, 2048, 4095, 4096, 4097, 10000, 12288,
             12 * 1024 + 1, 65536, 70000, 300000, 1500000]:
    write(at("sizes", str(size)), body(size, size))

# Names: every length, every encoding, every byte that a name can have.
os.mkdir(at("names"))
for length in list(range(1, 20)) + [63, 64, 127, 128, 200, 254, 255]:
    write(at("names", "n" * length), str(length).encode())
for name in ["Grüße".encode(), "Grüße".encode("latin-1"), "日本語".encode(), "日本語".encode("euc-jp"), "日本語".encode("shift-jis"),
             "русский".encode("koi8-r"), "e\u0301".encode(), "é".encode(), b"\xff\xfe\x80", b"\xc3", b"\xed\xa0\x80",
             "\uef80\uefff".encode(), b"a b", b"line\nbreak", b"tab\t", b"back\\x2dslash", b"*?[", b"-rf", b"\x01\x7f",
             b"..x", b"...", "🐧".encode(), "A".encode(), "a".encode()]:
    write(at("names", name), name)

# Links: in the inode, at its limits, in a block.
os.mkdir(at("links"))
for length in [1, 2, 10, 55, 58, 59, 60, 61, 100, 150, 155, 200, 400, 1000, 1023]:
    attempt(os.symlink, b"t" * length, at("links", str(length)))
for name, target in [("absolute", b"/sizes/4096"), ("relative", b"../sizes/4096"), ("out", b"../../../../sizes/1"),
                     ("loop-a", b"loop-b"), ("loop-b", b"loop-a"), ("dangling", b"nothing"), ("dir", b"../names"),
                     ("latin", "Grüße".encode("latin-1")), ("self", b"."), ("chain", b"dir/../links/relative")]:
    os.symlink(target, at("links", name))

# Nodes of every kind, owners and modes beyond sixteen bits, times before 1970 and after 2038.
os.mkdir(at("nodes"))
os.mkfifo(at("nodes", "fifo"))
for name, kind, major, minor in [("null", stat.S_IFCHR, 1, 3), ("sda", stat.S_IFBLK, 8, 0), ("old", stat.S_IFCHR, 255, 255),
                                 ("new", stat.S_IFBLK, 259, 70000), ("zero", stat.S_IFCHR, 0, 0)]:
    os.mknod(at("nodes", name), kind | 0o640, os.makedev(major, minor))
listener = socket.socket(socket.AF_UNIX)
here = os.getcwd()
os.chdir(at("nodes"))
listener.bind("socket")
os.chdir(here)
write(at("nodes", "owned"), b"")
os.chown(at("nodes", "owned"), 70001, 4000000000)
os.chmod(at("nodes", "owned"), 0o6751)
os.chmod(at("nodes"), 0o1777)
for name, when in [("1969", -86400), ("1901", -2**31), ("2038", 2**31 + 5), ("2100", 4102444800), ("now", 1790000000)]:
    write(at("nodes", name), b"")
    attempt(lambda: os.utime(at("nodes", name), ns=(when * 10**9 + 1, when * 10**9 + 999999999)))
write(at("nodes", "hard"), b"one content")
for index in range(5):
    os.link(at("nodes", "hard"), at("nodes", f"hard{index}"))

# Holes, blocks that were never written, both, and an end in a hole.
os.mkdir(at("sparse"))
with open(at("sparse", "hole"), "wb") as file:
    for place in [0, 5 << 12, 200 << 12, 3 << 20, (5 << 20) + 17]:
        file.seek(place)
        file.write(b"x" * 100)
    file.truncate(6 << 20)
with open(at("sparse", "far"), "wb") as file:
    file.seek(1 << 33 if "large" not in without else 1 << 24)
    file.write(b"the end")
write(at("sparse", "only-hole"), b"")
os.truncate(at("sparse", "only-hole"), 123457)
def unwritten():
    with open(at("sparse", "unwritten"), "wb") as file:
        fallocate(file.fileno(), 0, 0, 1 << 20)
        file.seek(100000)
        file.write(b"y" * 5000)
    with open(at("sparse", "beyond"), "wb") as file:
        file.write(b"z" * 1000)
        file.flush()
        fallocate(file.fileno(), 1, 0, 1 << 20)
if "unwritten" not in without:
    attempt(unwritten)

# A file in many pieces: every second block is punched out, the holes are filled by another file.
def fragmented(count, step):
    with open(at("sparse", "pieces"), "wb") as file:
        file.write(body(count * step, 7))
        file.flush()
        os.fsync(file.fileno())
        for index in range(0, count, 2):
            fallocate(file.fileno(), 3, index * step, step)
    with open(at("sparse", "filler"), "wb") as file:
        file.write(body(count * step // 2, 8))
if "pieces" not in without:
    # In small blocks more of them, for trees of three levels.
    block = min(os.statvfs(root).f_bsize, 4096)
    attempt(fragmented, 4000 if block == 1024 else 1600, block)
else:
    with open(at("sparse", "a"), "wb") as a, open(at("sparse", "b"), "wb") as b:
        for index in range(300):
            for file in (a, b):
                file.write(body(1024, index))
                file.flush()
                os.fsync(file.fileno())

# Two files of the same blocks, one of them changed in the middle since (`FICLONE`, include/uapi/linux/fs.h).
def cloned():
    with open(at("sizes", "1500000"), "rb") as original, open(at("sparse", "clone"), "wb") as clone:
        fcntl.ioctl(clone, 0x40049409, original.fileno())
        clone.seek(700000)
        clone.write(b"changed" * 1000)
attempt(cloned)

# Attributes: small ones, many, large ones, names of every length, an access control list, SELinux's label.
os.mkdir(at("attributes"))
def attributes():
    for index in range(12):
        path = at("attributes", f"file{index}")
        write(path, b"content")
        for count in range(index):
            os.setxattr(path, f"user.name{count}", bytes([count]) * (count * index))
    path = at("attributes", "labelled")
    write(path, b"")
    os.setxattr(path, "security.selinux", b"system_u:object_r:etc_t:s0\0")
    os.setxattr(path, "trusted.overlay.opaque", b"y")
    os.setxattr(path, "user.empty", b"")
    os.setxattr(path, "user." + "n" * 249, b"long name")
    acl = struct.pack("<I", 2)
    for tag, permissions, number in [(1, 7, 2**32 - 1), (2, 5, 1000), (2, 4, 4000000), (4, 5, 2**32 - 1), (8, 7, 70000),
                                     (16, 7, 2**32 - 1), (32, 1, 2**32 - 1)]:
        acl += struct.pack("<HHI", tag, permissions, number)
    os.mkdir(at("attributes", "acl"))
    attempt(os.setxattr, at("attributes", "acl"), "system.posix_acl_access", acl)
    attempt(os.setxattr, at("attributes", "acl"), "system.posix_acl_default", acl)
    for size in [500, 900, 3000, 20000, 60000]:
        path = at("attributes", f"value{size}")
        write(path, b"")
        attempt(lambda: os.setxattr(path, "user.large", body(size, size)))
    path = at("attributes", "many")
    write(path, b"")
    for index in range(300):
        attempt(lambda: os.setxattr(path, f"user.many{index}", body(40, index)))
    os.symlink("x", at("attributes", "link"))
    attempt(lambda: os.setxattr(at("attributes", "link"), "trusted.link", b"v", follow_symlinks=False))
if "attributes" not in without:
    attributes()

# Directories: deep, large, one that shrank.
deep = root
for index in range(60):
    deep = os.path.join(deep, b"d%d" % index)
    os.mkdir(deep)
write(os.path.join(deep, b"bottom"), b"here")
os.mkdir(at("many"))
for index in range(int(os.environ.get("MANY", "2500"))):
    write(at("many", f"file-with-a-name-{index:06}"), b"" if index % 10 else str(index).encode())
os.mkdir(at("shrunk"))
for index in range(400):
    write(at("shrunk", f"gone-{index}-" + "x" * (index % 150)), b"")
for index in range(400):
    if index % 7:
        os.unlink(at("shrunk", f"gone-{index}-" + "x" * (index % 150)))
os.mkdir(at("few"))
write(at("few", "one"), b"1")
os.mkdir(at("nothing"))
