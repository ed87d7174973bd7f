// Timing loops in C over the same MPI calls: what Lockstep's binding is measured against.
#pragma once
