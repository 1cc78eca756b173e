#!/usr/bin/env python3
"""CPU time of loading libvirt's documents with positions and reading every value of their typed views, against
`xmllint --noout` on the same files, in pairs.

Usage: Tests/Benchmarks/xml.py [PAIRS]     with KVMCHECK_CORPUS=FOLDER (the folder that holds libvirt/)

Exits 1 where that costs more than twice what xmllint does; what loading alone costs is told beside it. Needs xmllint (libxml2-utils) and a release build of
xml-benchmark: swift build -c release --product xml-benchmark
"""

import os
import pathlib
import statistics
import subprocess
import sys

LIMIT = 2.0
ROOT = pathlib.Path(__file__).resolve().parents[2]


def cpu(command, text=None):
    """User and system seconds that a command takes, its children included."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE if text else subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if text:
        process.stdin.write(text)
        process.stdin.close()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime


def main():
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    corpus = os.environ.get("KVMCHECK_CORPUS")
    driver = ROOT / ".build/release/xml-benchmark"
    if not corpus or not driver.exists():
        sys.exit("needs KVMCHECK_CORPUS and " + str(driver))
    files = sorted(str(path) for path in (pathlib.Path(corpus) / "libvirt").rglob("*.xml"))
    listed = "\n".join(files).encode()
    ours, trees, theirs = [], [], []
    for _ in range(pairs):
        theirs.append(cpu(["xmllint", "--noout", *files]))
        trees.append(cpu([str(driver), "1", "tree"], listed))
        ours.append(cpu([str(driver)], listed))
    ratios = [a / b for a, b in zip(ours, theirs)]
    alone = statistics.median(a / b for a, b in zip(trees, theirs))
    print(f"{len(files)} documents, {sum(os.path.getsize(f) for f in files) / 1e6:.1f} MB, {pairs} pairs")
    print(f"xmllint --noout   {statistics.median(theirs) * 1000:7.1f} ms CPU (median)")
    print(f"tree with places  {statistics.median(trees) * 1000:7.1f} ms CPU (median), ratio {alone:.2f}")
    print(f"and typed views   {statistics.median(ours) * 1000:7.1f} ms CPU (median)")
    print(f"ratio             {statistics.median(ratios):7.2f}    (limit {LIMIT}, least {min(ratios):.2f}, most {max(ratios):.2f})")
    sys.exit(statistics.median(ratios) > LIMIT)


if __name__ == "__main__":
    main()
