// The stream of zlib 1.2 and later, as zlib.h lays it out. Declared here and not included, so that the build needs no
// package for it; the library is opened at run time. A test compiles this against the installed header.
#pragma once

struct kvmcheck_z_stream {
    const unsigned char *next_in;
    unsigned int avail_in;
    unsigned long total_in;
    unsigned char *next_out;
    unsigned int avail_out;
    unsigned long total_out;
    const char *msg;
    void *state;
    void *zalloc;
    void *zfree;
    void *opaque;
    int data_type;
    unsigned long adler;
    unsigned long reserved;
};
