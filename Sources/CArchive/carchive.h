// libarchive's declarations only: the library is opened at run time, so that `kvmcheck host` neither needs it nor waits
// for the seven libraries it brings.
#pragma once
#include <archive.h>
#include <archive_entry.h>
