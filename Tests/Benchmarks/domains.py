#!/usr/bin/env python3
"""Of libvirt's own documents of domains: how many of those that it refuses for their meaning are reported as errors.

Usage: Tests/Benchmarks/domains.py     with KVMCHECK_CORPUS=FOLDER (the folder that holds libvirt/)

Exits 1 where a document that libvirt takes is reported as an error. The rules know nothing of a host: what depends on
one is not counted. KVMCHECK_VERBOSE=1 lists the documents.
"""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    if "KVMCHECK_CORPUS" not in os.environ:
        sys.exit("needs KVMCHECK_CORPUS")
    run = subprocess.run(
        ["swift", "test", "--filter", "DomainCorpusTests"], cwd=ROOT, text=True, capture_output=True, check=False)
    for line in run.stdout.splitlines():
        if line.startswith(("semantic-error:", "  ")):
            print(line)
    sys.exit(run.returncode)


if __name__ == "__main__":
    main()
