import Batches
import Statistics

/// Makes a projection's points from a model.
struct ProjectionMaker {
  let model: StepModel
  /// The same with gradients of half the bytes; nil where there can be none.
  let narrow: StepModel?
  let samplesPerEpoch: Int
  /// Samples of a microbatch of the study, of a global batch on so many ranks.
  let microBatch: (_ globalBatch: Int, _ ranks: Int) -> Int
  let epochsToGoal: [Int: Double]
  /// Fitted or not.
  let measured: [StepFigures]

  /// nil where ranks would have nothing to do, or an epoch is less than a step.
  func point(_ globalBatch: Int, _ place: ProjectionQuestion.Place) throws -> Projection.Point? {
    try point(globalBatch, place) { try seconds(globalBatch, .init(ranks: 1, nodes: 1)) / Double(place.ranks) }
  }

  /// - Parameter localBatch: samples of a rank.
  func weakPoint(_ localBatch: Int, _ place: ProjectionQuestion.Place) throws -> Projection.Point? {
    let (globalBatch, isTooMany) = localBatch.multipliedReportingOverflow(by: place.ranks)
    if isTooMany { return nil }
    // That batches are cut differently is no matter of ranks.
    return try point(globalBatch, place) { try seconds(localBatch, .init(ranks: 1, nodes: 1), pacedAs: globalBatch) }
  }

  /// - Parameter ideal: seconds that a step would take were nothing lost.
  private func point(_ globalBatch: Int, _ place: ProjectionQuestion.Place, ideal: () throws -> Double) throws
    -> Projection.Point?
  {
    guard globalBatch >= place.ranks, globalBatch <= max(samplesPerEpoch, 1) else { return nil }
    let found = self.place(globalBatch, place)
    let step = try model.step(found)
    let epoch = try epochSeconds(globalBatch, place, step.terms.seconds)
    return Projection.Point(
      globalBatch: globalBatch, ranks: place.ranks, nodes: place.nodes,
      basis: model.range.basis(
        globalBatch: globalBatch, samples: found.samples, ranks: place.ranks, nodes: place.nodes),
      terms: step.terms, stepSeconds: step.terms.seconds, interval: step.interval,
      measuredStepSeconds: Estimate(runs(globalBatch, place).map(\.step))?.value,
      exchangeSeconds: step.exchangeSeconds,
      narrowStepSeconds: place.ranks > 1 ? try narrow?.step(found).terms.seconds : nil,
      efficiency: try ideal() / step.terms.seconds, epochSeconds: epoch,
      epochNodeHours: Double(place.nodes) * epoch / 3600, epochsToGoal: epochsToGoal[globalBatch])
  }

  /// As on nodes of their own: those of an emulated cluster that share cores stand among the comparisons alone.
  private func runs(_ globalBatch: Int, _ place: ProjectionQuestion.Place) -> [StepFigures] {
    measured.filter {
      $0.globalBatch == globalBatch && $0.ranks == place.ranks && $0.nodes == place.nodes && $0.crowd.isRoomy
    }
  }

  /// As the study would share it: whole microbatches.
  ///
  /// - Parameter samples: of a short step; nil for a full one.
  private func place(_ globalBatch: Int, _ place: ProjectionQuestion.Place, samples: Int? = nil) -> StepModel.Place {
    let samples = samples ?? globalBatch
    let most = StepPlan.mostSamples(
      of: samples, microBatch: microBatch(globalBatch, place.ranks), ranks: place.ranks)
    return StepModel.Place(
      globalBatch: globalBatch, samples: Double(most),
      meanSamples: Double(samples) / Double(place.ranks), ranks: place.ranks, nodes: place.nodes)
  }

  /// - Parameter pacedAs: the batch whose pace counts; nil for its own.
  private func seconds(
    _ globalBatch: Int, _ place: ProjectionQuestion.Place, pacedAs other: Int? = nil
  ) throws -> Double {
    var found = self.place(globalBatch, place)
    found.globalBatch = other ?? globalBatch
    return try model.step(found).terms.seconds
  }

