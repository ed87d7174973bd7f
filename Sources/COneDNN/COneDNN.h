// oneDNN's C interface differs between 2.x (operations described by value, then made) and 3.x (made in one call from
// opaque descriptors). This header offers one set of functions, named `lockstep_…`, that both build behind. It holds no
// logic: each function says what an operation's arrays look like and hands that on.
#pragma once
#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <oneapi/dnnl/dnnl.h>
#include <stdint.h>

// A borrowed description of an array, owned by the primitive descriptor or memory it was asked from.
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t lockstep_array;
#else
typedef const dnnl_memory_desc_t *lockstep_array;
#endif

// A square window that moves over `rows` images: convolution and pooling. Arrays are `[rows, height, width, channels]`
// with channels innermost; convolution weights `[kernel, kernel, input channels, output channels]`.
typedef struct {
  int64_t rows;
  int64_t input_height, input_width, input_channels;
  int64_t output_height, output_width, output_channels;
  int64_t kernel, stride, padding;
} lockstep_window;

// An array's description that this header makes and destroys.
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t lockstep_own_array;
#define LOCKSTEP_REFERENCE(array) (array)
static inline dnnl_status_t lockstep_array_make(
    lockstep_own_array *array, int rank, const dnnl_dims_t extents, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(array, rank, extents, type, tag);
}
static inline dnnl_status_t lockstep_matrix_make(
    lockstep_own_array *array, const dnnl_dims_t extents, dnnl_data_type_t type, const dnnl_dims_t strides) {
  return dnnl_memory_desc_create_with_strides(array, 2, extents, type, strides);
}
static inline void lockstep_array_destroy(lockstep_own_array array) {
  if (array) dnnl_memory_desc_destroy(array);
}
#else
typedef dnnl_memory_desc_t lockstep_own_array;
#define LOCKSTEP_REFERENCE(array) (&(array))
static inline dnnl_status_t lockstep_array_make(
    lockstep_own_array *array, int rank, const dnnl_dims_t extents, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_init_by_tag(array, rank, extents, type, tag);
}
static inline dnnl_status_t lockstep_matrix_make(
    lockstep_own_array *array, const dnnl_dims_t extents, dnnl_data_type_t type, const dnnl_dims_t strides) {
  return dnnl_memory_desc_init_by_strides(array, 2, extents, type, strides);
}
static inline void lockstep_array_destroy(lockstep_own_array array) { (void)array; }
#endif

// The numbers of a window operation's arrays.
typedef struct {
  dnnl_data_type_t input, weights, output;
} lockstep_window_types;

// The arrays of a window operation: plain images, weights laid out as oneDNN likes best.
typedef struct {
  lockstep_own_array input, weights, output;
  dnnl_dims_t strides, dilations, padding, padding_after, kernel;
} lockstep_window_arrays;

static inline dnnl_status_t lockstep_window_arrays_make(
    lockstep_window_arrays *arrays, const lockstep_window *w, lockstep_window_types types) {
  const dnnl_dims_t input = {w->rows, w->input_channels, w->input_height, w->input_width};
  const dnnl_dims_t output = {w->rows, w->output_channels, w->output_height, w->output_width};
  const dnnl_dims_t weights = {w->output_channels, w->input_channels, w->kernel, w->kernel};
  for (int i = 0; i < 2; ++i) {
    arrays->strides[i] = w->stride;
    arrays->dilations[i] = 0;
    arrays->padding[i] = w->padding;
    arrays->kernel[i] = w->kernel;
    const int64_t after = (output[2 + i] - 1) * w->stride + w->kernel - input[2 + i] - w->padding;
    arrays->padding_after[i] = after > 0 ? after : 0;
  }
  dnnl_status_t status = lockstep_array_make(&arrays->input, 4, input, types.input, dnnl_nhwc);
  if (status == dnnl_success) status = lockstep_array_make(&arrays->output, 4, output, types.output, dnnl_nhwc);
  if (status == dnnl_success)
    status = lockstep_array_make(&arrays->weights, 4, weights, types.weights, dnnl_format_tag_any);
  return status;
}

