import Configuration
import Interconnect
import Statistics

extension Projection {
  /// - Parameters:
  ///   - summary: of the study; knows how many updates its trials took to the target.
  ///   - records: of one kind: trials that differ in batch, ranks, seed and rule alone.
  /// - Throws: `StudyError` where the study cannot be fitted, `NetworkError` where the network's model says nothing of a place.
  public init(_ summary: StudySummary, _ records: [TrialRecord], _ question: ProjectionQuestion = .init()) throws {
    if !records.isEmpty, records.allSatisfy(\.run.changesBatch) {
      throw StudyError(
        "the global batch of the trials changes while they train, and their times are of several steps: project a study "
          + "without batchSchedule")
    }
    let trained = records.filter { StepFigures($0) != nil }
    let fitted = trained.filter { question.fitRanks?.contains($0.trial.ranks) ?? true }
    try Self.check(summary.study, trained, fitted, question)
    let load = ExchangeLoad(fitted)
    let model = try StepModel(fitted.compactMap(StepFigures.init)) { figures, backward in
      try Self.exchange(load, figures, backward, question)
    }
    let (study, most) = (summary.study, summary.study.rankCounts.first ?? 1)
    let ghostBatch = fitted[0].run.configuration.ghostBatch
    let mayNarrow = fitted.allSatisfy { $0.run.configuration.mayTravelNarrow }
    let maker = ProjectionMaker(
      model: model, narrow: mayNarrow ? model.narrowed : nil, samplesPerEpoch: fitted[0].run.dataset.trainingSamples,
      microBatch: {
        study.microBatch(
          globalBatch: $0, largestRankCount: study.ranksOfMicroBatch($1, max($1, most)), ghostBatch: ghostBatch)
      },
      epochsToGoal: summary.epochsToGoal, measured: (trained + question.against).compactMap(StepFigures.init))
    let places = summary.study.places(question.places, besides: trained.compactMap(StepFigures.init))
    fit = Fit(model, Set(fitted.map(\.trial.ranks)), question)
    let batches = Set(trained.map(\.trial.globalBatch)).sorted()
    strong = Self.withFront(try batches.flatMap { batch in try places.compactMap { try maker.point(batch, $0) } })
    weak = Self.withFront(
      try maker.localBatches.flatMap { batch in try places.compactMap { try maker.weakPoint(batch, $0) } })
    isoefficiency = try places.filter { $0.ranks > 1 }.map(maker.isoefficiency)
    comparisons = try maker.comparisons(fitted: Set(fitted.map(\.trial.ranks)), own: trained.count)
  }

  private static func check(
    _ study: StudyConfiguration, _ trained: [TrialRecord], _ fitted: [TrialRecord], _ question: ProjectionQuestion
  ) throws {
    if study.calls != nil { throw StudyError("the study timed calls, not training: there are no steps to project") }
    guard !trained.isEmpty else {
      throw StudyError("no trial of the study has finished a step that can be projected: run the study first")
    }
    guard !fitted.isEmpty else {
      let counts = Set(trained.map(\.trial.ranks)).sorted().map(String.init).joined(separator: ", ")
      throw StudyError("no trial has a rank count of --fit-ranks; the study has \(counts)")
    }
    guard Set(fitted.map(\.run.threadsPerRank)).count == 1 else {
      throw StudyError(
        "the trials computed with different numbers of threads per rank, and their times are no one line")
    }
    try question.requireSame(as: trained)
    guard Set((fitted + question.against).map(\.run.threadsPerRank)).count == 1 else {
      throw StudyError(
        "the trials of --against computed with other numbers of threads per rank than the study's, and predictions of one "
          + "say nothing of the other")
    }
    guard question.network == nil else { return }
    guard Set(fitted.map(\.trial.ranks)).count > 1 else {
      throw StudyError(
        "without a network's model it takes trials on two rank counts or more: add axes.ranks, such as [1, 2], to the study "
          + "and run it again, or give lockstep project --network, or --latency and --bandwidth")
    }
  }