  /// Full steps and the short last one, in microbatches of the full ones' size.
  private func epochSeconds(_ globalBatch: Int, _ place: ProjectionQuestion.Place, _ step: Double) throws -> Double {
    let (full, rest) = samplesPerEpoch.quotientAndRemainder(dividingBy: globalBatch)
    return Double(full) * step
      + (rest > 0 ? try model.step(self.place(globalBatch, place, samples: rest)).terms.seconds : 0)
  }

  /// Whole batches of a rank that were run on the most ranks.
  var localBatches: [Int] {
    let most = measured.map(\.ranks).max() ?? 1
    return Set(measured.filter { $0.ranks == most }.map { max(1, $0.globalBatch / most) }).sorted()
  }

  // Isoefficiency.

  /// No batch is looked at beyond.
  private static let mostSamples = 1 << 40

  /// The batch by doubling until ranks are busy, then by halving the distance. Ranks share it evenly, to the fraction of a
  /// sample: halving takes an efficiency that rises with the batch, and shares of whole microbatches make it jump.
  func isoefficiency(_ place: ProjectionQuestion.Place) throws -> Projection.Isoefficiency {
    func share(_ globalBatch: Int) -> Double { Double(globalBatch) / Double(place.ranks) }
    func seconds(_ samples: Double, _ place: ProjectionQuestion.Place) throws -> Double {
      try model.step(.init(samples: samples, meanSamples: samples, ranks: place.ranks, nodes: place.nodes))
        .terms.seconds
    }
    func isBusy(_ globalBatch: Int) throws -> Bool {
      let alone = try seconds(Double(globalBatch), .init(ranks: 1, nodes: 1))
      return try alone / (Double(place.ranks) * seconds(share(globalBatch), place)) >= Projection.busy
    }
    var found = Projection.Isoefficiency(ranks: place.ranks, nodes: place.nodes)
    guard place.ranks < Self.mostSamples else { return found }
    var (low, high) = (place.ranks - 1, place.ranks)
    while try !isBusy(high) {
      guard high < Self.mostSamples else { return found }
      (low, high) = (high, high * 2)
    }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if try isBusy(middle) { high = middle } else { low = middle }
    }
    found.globalBatch = high
    found.basis = model.range.basis(
      globalBatch: high, samples: share(high), ranks: place.ranks, nodes: place.nodes)
    return found
  }

  // Predicted beside measured.

  /// - Parameters:
  ///   - fitted: rank counts of the study's own trials that were fitted.
  ///   - own: how many of `measured` are the study's own; the others were not fitted.
  func comparisons(fitted: Set<Int>, own: Int) throws -> [Projection.Comparison] {
    struct Key: Hashable {
      var (ranks, nodes, globalBatch, isFitted) = (0, 0, 0, false)
      var crowd = Crowd(ranks: 1, threads: 1, cores: 1)
    }
    let groups = Dictionary(grouping: measured.enumerated()) { index, figures in
      Key(
        ranks: figures.ranks, nodes: figures.nodes, globalBatch: figures.globalBatch,
        isFitted: index < own && fitted.contains(figures.ranks), crowd: figures.crowd)
    }
    let rows = try groups.map { key, runs in
      let step = try model.step(StepModel.Place(runs[0].element))
      return Projection.Comparison(
        globalBatch: key.globalBatch, ranks: key.ranks, nodes: key.nodes, isFitted: key.isFitted,
        predicted: step.terms.seconds, interval: step.interval,
        measured: Estimate(runs.map(\.element.step))?.value ?? .nan)
    }
    return rows.sorted { $0.order.lexicographicallyPrecedes($1.order) }
  }
}

extension Projection.Comparison {
  fileprivate var order: [Double] { [isFitted ? 0 : 1, Double(ranks), Double(nodes), Double(globalBatch), measured] }
}
