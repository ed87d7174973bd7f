// MPI's handles are macros in Open MPI; Swift sees functions, so each handle that Lockstep uses has a getter here.
#pragma once
#include <mpi.h>
static inline MPI_Comm lockstep_mpi_comm_world(void) { return MPI_COMM_WORLD; }
