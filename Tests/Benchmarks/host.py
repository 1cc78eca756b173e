#!/usr/bin/env python3
"""kvmcheck host against virt-host-validate: a paired run, the ratio of the median wall times, the peak memory.

    swift build -c release --product kvmcheck --static-swift-stdlib
    Tests/Benchmarks/host.py [RUNS]

Both look at this machine, one after the other in turn, so that whatever else the machine does falls on both alike.
kvmcheck makes and runs a real guest in each run; virt-host-validate only looks. Prints both medians, their ratio and the
largest resident set that the kernel counted (ru_maxrss), and exits 1 where a bound of issue "1 of 5" does not hold.
"""
import os
import statistics
import sys
import time

TOOL = os.path.join(os.path.dirname(__file__), "../../.build/release/kvmcheck")
PEER = "/usr/bin/virt-host-validate"
RATIO_LIMIT = 1.0
MEMORY_LIMIT_KIB = 40 * 1024


def run(*command):
    """Wall time in milliseconds and peak resident set in KiB of one run, its output thrown away."""
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        os.execv(command[0], command)
    _, status, usage = os.wait4(child, 0)
    if not os.WIFEXITED(status):
        sys.exit(f"{command[0]} died: status {status}")
    return (time.perf_counter() - started) * 1000, usage.ru_maxrss


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 201
    for path in (TOOL, PEER):
        if not os.access(path, os.X_OK):
            sys.exit(f"{path} is missing")
    ours, theirs, peak = [], [], 0
    for turn in range(runs + 5):
        mine = run(TOOL, "host")
        peer = run(PEER, "qemu")
        if turn >= 5:  # the first turns fill the page cache
            ours.append(mine[0])
            theirs.append(peer[0])
            peak = max(peak, mine[1])
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"kvmcheck host            median {statistics.median(ours):6.2f} ms of {runs} runs, peak {peak / 1024:.1f} MiB")
    print(f"virt-host-validate qemu  median {statistics.median(theirs):6.2f} ms")
    print(f"ratio {ratio:.2f} (at most {RATIO_LIMIT:.2f}), memory at most {MEMORY_LIMIT_KIB // 1024} MiB")
    sys.exit(0 if ratio <= RATIO_LIMIT and peak <= MEMORY_LIMIT_KIB else 1)


main()