static inline void lockstep_window_arrays_destroy(lockstep_window_arrays *arrays) {
  lockstep_array_destroy(arrays->input);
  lockstep_array_destroy(arrays->weights);
  lockstep_array_destroy(arrays->output);
}

typedef enum { lockstep_forward, lockstep_backward_data, lockstep_backward_weights } lockstep_direction;

// What is multiplied is `factors`; what comes out are floats.
static inline lockstep_window_types lockstep_convolution_types(lockstep_direction direction, dnnl_data_type_t factors) {
  const lockstep_window_types types = {
      direction == lockstep_backward_data ? dnnl_f32 : factors,
      direction == lockstep_backward_weights ? dnnl_f32 : factors,
      direction == lockstep_forward ? dnnl_f32 : factors};
  return types;
}

// Convolution without bias, a direct algorithm. Backward directions take the forward descriptor as `forward`.
static inline dnnl_status_t lockstep_convolution(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, lockstep_direction direction, lockstep_window window,
    dnnl_data_type_t factors, const_dnnl_primitive_desc_t forward) {
  lockstep_window_arrays a = {0};
  dnnl_status_t status =
      lockstep_window_arrays_make(&a, &window, lockstep_convolution_types(direction, factors));
#if DNNL_VERSION_MAJOR >= 3
  if (status == dnnl_success && direction == lockstep_forward)
    status = dnnl_convolution_forward_primitive_desc_create(
        made, engine, dnnl_forward_training, dnnl_convolution_direct, a.input, a.weights, NULL, a.output, a.strides,
        a.dilations, a.padding, a.padding_after, NULL);
  else if (status == dnnl_success && direction == lockstep_backward_data)
    status = dnnl_convolution_backward_data_primitive_desc_create(
        made, engine, dnnl_convolution_direct, a.input, a.weights, a.output, a.strides, a.dilations, a.padding,
        a.padding_after, forward, NULL);
  else if (status == dnnl_success)
    status = dnnl_convolution_backward_weights_primitive_desc_create(
        made, engine, dnnl_convolution_direct, a.input, a.weights, NULL, a.output, a.strides, a.dilations, a.padding,
        a.padding_after, forward, NULL);
#else
  dnnl_convolution_desc_t operation;
  if (status == dnnl_success && direction == lockstep_forward)
    status = dnnl_convolution_forward_desc_init(
        &operation, dnnl_forward_training, dnnl_convolution_direct, &a.input, &a.weights, NULL, &a.output, a.strides,
        a.padding, a.padding_after);
  else if (status == dnnl_success && direction == lockstep_backward_data)
    status = dnnl_convolution_backward_data_desc_init(
        &operation, dnnl_convolution_direct, &a.input, &a.weights, &a.output, a.strides, a.padding, a.padding_after);
  else if (status == dnnl_success)
    status = dnnl_convolution_backward_weights_desc_init(
        &operation, dnnl_convolution_direct, &a.input, &a.weights, NULL, &a.output, a.strides, a.padding,
        a.padding_after);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(made, &operation, NULL, engine, forward);
#endif
  lockstep_window_arrays_destroy(&a);
  return status;
}

