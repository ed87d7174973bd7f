extension Communicator {
  /// Runs `body` on each rank and lets all ranks learn how it went: if it failed anywhere, every rank throws the lowest
  /// failing rank's message as a `CollectiveError`. For whatever may fail on some ranks only, such as reading files.
  ///
  /// Keep messages out of `body`: a rank that fails would leave others waiting for them. Waiting here for a slow rank
  /// costs no processor time.
  public func agree<Result>(_ body: () throws -> Result) throws -> Result {
    let outcome = Swift.Result { try body() }
    let failure = outcome.failure
    let lowest = try startAllReduce(Lease([failure == nil ? size : rank]), .minimum).waitPolitely().values[0]
    if lowest == size { return try outcome.get() }

    let failures = try allReduce(failure == nil ? 0 : 1, .sum)
    let message = try broadcast(failure.map { "\($0)" } ?? "", root: lowest)
    throw CollectiveError(rank: lowest, message: message, failures: failures, ranks: size, observer: rank)
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
