// MPI's constants are macros, and its handles are pointers in one library and integers in the other. Swift sees neither
// well, so each handle is wrapped in a struct of its own and each constant that Lockstep uses has a getter here. Nothing
// but MPI 3.1 is used: Open MPI 4 and 5 and MPICH 4 and 5 all fit.
#pragma once
#include <mpi.h>

typedef struct { MPI_Comm handle; } lockstep_mpi_comm;
typedef struct { MPI_Datatype handle; } lockstep_mpi_datatype;
typedef struct { MPI_Op handle; } lockstep_mpi_op;
typedef struct { MPI_Request handle; } lockstep_mpi_request;

#define LOCKSTEP_MPI_GETTER(type, name, value) \
  static inline type lockstep_mpi_##name(void) { return (type){value}; }

LOCKSTEP_MPI_GETTER(lockstep_mpi_comm, comm_world, MPI_COMM_WORLD)
LOCKSTEP_MPI_GETTER(lockstep_mpi_comm, comm_null, MPI_COMM_NULL)
LOCKSTEP_MPI_GETTER(lockstep_mpi_request, request_null, MPI_REQUEST_NULL)

LOCKSTEP_MPI_GETTER(lockstep_mpi_datatype, float, MPI_FLOAT)
LOCKSTEP_MPI_GETTER(lockstep_mpi_datatype, double, MPI_DOUBLE)
LOCKSTEP_MPI_GETTER(lockstep_mpi_datatype, int8, MPI_INT8_T)
LOCKSTEP_MPI_GETTER(lockstep_mpi_datatype, int16, MPI_INT16_T)
LOCKSTEP_MPI_GETTER(lockstep_mpi_datatype, int32, MPI_INT32_T)
LOCKSTEP_MPI_GETTER(lockstep_mpi_datatype, int64, MPI_INT64_T)
LOCKSTEP_MPI_GETTER(lockstep_mpi_datatype, uint8, MPI_UINT8_T)
LOCKSTEP_MPI_GETTER(lockstep_mpi_datatype, uint16, MPI_UINT16_T)
LOCKSTEP_MPI_GETTER(lockstep_mpi_datatype, uint32, MPI_UINT32_T)
LOCKSTEP_MPI_GETTER(lockstep_mpi_datatype, uint64, MPI_UINT64_T)

LOCKSTEP_MPI_GETTER(lockstep_mpi_op, sum, MPI_SUM)
LOCKSTEP_MPI_GETTER(lockstep_mpi_op, product, MPI_PROD)
LOCKSTEP_MPI_GETTER(lockstep_mpi_op, minimum, MPI_MIN)
LOCKSTEP_MPI_GETTER(lockstep_mpi_op, maximum, MPI_MAX)
LOCKSTEP_MPI_GETTER(lockstep_mpi_op, logical_and, MPI_LAND)
LOCKSTEP_MPI_GETTER(lockstep_mpi_op, logical_or, MPI_LOR)
LOCKSTEP_MPI_GETTER(lockstep_mpi_op, bitwise_and, MPI_BAND)
LOCKSTEP_MPI_GETTER(lockstep_mpi_op, bitwise_or, MPI_BOR)
LOCKSTEP_MPI_GETTER(lockstep_mpi_op, bitwise_xor, MPI_BXOR)

LOCKSTEP_MPI_GETTER(int, success, MPI_SUCCESS)
LOCKSTEP_MPI_GETTER(int, error_count, MPI_ERR_COUNT)
LOCKSTEP_MPI_GETTER(int, undefined, MPI_UNDEFINED)
LOCKSTEP_MPI_GETTER(int, any_source, MPI_ANY_SOURCE)
LOCKSTEP_MPI_GETTER(int, any_tag, MPI_ANY_TAG)
LOCKSTEP_MPI_GETTER(int, comm_type_shared, MPI_COMM_TYPE_SHARED)
LOCKSTEP_MPI_GETTER(int, thread_single, MPI_THREAD_SINGLE)
LOCKSTEP_MPI_GETTER(int, thread_funneled, MPI_THREAD_FUNNELED)
LOCKSTEP_MPI_GETTER(int, thread_serialized, MPI_THREAD_SERIALIZED)
LOCKSTEP_MPI_GETTER(int, thread_multiple, MPI_THREAD_MULTIPLE)
LOCKSTEP_MPI_GETTER(int, max_error_string, MPI_MAX_ERROR_STRING)
LOCKSTEP_MPI_GETTER(int, max_library_version_string, MPI_MAX_LIBRARY_VERSION_STRING)
LOCKSTEP_MPI_GETTER(int, max_processor_name, MPI_MAX_PROCESSOR_NAME)
LOCKSTEP_MPI_GETTER(int, max_port_name, MPI_MAX_PORT_NAME)

// The type of the elements comes as a pointer that nobody reads: whoever makes an operation knows its type.
typedef void (*lockstep_mpi_function)(const void *values, void *sums, const int *count, void *type);

static inline int lockstep_mpi_op_create(lockstep_mpi_function function, lockstep_mpi_op *op) {
  return MPI_Op_create((MPI_User_function *)(void *)function, 1, &op->handle);
}

// The name of a control variable, by which an MPI library shows what it has loaded: MPI 3.1 section 14.3.6. False where there is
// none at this index (any more).
static inline int lockstep_mpi_variable_name(int index, char *name, int *length) {
  int verbosity, bind, scope, described = 0;
  MPI_Datatype type;
  MPI_T_enum values;
  return MPI_T_cvar_get_info(index, name, length, &verbosity, &type, &values, NULL, &described, &bind, &scope) == MPI_SUCCESS;
}

static inline void *lockstep_mpi_in_place(void) { return MPI_IN_PLACE; }
static inline MPI_Status *lockstep_mpi_status_ignore(void) { return MPI_STATUS_IGNORE; }
static inline int lockstep_mpi_is_pending(const lockstep_mpi_request *request) {
  return request->handle != MPI_REQUEST_NULL;
}
static inline MPI_Info lockstep_mpi_info_null(void) { return MPI_INFO_NULL; }
static inline MPI_Errhandler lockstep_mpi_errors_return(void) { return MPI_ERRORS_RETURN; }

// User-level failure mitigation, which few libraries have: looked for by name when the program runs. The names are those of its
// proposal: MPIX_Comm_revoke, MPIX_Comm_shrink, MPIX_Comm_agree.
typedef int (*lockstep_mpi_revoke_function)(MPI_Comm);
typedef int (*lockstep_mpi_shrink_function)(MPI_Comm, MPI_Comm *);
typedef int (*lockstep_mpi_agree_function)(MPI_Comm, int *);
