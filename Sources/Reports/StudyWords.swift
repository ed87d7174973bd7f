import Configuration
import Studies
import Training

/// A study's findings in sentences, each made from its summary.
struct StudyWords {
  let summary: StudySummary

  private var quality: JudgedQuality { summary.judgedBy }

  var question: String {
    let model = summary.provenance.model.map { " \($0.name)" } ?? " a model"
    let data = summary.provenance.dataset.map { " on \($0.name)" } ?? ""
    return "What does the global batch size do to the time, communication, cost and quality of training\(model)\(data)?"
  }

  /// One or two sentences; says so where there is nothing to recommend yet.
  var answer: String {
    guard let recommendation = summary.recommendation, let point = point(recommendation.recommended) else {
      return "No finished trial has a \(quality.name(in: summary)) yet, so there is nothing to recommend."
    }
    let use = isOfVariantsAlone ? "Use \(describe(point))" : "Use a global batch of \(describe(point))"
    switch recommendation.criterion {
    case .target(let target):
      let others = recommendation.goodEnough.count
      return "\(use): \(reached(point, target)), in \(Format.seconds(mean(point, .secondsToTarget)))"
        + money(point, .costToTarget)
        + (others > 1
          ? ", the \(superlative) of the \(others) settings that did."
          : ", and no other setting reached it with every seed.")
    case .nearBest(let tolerance, let source):
      return
        "\(use): \(accuracy(point)) \(quality.name(in: summary)), \(comparison(recommendation, tolerance, source)). "
        + "Training took \(Format.seconds(mean(point, .trainingSeconds)))\(money(point, .trainingCost)), "
        + (recommendation.goodEnough.count == 1
          ? "and no other setting is that good."
          : "the \(superlative) of the \(recommendation.goodEnough.count) settings that good.")
        + decided(recommendation)
    }
  }

  /// How many of the others a test tells from the best.
  private func decided(_ recommendation: Recommendation) -> String {
    let all = recommendation.differences.count
    let worse = recommendation.differences.filter { $0.verdict == .worse }.count
    guard all > 0 else { return "" }
    let who =
      all == 1
      ? "The other setting is"
      : "Of the \(all) other settings \(worse == 0 ? "none is" : "\(worse) \(worse == 1 ? "is" : "are")")"
    if all == 1 { return " \(who) \(worse == 1 ? "worse" : "not told from the best: undecided")." }
    return
      " \(who) told from the best by a paired test\(worse == all ? "" : "; \(all - worse) \(all - worse == 1 ? "is" : "are") undecided")."
  }

  /// The extremes, where they differ from the recommended setting.
  var reasoning: [String] {
    guard let recommendation = summary.recommendation else { return [] }
    var sentences: [String] = []
    if let fastest = point(recommendation.fastest), recommendation.fastest != recommendation.recommended {
      sentences.append(
        "The fastest epoch is that of \(batch)\(describe(fastest)): "
          + "\(Format.seconds(mean(fastest, .epochSeconds))), at \(accuracy(fastest)) \(quality.name(in: summary)).")
    }
    if let cheapest = recommendation.cheapest.flatMap(point), cheapest.place != recommendation.fastest,
      cheapest.place != recommendation.recommended
    {
      sentences.append(
        "The cheapest epoch is that of \(batch)\(describe(cheapest)): "
          + "\(Format.money(mean(cheapest, .epochCost), summary.study.cost.currency)), at \(accuracy(cheapest)).")
    }
    if let best = point(recommendation.best), recommendation.best != recommendation.recommended {
      sentences.append(
        "The best \(quality == .accuracy ? "accuracy" : quality.name(in: summary)), \(accuracy(best)), is that of \(batch)\(describe(best)), after "
          + "\(Format.seconds(mean(best, .trainingSeconds))).")
    }
    return sentences + fitSentences
  }

