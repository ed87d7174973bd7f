import Glibc
import Interconnect
import Statistics

/// The overlap's efficiency and the network's pace, from what trials had exposed. Neither is seen alone: an efficiency is
/// supposed, and the whole exchange follows from it; the one with the least misses is taken.
extension ExchangeModel {
  /// Those that are tried.
  private static let efficiencies = (0...50).map { Double($0) / 50 }
  /// Another one must be better by so much: less is chance.
  private static let leastGain = 0.05
  /// How little is believed of a pace other than 1: one by the factor e counts as missing each step by this share.
  private static let paceDoubt = 0.02

  /// With a measured network of the study's own cluster.
  ///
  /// - Throws: `NetworkError` where it says nothing of the study's ranks.
  init(
    measuredOn network: NetworkModel, _ load: ExchangeLoad, _ figures: [StepFigures], backward: (StepFigures) -> Double
  )
    throws
  {
    let sent = figures.filter { $0.ranks > 1 }
    let plain = try sent.map {
      try load.seconds(on: network, samples: $0.meanSamples, ranks: $0.ranks, nodes: $0.nodes)
    }
    self =
      Self.best(sent, load, backward) { rule in
        let whole = zip(sent, plain).map { rule(whole: $0, backward($0), $1) }
        let expected = zip(sent, plain).map { $1.all.seconds / $0.step }
        let pace = OriginFit.single(expected, y: zip(sent, whole).map { $1 / $0.step }) ?? 1
        guard pace > 0, pace.isFinite else { return nil }
        return ExchangeModel(load: load, network: network, pace: pace, overlap: rule, isFlat: false)
      }
      ?? ExchangeModel(
        load: load, network: network, pace: 1, overlap: OverlapRule(buckets: load.buckets, efficiency: 0), isFlat: false
      )
  }

  /// Without any: latency and bandwidth of a ring (Patarasuk and Yuan 2009, section 3) that explain the study's own exposed
  /// exchange. Where one number of ranks cannot tell them apart, all is bandwidth.
  ///
  /// - Returns: nil where nothing was exchanged.
  init?(ofStudy load: ExchangeLoad, _ figures: [StepFigures], backward: (StepFigures) -> Double) {
    let sent = figures.filter { $0.ranks > 1 }
    let counts = Set(sent.map(\.ranks))
    func times(_ link: Link) -> [ExchangeLoad.Seconds]? {
      let network = link.network(ranks: counts)
      return try? sent.map { try load.seconds(on: network, samples: $0.meanSamples, ranks: $0.ranks, nodes: $0.ranks) }
    }
    // Seconds are linear in both.
    guard !sent.isEmpty, let messages = times(Link(latency: 1, secondsPerByte: 0)),
      let bytes = times(Link(latency: 0, secondsPerByte: 1))
    else { return nil }
    func perStep(_ seconds: [Double]) -> [Double] { zip(sent, seconds).map { $1 / $0.step } }
    let found = Self.best(sent, load, backward) { rule in
      let whole = zip(sent, bytes).map { rule(whole: $0, backward($0), $1) }
      let fit = OriginFit.nonNegative(
        perStep(messages.map(\.all.seconds)), perStep(bytes.map(\.all.seconds)), y: perStep(whole))
      guard let fit else { return nil }
      let network = Link(latency: fit.first, secondsPerByte: fit.second).network(ranks: counts)
      return ExchangeModel(load: load, network: network, pace: 1, overlap: rule, isFlat: true)
    }
    guard let found else { return nil }
    self = found
  }

  /// Another network than the study's, of which the study tells only how much is hidden; nothing where it exchanged nothing.
  init(
    elsewhere network: NetworkModel, _ load: ExchangeLoad, _ figures: [StepFigures], backward: (StepFigures) -> Double
  ) {
    let own = ExchangeModel(ofStudy: load, figures, backward: backward)
    self.init(
      load: load, network: network, pace: 1,
      overlap: own?.overlap ?? OverlapRule(buckets: load.buckets, efficiency: 0), isFlat: false)
  }

  private static func best(
    _ figures: [StepFigures], _ load: ExchangeLoad, _ backward: (StepFigures) -> Double,
    _ fitted: (OverlapRule) -> ExchangeModel?
  ) -> ExchangeModel? {
    guard !figures.isEmpty else { return nil }
    // Where two explain the study alike: a thread is there to hide, all else hides what it is seen to.
    let order = figures.contains { $0.overlap == .thread } ? efficiencies.reversed() : efficiencies
    let tried = figures.contains { $0.overlap != .none } ? order : [0]
    var (best, least) = (ExchangeModel?.none, Double.infinity)
    for efficiency in tried {
      guard let model = fitted(OverlapRule(buckets: load.buckets, efficiency: efficiency)) else { continue }
      let misses = model.misses(figures, backward)
      if misses < least * (1 - leastGain) { (best, least) = (model, misses) }
    }
    return best
  }

  /// Squares of the misses, as shares of the step, and of what is hard to believe.
  private func misses(_ figures: [StepFigures], _ backward: (StepFigures) -> Double) -> Double {
    let doubt = Self.paceDoubt * log(pace)
    return figures.reduce(Double(figures.count) * doubt * doubt + 1e-12) { sum, step in
      let seen = try? exposure(
        samples: step.meanSamples, backward: step.overlap == .none ? 0 : backward(step), ranks: step.ranks,
        nodes: step.nodes)
      let miss = ((seen?.exposed.seconds ?? .infinity) - step.wire) / step.step
      return sum + miss * miss
    }
  }
}

extension OverlapRule {
  /// Seconds of a step's whole exchange, of which so much was exposed.
  fileprivate func callAsFunction(whole step: StepFigures, _ backward: Double, _ plain: ExchangeLoad.Seconds) -> Double
  {
    let all = plain.all.seconds
    return exchange(
      exposed: step.wire, backward: step.overlap == .none ? 0 : backward, dense: all > 0 ? plain.dense.seconds / all : 1
    )
  }
}

/// A ring's latency and inverse bandwidth.
private struct Link {
  var latency: Double
  var secondsPerByte: Double

  /// As a network's model in which every rank is a node.
  func network(ranks: Set<Int>) -> NetworkModel {
    let fits = [Collective.allReduce, .allGather].flatMap { collective in
      ranks.sorted().map { ranks in
        CollectiveFit(
          collective, ranks: ranks, nodes: ranks,
          regimes: [
            CostRegime(
              fromBytes: 0, latencySeconds: latency, secondsPerByte: secondsPerByte, reductionSecondsPerByte: 0,
              schedules: [.ring])
          ], bytes: 0...Int(bytes: .infinity), error: 0, heldOutError: nil,
          errorPerDoubling: CollectiveFit.unseenGrowth)
      }
    }
    return NetworkModel(fits: fits)
  }
}
