import Batches
import Buffers
import Training

/// The loss along a way between the weights of two runs.
public struct InterpolationFigures: Encodable, Equatable, Sendable {
  /// The shape of the way.
  public var path: Interpolation.Path
  /// In the order of α.
  public var places: [Place]

  /// Quality at one place.
  public struct Place: Encodable, Equatable, Sendable {
    /// 0 at the second run's weights, 1 at the first's.
    public var alpha: Double
    /// On the training set.
    public var training: Figures
    /// On the set that was held out.
    public var heldOut: Figures

    /// Figures of one place.
    public init(alpha: Double, training: Figures, heldOut: Figures) {
      self.alpha = alpha
      self.training = training
      self.heldOut = heldOut
    }
  }

  /// Loss and accuracy of one data set.
  public struct Figures: Encodable, Equatable, Sendable {
    /// Mean per sample, in nats; not finite where it overflowed, or batch norm was given a variance below 0.
    public var loss: Double
    /// Fraction right; nil where the loss is no number.
    public var accuracy: Double?

    /// Figures of one set.
    public init(loss: Double, accuracy: Double?) {
      self.loss = loss
      self.accuracy = accuracy
    }

    init(_ quality: Quality) {
      self.init(loss: quality.loss, accuracy: quality.loss.isNaN ? nil : quality.accuracy)
    }
  }

  /// Figures of one way.
  public init(path: Interpolation.Path, places: [Place]) {
    self.path = path
    self.places = places
  }

  /// Training losses equally far beyond the first run and beyond the second, where both were evaluated and are numbers.
  public var beyond: [(first: Double, second: Double)] {
    places.filter { $0.alpha > 1 }.compactMap { place in
      guard let first = loss(at: place.alpha), let second = loss(at: 1 - place.alpha) else { return nil }
      return (first, second)
    }
  }

  /// The least of f(1 + d) − f(−d) over the distances d that were evaluated; nil where a loss is no number, or both are infinite.
  public var beyondDifference: Double? {
    let differences = beyond.map { $0.first - $0.second }
    guard differences.count == places.count(where: { $0.alpha > 1 }), differences.allSatisfy({ !$0.isNaN }) else {
      return nil
    }
    return differences.min()
  }

  /// The most by which the training loss rises above the line between its values at the two ends, at least 0 (Frankle et al.
  /// 2020, "Linear mode connectivity and the lottery ticket hypothesis"); nil where an end was not evaluated, or a loss is no
  /// number.
  public var barrier: Double? {
    guard let first = loss(at: 1), let second = loss(at: 0) else { return nil }
    let between = places.filter { (0...1).contains($0.alpha) }
    let rises = between.map { $0.training.loss - $0.alpha * first - (1 - $0.alpha) * second }
    return rises.contains(where: \.isNaN) ? nil : rises.reduce(0, max)
  }

  private func loss(at alpha: Double) -> Double? {
    let place = places.first { abs($0.alpha - alpha) < 1e-9 }
    return place.flatMap { $0.training.loss.isNaN ? nil : $0.training.loss }
  }

  /// Evaluates each place on both sets; statistics that belong to the weights are interpolated as they are. Collective.
  ///
  /// - Parameters:
  ///   - first: at α = 1, in the objective's layout.
  ///   - second: at α = 0.
  ///   - heldOut: beside the training set.
  ///   - report: told after each place.
  public static func measure(
    _ interpolation: Interpolation, _ objective: WholeSetObjective, _ first: Tensor, _ second: Tensor,
    heldOut: any Dataset, report: (Place) -> Void = { _ in }
  ) throws -> InterpolationFigures {
    let between = Tensor(first.shape)
    var figures = InterpolationFigures(path: interpolation.path, places: [])
    for alpha in interpolation.alphas {
      between.combine(first, second, interpolation.factors(alpha))
      let place = Place(
        alpha: alpha, training: .init(try objective.quality(of: objective.data.training, at: between)),
        heldOut: .init(try objective.quality(of: heldOut, at: between)))
      figures.places.append(place)
      report(place)
    }
    return figures
  }
}

extension Tensor {
  /// factors.first · a + factors.second · b, in double precision; the point itself where the other's factor is 0.
  fileprivate func combine(_ a: Tensor, _ b: Tensor, _ factors: (first: Double, second: Double)) {
    precondition(a.count == count && b.count == count, "\(a.shape) and \(b.shape) combined into \(shape)")
    for index in 0..<count {
      pointer[index] = Float(factors.first * Double(a.pointer[index]) + factors.second * Double(b.pointer[index]))
    }
  }
}
