// libudev's declarations only: the library is opened at run time, so nothing here links it.
#pragma once
#include <libudev.h>
