// Filled with the SR-IOV probe.
