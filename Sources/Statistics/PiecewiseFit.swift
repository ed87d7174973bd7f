import Glibc

/// Non-negative lines over ranges of x that follow each other, by least squares of *relative* misses: times that grow with
/// a size, where whatever does the work does something else from some size on.
///
/// As many ranges as Schwarz's criterion (1978, "Estimating the dimension of a model") finds worth their parameters, and
/// the best places for them, from all there are.
public struct PiecewiseFit: Equatable, Sendable {
  /// A line from some x on.
  public struct Piece: Equatable, Sendable {
    /// Where it begins: between two points, in the middle on a logarithm; 0 for the first.
    public var from: Double
    /// y where x is 0; at least 0.
    public var intercept: Double
    /// The gain of y with each x; at least 0.
    public var slope: Double
  }

  /// In rising order; at least one.
  public let pieces: [Piece]

  /// Points that a line must have: two would leave nothing to see it miss by.
  public static let leastPoints = 3
  /// Misses below this tell nothing: no timing is better. Keeps a line that is exact from being worth any price.
  private static let noise = 0.01

  /// - Parameters:
  ///   - x: more than 0, in rising order, each once.
  ///   - y: more than 0.
  ///   - most: pieces.
  /// - Returns: nil for fewer points than a line must have, or figures that are not as above.
  public init?(x: [Double], y: [Double], atMost most: Int = 3) {
    precondition(x.count == y.count, "\(x.count) x for \(y.count) y")
    guard x.count >= Self.leastPoints, (x + y).allSatisfy({ $0 > 0 && $0.isFinite }),
      zip(x, x.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    let lines = Lines(x, y)
    var best: (price: Double, cuts: [Int])?
    for count in 1...max(1, min(most, x.count / Self.leastPoints)) {
      guard let (miss, cuts) = lines.best(of: count, from: 0) else { continue }
      let points = Double(x.count)
      let price = points * log(miss / points + Self.noise * Self.noise) + 3 * Double(count) * log(points)
      if best.map({ price < $0.price }) ?? true { best = (price, cuts) }
    }
    guard let cuts = best?.cuts else { return nil }
    let starts = [0] + cuts
    pieces = zip(starts, cuts + [x.count]).map { start, end in
      let line = lines[start, end]
      return Piece(
        from: start == 0 ? 0 : (x[start - 1] * x[start]).squareRoot(), intercept: line.intercept, slope: line.slope)
    }
  }

  /// y at an x.
  public func callAsFunction(_ x: Double) -> Double {
    let piece = piece(at: x)
    return piece.intercept + piece.slope * x
  }

  /// The index in `pieces` of the one that an x falls into.
  package func place(of x: Double) -> Int { pieces.lastIndex { $0.from <= x } ?? 0 }

  /// The piece that an x falls into.
  package func piece(at x: Double) -> Piece { pieces[place(of: x)] }
}

/// Lines through every run of points.
private struct Lines {
  struct Line {
    var intercept: Double
    var slope: Double
    var miss: Double
  }

  private var lines: [[Line?]]
  private let count: Int

  init(_ x: [Double], _ y: [Double]) {
    count = x.count
    lines = (0..<x.count).map { start in
      (0...x.count).map { end in
        guard end - start >= PiecewiseFit.leastPoints else { return nil }
        return Self.line(Array(x[start..<end]), Array(y[start..<end]))
      }
    }
  }

  subscript(start: Int, end: Int) -> Line { lines[start][end]! }

  /// The best so many lines from `start` to the last point: their squared miss, and where the second and later begin.
  func best(of pieces: Int, from start: Int) -> (miss: Double, cuts: [Int])? {
    if pieces == 1 { return lines[start][count].map { ($0.miss, []) } }
    var best: (miss: Double, cuts: [Int])?
    for cut in start..<count {
      guard let first = lines[start][cut], let rest = self.best(of: pieces - 1, from: cut) else { continue }
      let miss = first.miss + rest.miss
      if best.map({ miss < $0.miss }) ?? true { best = (miss, [cut] + rest.cuts) }
    }
    return best
  }

  /// Where least squares would go below 0, the best of those that do not.
  private static func line(_ x: [Double], _ y: [Double]) -> Line {
    func sum(_ term: (Int) -> Double) -> Double { x.indices.reduce(0) { $0 + term($1) } }
    let proportional = sum { x[$0] / y[$0] } / sum { x[$0] * x[$0] / (y[$0] * y[$0]) }
    let constant = sum { 1 / y[$0] } / sum { 1 / (y[$0] * y[$0]) }
    var candidates = [(0, proportional), (constant, 0)]
    if let free = LinearFit.relative(x: x, y: y), free.intercept >= 0, free.slope >= 0 {
      candidates.append((free.intercept, free.slope))
    }
    return candidates.map { intercept, slope in
      Line(
        intercept: intercept, slope: slope,
        miss: sum { index in
          let miss = (intercept + slope * x[index]) / y[index] - 1
          return miss * miss
        })
    }.min { $0.miss < $1.miss }!
  }
}
