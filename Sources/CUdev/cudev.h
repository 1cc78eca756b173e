// libudev's declarations only: the library is opened at run time, so nothing here links it.
#pragma once
#include <libudev.h>

// The types of the functions that are looked up by name, taken from the declarations themselves.
typedef __typeof__(&udev_new) cudev_new;
typedef __typeof__(&udev_unref) cudev_unref;
typedef __typeof__(&udev_hwdb_new) cudev_hwdb_new;
typedef __typeof__(&udev_hwdb_unref) cudev_hwdb_unref;
typedef __typeof__(&udev_hwdb_get_properties_list_entry) cudev_hwdb_get_properties_list_entry;
typedef __typeof__(&udev_list_entry_get_next) cudev_list_entry_get_next;
typedef __typeof__(&udev_list_entry_get_name) cudev_list_entry_get_name;
typedef __typeof__(&udev_list_entry_get_value) cudev_list_entry_get_value;