// C = A·B for matrices [rows, inner] and [inner, columns] of `factors`, each with its own strides, and C of floats, row by
// row; or C += A·B.
static inline dnnl_status_t lockstep_matrix_product(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_data_type_t factors, int64_t rows, int64_t columns,
    int64_t inner, const int64_t a_strides[2], const int64_t b_strides[2], int accumulates) {
  const dnnl_dims_t a_extents = {rows, inner}, b_extents = {inner, columns}, c_extents = {rows, columns};
  const dnnl_dims_t a_steps = {a_strides[0], a_strides[1]}, b_steps = {b_strides[0], b_strides[1]};
  const dnnl_dims_t c_steps = {columns, 1};
  lockstep_own_array a = {0}, b = {0}, c = {0};
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_post_ops_t after = NULL;
  dnnl_status_t status = lockstep_matrix_make(&a, a_extents, factors, a_steps);
  if (status == dnnl_success) status = lockstep_matrix_make(&b, b_extents, factors, b_steps);
  if (status == dnnl_success) status = lockstep_matrix_make(&c, c_extents, dnnl_f32, c_steps);
  if (status == dnnl_success) status = dnnl_primitive_attr_create(&attributes);
  if (status == dnnl_success) status = dnnl_post_ops_create(&after);
#if DNNL_VERSION_MAJOR >= 3
  if (status == dnnl_success && accumulates) status = dnnl_post_ops_append_sum(after, 1, 0, dnnl_data_type_undef);
  if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(attributes, after);
  if (status == dnnl_success) status = dnnl_matmul_primitive_desc_create(made, engine, a, b, NULL, c, attributes);
#else
  dnnl_matmul_desc_t operation;
  if (status == dnnl_success && accumulates) status = dnnl_post_ops_append_sum(after, 1);
  if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(attributes, after);
  if (status == dnnl_success) status = dnnl_matmul_desc_init(&operation, &a, &b, NULL, &c);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(made, &operation, attributes, engine, NULL);
#endif
  if (after) dnnl_post_ops_destroy(after);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  lockstep_array_destroy(a);
  lockstep_array_destroy(b);
  lockstep_array_destroy(c);
  return status;
}

// Pooling, each channel by itself; `algorithm` is dnnl_pooling_max or an average. A `forward` makes the backward one.
static inline dnnl_status_t lockstep_pooling(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_alg_kind_t algorithm, lockstep_window window,
    const_dnnl_primitive_desc_t forward) {
  lockstep_window_arrays a = {0};
  const lockstep_window_types types = {dnnl_f32, dnnl_f32, dnnl_f32};
  dnnl_status_t status = lockstep_window_arrays_make(&a, &window, types);
#if DNNL_VERSION_MAJOR >= 3
  if (status == dnnl_success && forward == NULL)
    status = dnnl_pooling_forward_primitive_desc_create(
        made, engine, dnnl_forward_training, algorithm, a.input, a.output, a.strides, a.kernel, a.dilations, a.padding,
        a.padding_after, NULL);
  else if (status == dnnl_success)
    status = dnnl_pooling_backward_primitive_desc_create(
        made, engine, algorithm, a.input, a.output, a.strides, a.kernel, a.dilations, a.padding, a.padding_after,
        forward, NULL);
#else
  dnnl_pooling_desc_t operation;
  if (status == dnnl_success && forward == NULL)
    status = dnnl_pooling_forward_desc_init(
        &operation, dnnl_forward_training, algorithm, &a.input, &a.output, a.strides, a.kernel, a.padding,
        a.padding_after);
  else if (status == dnnl_success)
    status = dnnl_pooling_backward_desc_init(
        &operation, algorithm, &a.input, &a.output, a.strides, a.kernel, a.padding, a.padding_after);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(made, &operation, NULL, engine, forward);
#endif
  lockstep_window_arrays_destroy(&a);
  return status;
}

// Batch norm over the channels of `[positions, channels]` with the batch's own mean and variance, which it gives out,
// and with scale and shift. A `forward` makes the backward one.
static inline dnnl_status_t lockstep_batch_normalization(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, int64_t positions, int64_t channels,
    float epsilon, const_dnnl_primitive_desc_t forward) {
  const dnnl_dims_t extents = {positions, channels, 1, 1};
  const unsigned flags = dnnl_use_scale | dnnl_use_shift;
  lockstep_own_array array = {0};
  dnnl_status_t status = lockstep_array_make(&array, 4, extents, dnnl_f32, dnnl_nhwc);
#if DNNL_VERSION_MAJOR >= 3
  if (status == dnnl_success && forward == NULL)
    status = dnnl_batch_normalization_forward_primitive_desc_create(
        made, engine, dnnl_forward_training, array, array, epsilon, flags, NULL);
  else if (status == dnnl_success)
    status = dnnl_batch_normalization_backward_primitive_desc_create(
        made, engine, dnnl_backward, array, array, array, epsilon, flags, forward, NULL);
#else
  dnnl_batch_normalization_desc_t operation;
  if (status == dnnl_success && forward == NULL)
    status = dnnl_batch_normalization_forward_desc_init(&operation, dnnl_forward_training, &array, epsilon, flags);
  else if (status == dnnl_success)
    status = dnnl_batch_normalization_backward_desc_init(&operation, dnnl_backward, &array, &array, epsilon, flags);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(made, &operation, NULL, engine, forward);
#endif
  lockstep_array_destroy(array);
  return status;
}