  /// Reservations about the answer.
  var caveats: [String] {
    var caveats: [String] = []
    if let recommendation = summary.recommendation {
      if recommendation.targetMissed, let target = summary.study.target {
        caveats.append(
          "No setting reached the target of \(target.quality.text(target.value)) with every seed; the answer "
            + "compares with the best instead.")
      }
      caveats.append(seedCaveat(recommendation.seeds))
    }
    if leftOut > 0 {
      caveats.append(
        "Other programs computed meanwhile: \(Format.plural(leftOut, "epoch")) of which they took more than "
          + "\(Format.percent(summary.study.measuring.disturbedAbove)) are in no time given here.")
    }
    let disturbed = summary.execution.filter(\.timing.isDisturbed)
    if !disturbed.isEmpty {
      caveats.append(
        "Other programs took more than \(Format.percent(summary.study.measuring.disturbedAbove)) of the time of every timing of "
          + "\(disturbed.count) of \(Format.plural(summary.execution.count, "kind")) of work: those times are marked, and neither fitted "
          + "nor recommended by as long as there are others.")
    }
    if summary.divergedTrials > 0 {
      let places = summary.points.filter { !$0.diverged.isEmpty && !$0.isShared }
        .map { "\(describe($0)) (\($0.diverged.count) of \($0.seeds.count + $0.diverged.count))" }
      caveats.append(
        "\(Format.plural(summary.divergedTrials, "trial")) diverged, at \(batch)\(Format.list(places)): counted, not "
          + "averaged in, and such a setting is not recommended.")
    }
    caveats += SearchReport(summary: summary).caveats + GoalReport(summary: summary).caveats
    if summary.missingTrials > 0 {
      caveats.append(
        "\(Format.plural(summary.missingTrials, "trial")) of the study \(summary.missingTrials == 1 ? "has" : "have") not "
          + "run yet: start the same study again with the same --output to go on.")
    }
    if summary.provenance.kindsOfMachine > 1 {
      caveats.append(
        "The trials ran on \(summary.provenance.kindsOfMachine) different machines or builds, listed below: their times "
          + "cannot be compared with each other.")
    } else if summary.finishedTrials > 0 {
      caveats.append("Times and costs were measured on this one machine only; another one may order them differently.")
    }
    if summary.points.contains(where: \.isExtrapolated) {
      caveats.append(
        "Some runs stopped inside their first epoch: their figures per epoch are scaled up from a part of one.")
    }
    return caveats
  }

  /// What the table of differences is.
  var differences: String {
    guard let recommendation = summary.recommendation, let best = point(recommendation.best) else { return "" }
    return
      "From \(describe(best)), paired by seed: mean difference and Student's interval, wide enough that in 95 % of studies all of "
      + "them hold the true differences (Bonferroni over all pairs of settings). Undecided: the interval holds 0, or there is one seed; of two seeds only "
      + "very large differences are told from chance."
  }

  /// Disturbed epochs that are in no figure.
  private var leftOut: Int { summary.execution.reduce(0) { $0 + $1.timing.disturbed } }

  /// How times were taken and what was left out.
  var timing: String {
    let timing = summary.study.measuring
    return
      "Seeds and rules for the rate change no time, so the epochs of all trials that compute the same are one set of timings: its "
      + "median and, from six on, the median's interval at 95 % by order statistics, which supposes no distribution. "
      + "An epoch of which others took more than \(Format.percent(timing.disturbedAbove)) (a core that was wanted and not given, or "
      + "given to other machines) is disturbed and left out where another is left: \(Format.plural(leftOut, "epoch")) here. Work that was "
      + "never left in peace is timed again at the study's end, at most \(Format.plural(timing.retakes, "time"))"
      + (timing.interval.map {
        "; so is work whose median is not known to \(Format.percent($0)), in at most \(timing.atMost) rounds."
      } ?? ".")
      + " \(Format.plural(summary.timingRounds, "round")) of timing were added to the trials."
  }

  /// Limits of the figures, whatever they are.
  var limits: [String] {
    var limits = [
      "Time per epoch is training alone, of the slowest rank; evaluation and checkpoints are left out. Costs follow from it: "
        + "price per node-hour × whole nodes × hours.",
      "Exchange is told apart at the end of the backward pass: until the last rank arrives there a rank's time is "
        + "waiting, after that it is wire (moving and summing). Exposed is what a rank could not hide behind compute.",
    ]
    if !summary.provenance.machines.isEmpty && summary.provenance.machines.allSatisfy({ $0.nodes.count == 1 }) {
      limits.append(
        "All ranks ran on one machine and share its memory: their time on the wire is that of memory, not of a network, "
          + "and they compete for caches and memory bandwidth.")
    }
    if summary.points.contains(where: { $0.trainingSource == .runningMean }) {
      limits.append(
        "Training loss and accuracy, and with them the generalisation gap, are the last epoch's running means: each sample "
          + "was seen before the epoch's later updates, so the gap comes out too small. Set evaluation.trainingSet to have "
          + "the final weights evaluated on the training set.")
    }
    if summary.finishedTrials > 0, summary.study.calls == nil { limits.append(energy) }
    limits.append("A standard deviation over few seeds is itself uncertain: over 3 seeds by about a half.")
    return limits
  }

