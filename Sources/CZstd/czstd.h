// The buffers of libzstd 1, as zstd.h lays them out. Declared here and not included, so that the build needs no package
// for it; the library is opened at run time. A test compiles this against the installed header.
#pragma once
#include <stddef.h>

struct kvmcheck_zstd_in {
    const void *src;
    size_t size;
    size_t pos;
};

struct kvmcheck_zstd_out {
    void *dst;
    size_t size;
    size_t pos;
};
