/// A non-blocking call under way (MPI 3.1 §3.7, §5.12) and the memory that it works on. `wait()` ends it and gives the
/// memory back; dropping it waits as well, because memory must not be freed under MPI.
///
/// Most MPI libraries move data only while some call of MPI runs: without `test()` now and then, everything may happen
/// in `wait()`.
public struct InFlight<Payload: ~Copyable>: ~Copyable {
  @usableFromInline var request: Request
  @usableFromInline var payload: Payload?
  /// Counts and displacements, which MPI reads until the end.
  @usableFromInline let blocks: (Blocks?, Blocks?)

  @inlinable
  init(_ request: consuming Request, _ payload: consuming Payload, blocks: (Blocks?, Blocks?) = (nil, nil)) {
    self.request = request
    self.payload = consume payload
    self.blocks = blocks
  }

  @inlinable
  deinit {
    var request = self.request
    request.finish()
  }

  /// Whether it is complete; gives MPI the chance to progress. MPI 3.1 §3.7.3. Throws `MPIError`.
  @inlinable
  public mutating func test() throws -> Bool { try request.test() }

  /// Blocks until it is complete. MPI 3.1 §3.7.3. Where ranks share cores (`MessagePassingLibrary.yields`) it sleeps
  /// meanwhile. Throws `MPIError`.
  @inlinable
  public consuming func wait() throws -> Payload {
    try request.wait()
    return payload.take()!
  }

  /// As `wait()`, but sleeps between tests, about half a millisecond each time: for waits so long that a spinning
  /// processor core would be missed elsewhere. Throws `MPIError`.
  public consuming func waitPolitely() throws -> Payload {
    try request.waitBeside(microseconds: 500)
    return try wait()
  }
}