  private var energy: String {
    summary.execution.contains { $0[.epochJoules] != nil }
      ? "Energy is what the processors of all machines used while an epoch trained, other programs included; memory, disks, network and "
        + "cooling are not in it."
      : "Energy is not known: no machine's counters (RAPL) were to be read."
  }

  /// Before a place's description.
  private var batch: String { isOfVariantsAlone ? "" : "global batch " }

  /// One batch, one rule: only the variants are compared.
  private var isOfVariantsAlone: Bool {
    summary.hasNames && summary.globalBatches.count < 2 && summary.scalings.count < 2
  }

  func describe(_ point: StudyPoint) -> String {
    if isOfVariantsAlone {
      let variant = point.place.names.joined(separator: ", ")
      return Set(summary.points.map(\.place.ranks)).count > 1
        ? "\(variant) on \(Format.plural(point.place.ranks, "rank"))" : variant
    }
    let rate = "rate \(Format.number(point.learningRate))"
    let rule = "\(Self.name(point.place.scaling)) \(rate)"
    let isBase = summary.study.isBase(point.place.values)
    let names = point.place.names.map { ", \($0)" }.joined()
    let ranks =
      Set(summary.points.map(\.place.ranks)).count > 1 ? " on \(Format.plural(point.place.ranks, "rank"))" : ""
    return "\(Format.integer(point.place.globalBatch)) (\(isBase ? "base \(rate)" : rule)\(names))\(ranks)"
  }

  static func name(_ scaling: LearningRateConfiguration.Scaling) -> String {
    switch scaling {
    case .none: "fixed"
    case .linear: "linearly scaled"
    case .squareRoot: "square-root scaled"
    }
  }

  /// The sentence about a step's time, one for each rank count.
  var fitSentences: [String] {
    summary.stepTimeFits.map { fit in
      let names = fit.names.joined(separator: ", ")
      let line =
        "\(names.isEmpty ? "On" : "\(names): on") \(Format.plural(fit.ranks, "rank")) a step takes \(Format.seconds(max(0, fit.linear.intercept))) + "
        + "\(Format.seconds(fit.linear.slope)) × global batch (R² \(Format.fixed(fit.linear.rSquared, 4)))"
      guard let smallest = fit.overhead.first, let largest = fit.overhead.last else {
        return line + "; its overhead cannot be told from 0."
      }
      return line + ": what does not grow with the batch is \(Format.percent(smallest.share)) of a step at "
        + "\(Format.integer(smallest.globalBatch)) and \(Format.percent(largest.share)) at "
        + "\(Format.integer(largest.globalBatch))."
    }
  }

  private func point(_ place: StudyPoint.Place) -> StudyPoint? { summary.points.first { $0.place == place } }

  private var superlative: String { summary.study.cost.pricePerNodeHour > 0 ? "cheapest" : "quickest" }

  private func mean(_ point: StudyPoint, _ measure: Measure) -> Double { point[measure]?.value ?? .nan }

  private func money(_ point: StudyPoint, _ measure: Measure) -> String {
    guard summary.study.cost.pricePerNodeHour > 0 else { return "" }
    return " and \(Format.money(mean(point, measure), summary.study.cost.currency))"
  }

  private func accuracy(_ point: StudyPoint) -> String {
    quality.text(point[quality.measure])
  }

  private func reached(_ point: StudyPoint, _ target: Double) -> String {
    let who = point.seeds.count == 1 ? "its one seed" : "each of its \(point.seeds.count) seeds"
    return "\(who) reached \(quality.text(target)) \(quality.name(in: summary))"
  }

  private func comparison(
    _ recommendation: Recommendation, _ tolerance: Double, _ source: Recommendation.ToleranceSource
  ) -> String {
    guard let best = point(recommendation.best), best.place != recommendation.recommended else {
      return "the best that was measured"
    }
    let why =
      switch source {
      case .seeds: "the median standard deviation over seeds"
      case .validationSamples: "a standard error on a \(summary.heldOut) set of this size; there is one seed each"
      case .nothing: "there is one seed each, which says nothing about chance"
      }
    return "within \(quality.distance(tolerance)) (\(why)) of the best, \(accuracy(best)) at "
      + describe(best)
  }

  private func seedCaveat(_ seeds: Int) -> String {
    switch seeds {
    case 1:
      "Some of the compared settings ran with one seed only, which says nothing about chance: add seeds before relying on it."
    case 2: "Some of the compared settings ran with two seeds only: a hint at chance, not a measure of it."
    default: "Every compared setting ran with \(seeds) seeds or more."
    }
  }
}
