import Buffers

extension Crew {
  /// What comes out at other weights than the crew's own. Collective.
  ///
  /// - Parameter weights: of ranks that share theirs, the first one's count.
  func at<Result: ~Copyable>(_ weights: Tensor, _ body: () throws -> Result) throws -> Result {
    guard weights.pointer != self.weights.pointer else { return try body() }
    // The network is bound to its memory: what is in it changes places with what is asked for.
    func change() throws { try shared.byOne { weights.exchangeContents(with: self.weights) } }
    try change()
    let result: Result
    do { result = try body() } catch {
      // Others may never come, where ranks share weights; and a run that cannot read or send has ended.
      if shared == nil { try change() }
      throw error
    }
    try change()
    return result
  }
}
