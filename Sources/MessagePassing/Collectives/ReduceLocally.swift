internal import CMPI

extension Communicator {
  /// Combines two buffers of this rank element by element, the result in the second, as MPI does it within a reduction; no
  /// other rank takes part. MPI 3.1 §5.9.7. Throws `MPIError`.
  public func reduceLocally<Element: MessageElement>(
    _ values: Span<Element>, into result: consuming MutableSpan<Element>, _ reduction: Reduction
  ) throws {
    let count = try whole(values.count, "MPI_Reduce_local")
    precondition(result.count == values.count, "\(values.count) elements into \(result.count)")
    try values.withUnsafeBytes { values in
      try result.withUnsafeMutableBytes { result in
        try check(
          MPI_Reduce_local(
            values.baseAddress, result.baseAddress, count, Element.datatype.handle.handle, reduction.handle.handle),
          "MPI_Reduce_local")
      }
    }
  }
}