// 2.x asks for the shift on the way back too, though nothing depends on it; 3.x refuses it.
static inline int lockstep_batch_normalization_backward_takes_shift(void) { return DNNL_VERSION_MAJOR < 3; }

// The layout that an operation wants for one of its arrays.
static inline lockstep_array lockstep_wanted(const_dnnl_primitive_desc_t primitive, dnnl_query_t what) {
  return dnnl_primitive_desc_query_md(primitive, what, 0);
}

// Memory for `array` at `data`; NULL where the data is named later.
static inline dnnl_status_t lockstep_memory(
    dnnl_memory_t *memory, dnnl_engine_t engine, lockstep_array array, void *data) {
  return dnnl_memory_create(memory, array, engine, data);
}

// Memory for convolution weights in the window's own plain order.
static inline dnnl_status_t lockstep_plain_weights(
    dnnl_memory_t *memory, dnnl_engine_t engine, lockstep_window w, void *data) {
  const dnnl_dims_t extents = {w.output_channels, w.input_channels, w.kernel, w.kernel};
  lockstep_own_array array = {0};
  dnnl_status_t status = lockstep_array_make(&array, 4, extents, dnnl_f32, dnnl_hwio);
  if (status == dnnl_success) status = dnnl_memory_create(memory, LOCKSTEP_REFERENCE(array), engine, data);
  lockstep_array_destroy(array);
  return status;
}

// Memory for one number a channel.
static inline dnnl_status_t lockstep_vector(
    dnnl_memory_t *memory, dnnl_engine_t engine, int64_t channels, void *data) {
  const dnnl_dims_t extents = {channels};
  lockstep_own_array array = {0};
  dnnl_status_t status = lockstep_array_make(&array, 1, extents, dnnl_f32, dnnl_a);
  if (status == dnnl_success) status = dnnl_memory_create(memory, LOCKSTEP_REFERENCE(array), engine, data);
  lockstep_array_destroy(array);
  return status;
}

static inline lockstep_array lockstep_array_of(const_dnnl_memory_t memory) {
#if DNNL_VERSION_MAJOR >= 3
  const_dnnl_memory_desc_t array = NULL;
#else
  const dnnl_memory_desc_t *array = NULL;
#endif
  return dnnl_memory_get_memory_desc(memory, &array) == dnnl_success ? array : NULL;
}

static inline int64_t lockstep_byte_count(const_dnnl_memory_t memory) {
  return (int64_t)dnnl_memory_desc_get_size(lockstep_array_of(memory));
}

// Copies one memory into another, changing the layout.
static inline dnnl_status_t lockstep_reorder(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, const_dnnl_memory_t from, const_dnnl_memory_t to) {
  return dnnl_reorder_primitive_desc_create(
      made, lockstep_array_of(from), engine, lockstep_array_of(to), engine, NULL);
}

// Whether a processor that has matrix tiles (AMX) also tells their sizes (CPUID leaf 0x1D): some virtual machines do not,
// and code for them ends with an illegal instruction.
static inline int lockstep_tiles_have_sizes(void) {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(0x1D, 0, &a, &b, &c, &d) && a > 0;
#else
  return 0;
#endif
}

// Whether the processor is one of Intel's.
static inline int lockstep_is_intel(void) {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0, &a, &b, &c, &d) && b == signature_INTEL_ebx;
#else
  return 0;
#endif
}