  private static func exchange(
    _ load: ExchangeLoad, _ figures: [StepFigures], _ backward: (StepFigures) -> Double, _ question: ProjectionQuestion
  ) throws -> ExchangeModel {
    if let network = question.network {
      return question.isElsewhere || network.dataSheet != nil
        ? ExchangeModel(elsewhere: network, load, figures, backward: backward)
        : try ExchangeModel(measuredOn: network, load, figures, backward: backward)
    }
    guard let exchange = ExchangeModel(ofStudy: load, figures, backward: backward) else {
      throw StudyError(
        "the study's exchange has no times that a latency and a bandwidth explain: give lockstep project --network")
    }
    return exchange
  }

  /// Marks what no other point beats in both time and money.
  private static func withFront(_ points: [Point]) -> [Point] {
    let hasGoal = points.contains { $0.epochsToGoal != nil }
    let inRace = points.indices.filter { !hasGoal || points[$0].epochsToGoal != nil }
    var marked = points
    for index in inRace {
      let own = points[index].choice
      marked[index].isOnFront =
        own.seconds.isFinite
        && !inRace.contains { other in
          let choice = points[other].choice
          let isAsGood = choice.seconds <= own.seconds && choice.nodeHours <= own.nodeHours
          let isBetter = choice.seconds < own.seconds || choice.nodeHours < own.nodeHours || other < index
          return isAsGood && isBetter
        }
    }
    return marked
  }
}

extension Projection.Fit {
  fileprivate init(_ model: StepModel, _ ranks: Set<Int>, _ question: ProjectionQuestion) {
    (compute, paces, backward) = (model.compute, model.paces, model.backward)
    (waitingPerStep, waitingPerCompute) = (model.waiting.perStep, model.waiting.perCompute)
    let load = model.exchange.load
    (exchangedBytes, buckets, hasTables) = (load.bytes, load.buckets, load.tables != nil)
    (hiddenShare, pace) = (model.exchange.overlap.share, model.exchange.pace)
    network = Projection.NetworkSource(model.exchange.network, isElsewhere: question.isElsewhere)
    (trials, missShare) = (model.trials, model.missShare)
    self.ranks = ranks.sorted()
  }
}

extension Projection.NetworkSource {
  fileprivate init(_ network: NetworkModel, isElsewhere: Bool) {
    if let link = network.dataSheet?.betweenNodes {
      self = .dataSheet(latency: link.latencySeconds, bytesPerSecond: link.bytesPerSecond)
    } else if let facts = network.facts {
      self =
        isElsewhere
        ? .elsewhere(hosts: facts.nodes, ranks: facts.ranks) : .measured(hosts: facts.nodes, ranks: facts.ranks)
    } else {
      let regime = network.fits.first?.regimes[0]
      self = .study(latency: regime?.latencySeconds ?? 0, secondsPerByte: regime?.secondsPerByte ?? 0)
    }
  }
}

extension StudySummary {
  /// By global batch: the fewest epochs that any rule's trials took to the target, all seeds of it having reached it.
  var epochsToGoal: [Int: Double] {
    let reached = points.filter { !$0.seeds.isEmpty && $0.reachedTarget == $0.seeds.count && $0.diverged.isEmpty }
    let epochs = reached.compactMap { point -> (Int, Double)? in
      guard let updates = point[.updatesToTarget]?.value, let each = point.updatesPerEpoch, each > 0 else { return nil }
      return (point.place.globalBatch, updates / Double(each))
    }
    return Dictionary(epochs, uniquingKeysWith: min)
  }
}

extension StudyConfiguration {
  /// Those that are asked for, or one rank and as far as rank counts go, and those that were run on nodes of their own.
  fileprivate func places(_ asked: [ProjectionQuestion.Place]?, besides figures: [StepFigures]) -> [ProjectionQuestion
    .Place]
  {
    let run = figures.filter { $0.crowd.isRoomy }.map { ProjectionQuestion.Place(ranks: $0.ranks, nodes: $0.nodes) }
    let most = figures.map(\.ranks).max() ?? 1
    let further = [2, 4, 8].map { most.multipliedReportingOverflow(by: $0) }.filter { !$0.overflow }.map(\.partialValue)
    let usual = further.map { ProjectionQuestion.Place(ranks: $0, nodes: min($0, cost.nodes(ranks: $0))) }
    return Set(run + (asked ?? usual + [.init(ranks: 1, nodes: 1)])).sorted {
      ($0.ranks, $0.nodes) < ($1.ranks, $1.nodes)
    }
  }
}
