import Configuration

extension StudyConfiguration {
  /// The study with its rank counts decided: all ranks of the job, where the file names none.
  public func filled(jobRanks: Int) -> StudyConfiguration {
    var study = self
    study.axes.ranks = axes.ranks ?? [jobRanks]
    study.parts = parts?.map { part in
      var part = part
      part.study = part.study.filled(jobRanks: jobRanks)
      return part
    }
    return study
  }

  /// The product of the axes (a batch of each rank times the ranks is a global batch), each point once, in the order in
  /// which a study that is stopped early has learnt most:
  /// every batch size once before a second seed; the largest rank count, which is the quickest, first. Part by part.
  ///
  /// At the base batch a scaling rule changes nothing, so that point is run once, as `none`, and belongs to the curve of
  /// every rule.
  ///
  /// Where a study searches these are its results, without what was chosen for them: see `plan(after:)`.
  public var trials: [Trial] {
    if let parts { return parts.flatMap { part in part.study.trials.map { $0.placed(inPart: part.name) } } }
    var places = [AxisValues()]
    for (axis, values) in expansion {
      places = places.flatMap { place in
        values.map { value in
          var place = place
          place[axis] = value
          return place
        }
      }
    }
    var seen: Set<Trial> = []
    places = places.filter { isRun(variant: $0.variant, at: $0) }
    return places.map { Trial(canonical(Self.withGlobalBatch($0))) }.filter { seen.insert($0).inserted }
  }

  /// Whether a variant is run at a place; what is no variant of the study is.
  func isRun(variant name: String?, at place: AxisValues) -> Bool {
    variants?.first { $0.name == name }?.isRun(at: place) ?? true
  }

  private static func withGlobalBatch(_ place: AxisValues) -> AxisValues {
    guard case .whole(let local)? = place[.localBatch] else { return place }
    var place = place.without(.localBatch)
    place.globalBatch = local * (place.ranks ?? 1)
    return place
  }

  /// Outermost first.
  private var expansion: [(Axis, [AxisValue?])] {
    [
      (.seed, axes[.seed] ?? []), (.ranks, rankCounts.map(AxisValue.whole)),
      (.variant, variantNames.map { $0.map(AxisValue.word) }),
    ] + Axis.further.compactMap { axis in axes[axis].map { (axis, $0) } } + [
      (.scaling, axes[.scaling] ?? []),
      axes[.localBatch].map { (.localBatch, $0) } ?? (.globalBatch, axes[.globalBatch] ?? []),
    ]
  }

  /// The study that a trial belongs to: this one, or one of its parts; nil where it has no such part or variant.
  public func owner(of trial: Trial) -> StudyConfiguration? {
    if let parts { return parts.first { $0.name == trial.part }?.study.owner(of: trial.placed(inPart: nil)) }
    return trial.part == nil && variantNames.contains(trial.variant) ? self : nil
  }

  /// The run that a trial makes; nil for a trial of another study's part or variant.
  public func run(for trial: Trial) -> RunConfiguration? {
    guard let study = owner(of: trial) else { return nil }
    let run = study.run(at: trial.values, largestRankCount: study.rankCounts.first ?? 1)
    return trial.settings.map { try? run.with($0) } ?? run
  }

  /// nil alone for a study without variants.
  public var variantNames: [String?] { variants.map { $0.map(\.name) } ?? [nil] }

  /// Largest first, of all parts.
  public var rankCounts: [Int] {
    if let parts { return Set(parts.flatMap(\.study.rankCounts)).sorted(by: >) }
    return Set(axes.ranks ?? [1]).sorted(by: >)
  }

  /// Where a point is run: at the base batch, where rules change nothing, as `none`.
  func canonical(_ place: AxisValues) -> AxisValues {
    guard isBase(place) else { return place }
    var place = place
    place.scaling = LearningRateConfiguration.Scaling.none
    return place
  }

  /// Whether a place's global batch is the one at which its learning rate is stated.
  public func isBase(_ place: AxisValues) -> Bool {
    place.globalBatch == run(of: place.variant).learningRate.baseBatch
  }
}

extension StudyConfiguration.Cost {
  /// Whole nodes: a part of a node cannot be rented.
  public func nodes(ranks: Int) -> Int {
    let (whole, rest) = ranks.quotientAndRemainder(dividingBy: max(1, ranksPerNode))
    return whole + (rest > 0 ? 1 : 0)
  }

  /// In `currency`.
  public func money(seconds: Double, ranks: Int) -> Double {
    pricePerNodeHour * Double(nodes(ranks: ranks)) * seconds / 3600
  }
}
