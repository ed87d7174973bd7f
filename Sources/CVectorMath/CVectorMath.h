// Swift's Float.squareRoot() calls sqrtf and keeps its loop scalar; the compiler's elementwise builtins vectorise. Each
// function here is one such builtin, or one operation with a flag that Swift cannot state, under a name that Swift can
// call.
#pragma once
static inline float lockstep_sqrt(float x) { return __builtin_elementwise_sqrt(x); }
// The flag survives inlining: a sum written with these may be split over vector lanes, in an order fixed when compiled.
static inline float lockstep_reassociable_add(float a, float b) {
#pragma clang fp reassociate(on)
  return a + b;
}
static inline double lockstep_reassociable_add_double(double a, double b) {
#pragma clang fp reassociate(on)
  return a + b;
}
// Asks for the cache line at `place`, to be read soon. Harmless for any address.
static inline void lockstep_prefetch(const void *place) { __builtin_prefetch(place, 0, 3); }
// The same for a line that will be written.
static inline void lockstep_prefetch_for_writing(const void *place) { __builtin_prefetch(place, 1, 3); }

// From now on the calling thread, and threads that it starts, take numbers too small for full precision as 0.
static inline void lockstep_flush_subnormals(void) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);  // flush to zero, and denormals are zero
#elif defined(__aarch64__)
  unsigned long control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("msr fpcr, %0" : : "r"(control | 1ul << 24));  // FZ
#endif
}

typedef unsigned lockstep_words __attribute__((ext_vector_type(16)));
// Whether the 16 floats at each of three places are all +0, in a few instructions: Swift compares and reduces lane by lane.
static inline _Bool lockstep_are_zero(const void *a, const void *b, const void *c) {
  lockstep_words x, y, z;
  __builtin_memcpy(&x, a, sizeof x);
  __builtin_memcpy(&y, b, sizeof y);
  __builtin_memcpy(&z, c, sizeof z);
  return __builtin_reduce_or(x | y | z) == 0;
}

typedef unsigned char lockstep_bytes __attribute__((ext_vector_type(64)));
typedef _Bool lockstep_flags __attribute__((ext_vector_type(64)));
// Places of `byte` among the 64 bytes at `place`: bit n for byte n.
static inline unsigned long long lockstep_matches(const void *place, unsigned char byte) {
  lockstep_bytes bytes;
  __builtin_memcpy(&bytes, place, sizeof bytes);
  lockstep_flags flags = __builtin_convertvector(bytes == (lockstep_bytes)byte, lockstep_flags);
  unsigned long long matches;
  __builtin_memcpy(&matches, &flags, sizeof matches);
  return matches;
}
