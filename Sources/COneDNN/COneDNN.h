// oneDNN's C interface differs between 2.x and 3.x; this header offers one that both build behind.
#pragma once
#include <oneapi/dnnl/dnnl.h>
