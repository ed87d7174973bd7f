import Glibc

/// What a model was fitted to, and how far from it a place lies.
struct MeasuredRange: Equatable {
  private let ranks: ClosedRange<Int>
  private let nodes: ClosedRange<Int>
  private let samples: ClosedRange<Double>
  private let places: Set<Place>

  private struct Place: Hashable {
    let globalBatch: Int
    let ranks: Int
    let nodes: Int
  }

  /// - Precondition: there is a figure.
  init(_ figures: [StepFigures]) {
    func range<Value: Comparable>(_ value: (StepFigures) -> Value) -> ClosedRange<Value> {
      let all = figures.map(value)
      return all.min()!...all.max()!
    }
    ranks = range(\.ranks)
    nodes = range(\.nodes)
    samples = range(\.samples)
    // Points are on cores of their own: on shared ones the very place was not measured.
    places = Set(
      figures.filter(\.crowd.isRoomy).map { Place(globalBatch: $0.globalBatch, ranks: $0.ranks, nodes: $0.nodes) })
  }

  /// The largest number of ranks.
  var mostRanks: Int { ranks.upperBound }

  /// The fewest samples of a busiest rank.
  var fewestSamples: Double { samples.lowerBound }

  /// - Parameter samples: of the busiest rank.
  func basis(globalBatch: Int, samples: Double, ranks: Int, nodes: Int) -> Projection.Basis {
    if places.contains(Place(globalBatch: globalBatch, ranks: ranks, nodes: nodes)) { return .measured }
    return distance(samples: samples, ranks: ranks, nodes: nodes) < 1e-9
      ? .interpolated : .extrapolated
  }

  /// Doublings beyond the most ranks or nodes, whichever are more, and of the samples of the busiest rank beyond the
  /// most or below the fewest; 0 within.
  func distance(samples: Double, ranks: Int, nodes: Int) -> Double {
    func beyond(_ value: Double, _ least: Double, _ most: Double) -> Double {
      max(0, log2(value / most), log2(least / value))
    }
    return max(
      beyond(Double(ranks), Double(self.ranks.lowerBound), Double(self.ranks.upperBound)),
      beyond(Double(nodes), Double(self.nodes.lowerBound), Double(self.nodes.upperBound)))
      + beyond(samples, self.samples.lowerBound, self.samples.upperBound)
  }
}
