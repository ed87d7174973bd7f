import Configuration
import Statistics

extension ClaimFinding {
  /// A claim that is judged by seeds: each is a repetition, and each side of a difference or ratio has the seed's own figure.
  init(paired claim: StudyClaim, _ points: [StudyPoint], _ quality: JudgedQuality, _ figures: SeedFigures) {
    let judged = points.filter { ($0[.updates]?.value ?? 0) >= Double(claim.leastUpdates ?? 0) }
    let pairs = SeedPairs(claim, judged, points, quality, figures)
    let test = pairs.test(claim.bounds)
    self.claim = claim
    self.test = test
    measured = test?.mean
    places = pairs.places
    let own = pairs.figures
    (least, most) = (own.min(), own.max())
    unpaired = pairs.unpaired > 0 ? pairs.unpaired : nil
    guard let test else {
      let isOfTooFew = judged.count < points.count && SeedPairs(claim, points, points, quality, figures).places > 0
      verdict = isOfTooFew ? .notJudged : .notMeasured
      return
    }
    let isOfTooFewSeeds = test.verdict == .shown && test.inside < claim.leastSeeds ?? 0
    verdict = isOfTooFewSeeds ? .notShown : Verdict(test.verdict)
  }
}

/// The figures of a claim that is paired by seed: of each seed one, over all places that fit.
private struct SeedPairs {
  /// A seed's figures: what is divided or compared, and what it is divided by.
  private var tops: [Double] = []
  private var bottoms: [Double] = []
  private let quantity: StudyClaim.Quantity
  /// Places that fit and have a pair.
  let places: Int
  /// Seeds of those places that lack a side somewhere.
  let unpaired: Int

  /// - Parameters:
  ///   - judged: places that count.
  ///   - points: places of the other sides.
  init(
    _ claim: StudyClaim, _ judged: [StudyPoint], _ points: [StudyPoint], _ quality: JudgedQuality,
    _ figures: SeedFigures
  ) {
    quantity = claim.quantity
    let sides = Self.places(claim, judged, points, quality)
    let known = sides.map { Self.figures($0, claim.quantity, figures) }.filter { !$0.paired.isEmpty }
    places = known.count
    let seeds = Set(known.flatMap(\.seeds))
    // A seed that lacks a place would weigh the others more than its fellows do.
    let whole = seeds.filter { seed in known.allSatisfy { $0.paired[seed] != nil } }.sorted()
    unpaired = seeds.count - whole.count
    for seed in whole {
      let own = known.compactMap { $0.paired[seed] }
      let count = Double(own.count)
      if claim.quantity.isPlainRatio {
        (tops, bottoms) = (tops + [own.map { $0.top / $0.bottom }.geometricMean], bottoms + [1])
      } else {
        tops.append(own.reduce(0) { $0 + $1.top / count })
        bottoms.append(own.reduce(0) { $0 + $1.bottom / count })
      }
    }
  }

  /// One of each seed.
  var figures: [Double] { zip(tops, bottoms).map { $0 / $1 }.filter(\.isFinite) }

  func test(_ bounds: Bounds) -> BoundsTest? {
    if quantity.isPlainRatio { return BoundsTest(ratios: tops, bounds) }
    if quantity.isRatio { return BoundsTest(parts: tops, of: bottoms, bounds) }
    return BoundsTest(tops, bounds, nothing: quantity.minus == nil && quantity.along == nil ? nil : 0)
  }

  /// Where each side of a pair lies; nil of sides that the claim has not.
  private struct Sides {
    var of: StudyPoint.Place
    var minus: StudyPoint.Place?
    var over: StudyPoint.Place?
  }

  /// Every place that fits, with the places beside it; or of the best settings one.
  private static func places(
    _ claim: StudyClaim, _ judged: [StudyPoint], _ points: [StudyPoint], _ quality: JudgedQuality
  ) -> [Sides] {
    let quantity = claim.quantity
    let over = quantity.isRatio ? quantity.over ?? StudyClaim.Place() : nil
    guard claim.best == true else {
      let fitting = judged.filter { StudyClaim.Quantity.fits(quantity.of.values, $0) }.map(\.place.values)
      // A slope takes all that lies along its axis at once.
      return fitting.map { place in quantity.along.map { place.without($0.axis) } ?? place }.uniqued.map { values in
        func moved(_ place: StudyClaim.Place) -> StudyPoint.Place {
          StudyPoint.Place(values.moved(to: place.values))
        }
        return Sides(of: StudyPoint.Place(values), minus: quantity.minus.map(moved), over: over.map(moved))
      }
    }
    func best(_ place: StudyClaim.Place) -> StudyPoint.Place? {
      StudyClaim.Quantity.best(points, quantity.of.values.moved(to: place.values), quality)?.place
    }
    guard let top = StudyClaim.Quantity.best(judged, quantity.of.values, quality)?.place else { return [] }
    let sides = Sides(of: top, minus: quantity.minus.flatMap(best), over: over.flatMap(best))
    let lacks = (quantity.minus != nil && sides.minus == nil) || (over != nil && sides.over == nil)
    return lacks ? [] : [sides]
  }

  private typealias Pair = (top: Double, bottom: Double)

  /// By seed; seeds of any side, and the pairs of those that all sides have.
  private static func figures(
    _ sides: Sides, _ quantity: StudyClaim.Quantity, _ figures: SeedFigures
  ) -> (seeds: Set<UInt64>, paired: [UInt64: Pair]) {
    guard let measure = Measure(rawValue: quantity.measure) else { return ([], [:]) }
    let below = quantity.overMeasure.flatMap { Measure(rawValue: $0) } ?? measure
    func side(_ measure: Measure, _ place: StudyPoint.Place) -> [UInt64: Double] {
      quantity.along.map { figures.slopes(of: measure, at: place, along: $0.axis) } ?? figures(measure, at: place)
    }
    let of = side(measure, sides.of)
    let minus = sides.minus.map { side(measure, $0) }
    let over = sides.over.map { side(below, $0) }
    let seeds = [of, minus ?? [:], over ?? [:]].reduce(into: Set<UInt64>()) { $0.formUnion($1.keys) }
    let pairs = seeds.compactMap { seed -> (UInt64, Pair)? in
      let (taken, whole) = (minus == nil ? 0 : minus?[seed], over == nil ? 1 : over?[seed])
      guard let top = of[seed], let taken, let whole else { return nil }
      return (seed, (top - taken, over == nil ? 1 : whole - taken))
    }
    return (seeds, Dictionary(pairs) { first, _ in first })
  }
}

extension StudyClaim.Quantity {
  /// One figure over another, of which nothing is taken away.
  var isPlainRatio: Bool { isRatio && minus == nil }
}
