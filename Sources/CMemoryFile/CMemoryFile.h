// glibc hides this behind _GNU_SOURCE, which Swift's view of it does not set.
#pragma once
int memfd_create(const char *name, unsigned int flags);
// MFD_CLOEXEC
static inline int lockstep_memory_file(const char *name) { return memfd_create(name, 1u); }
