// Swift's Float.squareRoot() calls sqrtf and keeps its loop scalar; the compiler's elementwise builtins vectorise. Each
// function here is one such builtin under a name that Swift can call.
#pragma once
static inline float lockstep_sqrt(float x) { return __builtin_elementwise_sqrt(x); }
