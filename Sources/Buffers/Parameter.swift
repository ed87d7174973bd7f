/// One named array of a model, as a plain value: what it is called, how large it is and what it starts as.
public struct Parameter: Hashable, Sendable {
  /// The values before the first update.
  public enum Start: Hashable, Sendable {
    /// The same number everywhere.
    case constant(Float)
    /// Uniform in ±limit.
    case uniform(limit: Float)
    /// Normal with mean 0.
    case normal(deviation: Float)
  }

  /// How the numbers change from one update to the next.
  public enum Role: Hashable, Sendable {
    /// Follows its gradient.
    case trained
    /// A running statistic (batch norm's mean and variance): its slot in the gradient arena carries this step's
    /// contribution to the moving average, which ranks sum like any gradient, and no optimiser touches it.
    case statistic(MovingAverage)
    /// Rows that are looked up by id. Trained, but only the rows that a global batch touches have a gradient
    /// (`RowGradients`); nothing of a table lies in the gradient arena.
    case table
  }

  /// Whether it is a running statistic, which no gradient changes.
  public var isStatistic: Bool {
    if case .statistic = role { true } else { false }
  }

  /// Unique within a model: `layer.array`, for instance `dense1.weight`.
  public let name: String
  /// Dimensions of the array; a table's are `[rows, width]`.
  public let shape: Shape
  /// The values before the first update.
  public let start: Start
  /// How the numbers change, and whether they have a place in the gradient arena.
  public let role: Role

  /// A parameter that an optimiser trains, unless `role` says otherwise.
  public init(name: String, shape: Shape, start: Start, role: Role = .trained) {
    self.name = name
    self.shape = shape
    self.start = start
    self.role = role
  }

  /// Fills `tensor` with the starting values: a pure function of seed, name and element, so every rank gets the same.
  public func initialize(_ tensor: Tensor, seed: UInt64) {
    precondition(tensor.count == shape.count, "\(name) is \(shape), not \(tensor.shape)")
    let random = Philox(seed, FNV1a.hash(name))
    switch start {
    case .constant(let value): tensor.fill(value)
    case .uniform(let limit):
      fill(tensor) { index in (2 * Philox.unit(random.block(UInt64(index), 0).x) - 1) * limit }
    case .normal(let deviation): fill(tensor, random, deviation: deviation)
    }
  }

  /// Four values a block.
  private func fill(_ tensor: Tensor, _ random: Philox, deviation: Float) {
    let buffer = tensor.buffer
    for start in stride(from: 0, to: buffer.count, by: 4) {
      let words = random.block(UInt64(start / 4), 0)
      for half in 0..<min(2, (buffer.count - start + 1) / 2) {
        let pair = Philox.normals(words[2 * half], words[2 * half + 1], deviation: deviation)
        buffer[start + 2 * half] = pair.0
        if start + 2 * half + 1 < buffer.count { buffer[start + 2 * half + 1] = pair.1 }
      }
    }
  }

  private func fill(_ tensor: Tensor, _ value: (Int) -> Float) {
    let buffer = tensor.buffer
    for index in buffer.indices { buffer[index] = value(index) }
  }
}
