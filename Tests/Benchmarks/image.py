#!/usr/bin/env python3
"""Looking into a guest's image: kvmcheck against libguestfs' appliance tools, and a large file out of it against qemu-img.

    swift build -c release --product kvmcheck --static-swift-stdlib
    Tests/Benchmarks/image.py IMAGE.qcow2

IMAGE is a guest with an installed system, about 3 GiB. Prints the ratio of the wall time of `virt-inspector` and of
`qemu-img info` with `virt-filesystems --all` to that of `kvmcheck image`, the share of the image that is read, and peak memory;
then the throughput of `kvmcheck image cat` of a 500 MB file against `qemu-img dd` of its image. Needs libguestfs-tools, strace
and e2fsprogs; the appliance runs without KVM (`LIBGUESTFS_BACKEND_SETTINGS=force_tcg`). Exits 1 where a bound is missed.
"""
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

TOOL = str(pathlib.Path(__file__).resolve().parents[2] / ".build/release/kvmcheck")
APPLIANCE = {"LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg"}
FASTER, SHARE, MEMORY, THROUGHPUT = 500, 0.01, 64, 0.6


def run(*command, output=os.devnull):
    """Wall seconds and peak MiB of one run."""
    with open(output, "wb") as sink:
        started = time.perf_counter()
        child = subprocess.Popen(command, stdout=sink, stderr=subprocess.DEVNULL, env={**os.environ, **APPLIANCE})
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit {child.returncode}")
    return seconds, usage.ru_maxrss / 1024


def bytes_read(image, folder):
    """What is read of the image, by strace."""
    trace = folder / "trace"
    subprocess.run(["strace", "-f", "-y", "-e", "trace=read,pread64", "-o", trace, TOOL, "image", image],
                   stdout=subprocess.DEVNULL, check=False)
    name = re.escape(os.path.realpath(image))
    lines = trace.read_text(errors="replace").splitlines()
    return sum(int(m[1]) for m in (re.search(rf"{name}>.*= (\d+)$", line) for line in lines) if m)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    image, fits = sys.argv[1], True

    def tell(name, value, bound, holds):
        nonlocal fits
        fits = fits and holds
        print(f"{name}: {value} ({bound}: {'yes' if holds else 'NO'})")

    runs = [run(TOOL, "image", image) for _ in range(21)]
    ours, peak = statistics.median(seconds for seconds, _ in runs), max(memory for _, memory in runs)
    print(f"kvmcheck image: {ours * 1e3:.1f} ms")
    inspector, _ = run("virt-inspector", "-a", image)
    listing = run("qemu-img", "info", image)[0] + run("virt-filesystems", "--all", "--long", "-a", image)[0]
    for name, theirs in (("virt-inspector", inspector), ("qemu-img info + virt-filesystems", listing)):
        ratio = theirs / ours
        tell(f"{name}: {theirs:.1f} s, times ours", f"{ratio:.0f}", f"at least {FASTER}", ratio >= FASTER)
    with tempfile.TemporaryDirectory(prefix="kvmcheck-bench-") as name:
        folder = pathlib.Path(name)
        share = bytes_read(image, folder) / os.stat(image).st_size
        tell("share of the image that is read", f"{share:.2%}", f"below {SHARE:.0%}", share < SHARE)
        tell("peak memory", f"{peak:.0f} MiB", f"below {MEMORY}", peak < MEMORY)

        (folder / "tree").mkdir()
        with open("/dev/urandom", "rb") as source, open(folder / "tree/large", "wb") as file:
            for _ in range(500):
                file.write(source.read(1_000_000))
        raw, qcow2 = folder / "large.raw", folder / "large.qcow2"
        subprocess.run(["mkfs.ext4", "-q", "-d", folder / "tree", raw, "600M"], check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["qemu-img", "convert", "-O", "qcow2", raw, qcow2], check=True)
        raw.unlink()
        copies = [run(TOOL, "image", "cat", str(qcow2), "/large", output=folder / "copy")[0] for _ in range(5)]
        if (folder / "copy").read_bytes() != (folder / "tree/large").read_bytes():
            sys.exit("image cat: the copy differs")
        peers = [run("qemu-img", "dd", "-O", "raw", "bs=4M", f"if={qcow2}", f"of={folder / 'disk'}")[0] for _ in range(5)]
        speed = 500e6 / statistics.median(copies)
        theirs = os.stat(folder / "disk").st_blocks * 512 / statistics.median(peers)
        tell(f"image cat: {speed / 1e6:.0f} MB/s, qemu-img dd: {theirs / 1e6:.0f} MB/s, ratio", f"{speed / theirs:.2f}",
             f"at least {THROUGHPUT}", speed / theirs >= THROUGHPUT)
    sys.exit(0 if fits else 1)


if __name__ == "__main__":
    main()
