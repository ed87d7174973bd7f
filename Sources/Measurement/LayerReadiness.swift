/// How long before a rank was done with its backward pass each layer's gradients were final: from this follows what of an
/// exchange can be hidden. Sums over steps, the first of which prepares what later ones reuse and is left out.
public struct LayerReadiness: Sendable {
  private var nanoseconds: [UInt64]
  private var firstPartNanoseconds: [UInt64]
  private var steps = 0
  private var isWarm = false

  /// - Parameter layers: the model's, with and without parameters.
  public init(layers: Int) {
    nanoseconds = Array(repeating: 0, count: layers)
    firstPartNanoseconds = nanoseconds
  }

  /// Takes up one more step; allocates nothing.
  /// - Parameters:
  ///   - done: by the clock, when each layer's were.
  ///   - firstParts: by the clock, when the first of each layer's were; the same for one whose are all final at once.
  ///   - arrival: by the clock, when the rank had nothing left to do.
  public mutating func append(_ done: [UInt64], firstParts: [UInt64], arrival: UInt64) {
    defer { isWarm = true }
    guard isWarm else { return }
    for layer in done.indices {
      nanoseconds[layer] += arrival - min(done[layer], arrival)
      firstPartNanoseconds[layer] += arrival - min(firstParts[layer], arrival)
    }
    steps += 1
  }

  /// Mean seconds of each layer; zeros where no step was taken up.
  public var seconds: [Double] { mean(nanoseconds) }
  /// The same of each layer's first part.
  public var firstPartSeconds: [Double] { mean(firstPartNanoseconds) }

  private func mean(_ nanoseconds: [UInt64]) -> [Double] {
    nanoseconds.map { Double($0) * 1e-9 / Double(max(steps, 1)) }
  }
}
