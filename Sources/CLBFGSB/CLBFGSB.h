#pragma once
#include <stddef.h>

/// L-BFGS-B 3.0 by reverse communication (Zhu, Byrd, Lu and Nocedal 1997; Morales and Nocedal 2011). The library has no
/// header: this is its Fortran routine as gfortran names it, the lengths of the two texts behind all other arguments.
void setulb_(
    const int *n, const int *m, double *x, const double *l, const double *u, const int *nbd, double *f, double *g,
    const double *factr, const double *pgtol, double *wa, int *iwa, char *task, const int *iprint, char *csave,
    int *lsave, int *isave, double *dsave, size_t task_length, size_t csave_length);
