// oneDNN's C interface differs between 2.x (operations described by value, then made) and 3.x (made in one call from
// opaque descriptors). This header offers one set of functions, named `lockstep_…`, that both build behind. It holds no
// logic: each function says what an operation's arrays look like and hands that on.
#pragma once
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
    lockstep_own_array *array, int rank, const dnnl_dims_t extents, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(array, rank, extents, dnnl_f32, tag);
}
static inline void lockstep_array_destroy(lockstep_own_array array) {
  if (array) dnnl_memory_desc_destroy(array);
}
#else
typedef dnnl_memory_desc_t lockstep_own_array;
#define LOCKSTEP_REFERENCE(array) (&(array))
static inline dnnl_status_t lockstep_array_make(
    lockstep_own_array *array, int rank, const dnnl_dims_t extents, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_init_by_tag(array, rank, extents, dnnl_f32, tag);
}
static inline void lockstep_array_destroy(lockstep_own_array array) { (void)array; }
#endif

// The arrays of a window operation: plain images, weights laid out as oneDNN likes best.
typedef struct {
  lockstep_own_array input, weights, output;
  dnnl_dims_t strides, dilations, padding, padding_after, kernel;
} lockstep_window_arrays;

static inline dnnl_status_t lockstep_window_arrays_make(lockstep_window_arrays *arrays, const lockstep_window *w) {
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
  dnnl_status_t status = lockstep_array_make(&arrays->input, 4, input, dnnl_nhwc);
  if (status == dnnl_success) status = lockstep_array_make(&arrays->output, 4, output, dnnl_nhwc);
  if (status == dnnl_success) status = lockstep_array_make(&arrays->weights, 4, weights, dnnl_format_tag_any);
  return status;
}

static inline void lockstep_window_arrays_destroy(lockstep_window_arrays *arrays) {
  lockstep_array_destroy(arrays->input);
  lockstep_array_destroy(arrays->weights);
  lockstep_array_destroy(arrays->output);
}

typedef enum { lockstep_forward, lockstep_backward_data, lockstep_backward_weights } lockstep_direction;

// Convolution without bias, a direct algorithm. Backward directions take the forward descriptor as `forward`.
static inline dnnl_status_t lockstep_convolution(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, lockstep_direction direction, lockstep_window window,
    const_dnnl_primitive_desc_t forward) {
  lockstep_window_arrays a = {0};
  dnnl_status_t status = lockstep_window_arrays_make(&a, &window);
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

// Pooling, each channel by itself; `algorithm` is dnnl_pooling_max or an average. A `forward` makes the backward one.
static inline dnnl_status_t lockstep_pooling(
    dnnl_primitive_desc_t *made, dnnl_engine_t engine, dnnl_alg_kind_t algorithm, lockstep_window window,
    const_dnnl_primitive_desc_t forward) {
  lockstep_window_arrays a = {0};
  dnnl_status_t status = lockstep_window_arrays_make(&a, &window);
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
  dnnl_status_t status = lockstep_array_make(&array, 4, extents, dnnl_nhwc);
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
  dnnl_status_t status = lockstep_array_make(&array, 4, extents, dnnl_hwio);
  if (status == dnnl_success) status = dnnl_memory_create(memory, LOCKSTEP_REFERENCE(array), engine, data);
  lockstep_array_destroy(array);
  return status;
}

// Memory for one number a channel.
static inline dnnl_status_t lockstep_vector(
    dnnl_memory_t *memory, dnnl_engine_t engine, int64_t channels, void *data) {
  const dnnl_dims_t extents = {channels};
  lockstep_own_array array = {0};
  dnnl_status_t status = lockstep_array_make(&array, 1, extents, dnnl_a);
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
