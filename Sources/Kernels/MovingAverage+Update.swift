import Buffers

extension MovingAverage {
  /// All updates of a global batch at once.
  ///
  /// - Parameters:
  ///   - running: the statistic, in place.
  ///   - sum: of the updates' shares, over all ranks; as many floats.
  ///   - globalBatch: in samples.
  public func update(_ running: Tensor, with sum: Tensor, globalBatch: Int) {
    var values = running.buffer.mutableSpan
    Arithmetic.scale(&values, by: Float(kept(after: updates(for: globalBatch))))
    Arithmetic.add(sum.buffer.span, to: &values)
  }
}
