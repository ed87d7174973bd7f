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

// Asks for the cache line of a row that is soon to be read and written.
static inline void lockstep_prefetch(const void *address) { __builtin_prefetch(address, 1, 3); }
