/// One weight an id: a sample's score is the sum of its ids' weights.
public enum FieldSums {
  /// scores `[rows]` = Σ over fields of weights[ids], with `ids` `[rows, fields]`.
  public static func forward(
    _ weights: Span<Float>, ids: Span<Int32>, fields: Int, into scores: inout MutableSpan<Float>
  ) {
    precondition(ids.count == scores.count * fields, "\(ids.count) ids for \(scores.count) scores of \(fields) fields")
    ShortRows.require(ids, below: weights.count)
    for row in scores.indices {
      var sum: Float = 0
      for field in 0..<fields { sum += weights[unchecked: Int(ids[unchecked: row &* fields &+ field])] }
      scores[row] = sum
    }
  }

  /// sums[slots] += a sample's gradient, for each of its `fields` slots.
  public static func backward(
    _ gradients: Span<Float>, slots: Span<Int32>, fields: Int, addingTo sums: inout MutableSpan<Float>
  ) {
    precondition(
      slots.count == gradients.count * fields, "\(slots.count) slots for \(gradients.count) samples of \(fields)")
    ShortRows.require(slots, below: sums.count)
    for row in gradients.indices {
      let gradient = gradients[row]
      for field in 0..<fields { sums[unchecked: Int(slots[unchecked: row &* fields &+ field])] += gradient }
    }
  }
}
