internal import CMPI

/// How values of several ranks become one: MPI 3.1 §5.9.2. The logical and bitwise ones are for integers only.
public enum Reduction: Sendable, CaseIterable {
  case sum, product, minimum, maximum, logicalAnd, logicalOr, bitwiseAnd, bitwiseOr, bitwiseXor

  var handle: lockstep_mpi_op {
    switch self {
    case .sum: lockstep_mpi_sum()
    case .product: lockstep_mpi_product()
    case .minimum: lockstep_mpi_minimum()
    case .maximum: lockstep_mpi_maximum()
    case .logicalAnd: lockstep_mpi_logical_and()
    case .logicalOr: lockstep_mpi_logical_or()
    case .bitwiseAnd: lockstep_mpi_bitwise_and()
    case .bitwiseOr: lockstep_mpi_bitwise_or()
    case .bitwiseXor: lockstep_mpi_bitwise_xor()
    }
  }
}
