// Timing loops in C over the same MPI calls: what Lockstep's binding is measured against. Each makes `repeats` calls on
// MPI_COMM_WORLD and returns MPI's code. And of glibc malloc's tracing and trimming,
// which Swift's module of glibc lacks.
#pragma once
#include <malloc.h>
#include <mcheck.h>
#include <mpi.h>

static inline int lockstep_reference_all_reduce(float *values, int count, long repeats) {
  int code = MPI_SUCCESS;
  for (long i = 0; i < repeats && code == MPI_SUCCESS; i++)
    code = MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
  return code;
}

static inline int lockstep_reference_start_all_reduce(float *values, int count, long repeats) {
  int code = MPI_SUCCESS;
  for (long i = 0; i < repeats && code == MPI_SUCCESS; i++) {
    MPI_Request request;
    code = MPI_Iallreduce(MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &request);
    if (code == MPI_SUCCESS) code = MPI_Wait(&request, MPI_STATUS_IGNORE);
  }
  return code;
}

static inline int lockstep_reference_barrier(long repeats) {
  int code = MPI_SUCCESS;
  for (long i = 0; i < repeats && code == MPI_SUCCESS; i++) code = MPI_Barrier(MPI_COMM_WORLD);
  return code;
}
