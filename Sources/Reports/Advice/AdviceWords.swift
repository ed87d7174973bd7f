import Configuration
import Studies

/// Advice in sentences.
struct AdviceWords {
  let advice: Advice

  init(_ advice: Advice) { self.advice = advice }

  /// In words, of what was measured.
  static let factors: String = {
    let range = Advice.noiseFactors
    return "\(Format.number(range.lowerBound)) to \(Format.number(range.upperBound)) times"
  }()

  static let limits = [
    "Each batch is supposed to have its own best learning rate, and to gain what the noise scale says: updates of B samples bring "
      + "1 ÷ (1 + b ÷ B) of what updates without noise would (McCandlish et al. 2018, equation 2.7). With a rate that is not tuned large "
      + "batches do worse.",
    "Quality at the end of training, and whether a batch generalises as well, are not told: a sweep shows them.",
    "All is told in the run's own updates, so its learning rate is supposed to be near the best for its batch: a run at another one makes "
      + "more of them, the advice says as many more, and no range here covers that. The noise scale follows the rate too.",
    "Time is training alone; evaluation and checkpoints are left out. Money is price per node-hour × nodes × hours.",
  ]

  static func name(_ basis: Advice.Basis) -> String {
    switch basis {
    case .timed: "timing"
    case .line: "line between timings"
    case .extrapolated: "extrapolation"
    }
  }

  /// Quickest and cheapest, or what is known without times.
  var answer: String {
    guard let quickest = advice.quickest, let cheapest = advice.cheapest else {
      return
        "The critical batch is about \(batch(advice.course.criticalBatch)): there updates to the goal, \(goal), are twice the "
        + "fewest that any batch needs, and samples twice the fewest. Give --timings for time and money."
    }
    if (quickest.globalBatch, quickest.ranks) == (cheapest.globalBatch, cheapest.ranks) {
      return "Quickest and cheapest to the goal, \(goal), would be \(describe(quickest))."
    }
    return "Quickest to the goal, \(goal), would be \(describe(quickest)); cheapest \(describe(cheapest))."
  }

  private var goal: String {
    advice.target.map { target in
      "\(target.quality.measure.rawValue) \(Format.number(target.value, digits: 4))"
    } ?? "as far as the run came"
  }

  private func batch(_ value: Double) -> String { Format.number(value) }

  private func describe(_ choice: Advice.Choice) -> String {
    let range =
      choice.leastBatch == choice.mostBatch
      ? "whatever the noise scale in its range"
      : "\(Format.integer(choice.leastBatch)) to \(Format.integer(choice.mostBatch)) over the noise scale's range"
    let seconds = "\(Format.seconds(choice.seconds.low)) to \(Format.seconds(choice.seconds.high))"
    let money =
      advice.cost.flatMap { cost in
        cost.pricePerNodeHour > 0
          ? ", \(Format.number(choice.cost.low)) to \(Format.money(choice.cost.high, cost.currency))" : nil
      } ?? ""
    return
      "a global batch of \(Format.integer(choice.globalBatch)) on \(Format.plural(choice.ranks, "rank")) (\(range)): "
      + "\(seconds)\(money)"
  }

  /// Of what the answer was made.
  var reasoning: [String] {
    let scales = advice.course.stretches.map(\.noiseScale)
    let course =
      scales.count == 1
      ? "\(Format.number(scales[0])) samples"
      : "\(Format.number(scales[0])) samples in the first epoch and \(Format.number(scales[scales.count - 1])) in the last"
    let updates = advice.course.updates
    return [
      "The run took \(Format.plural(updates, "update")) to the goal, with a global batch of "
        + "\(Format.integer(advice.globalBatch)). Its gradients' noise scale was \(course); the critical batch is about "
        + "\(batch(advice.course.criticalBatch)).",
      advice.comparisons.isEmpty ? "" : coverage,
    ].filter { !$0.isEmpty }
  }

  /// How many of the sweep's batches lie where they were told to.
  var coverage: String {
    let (inside, all) = (advice.comparisons.count(where: \.isInside), advice.comparisons.count)
    guard all > 0 else { return "" }
    return
      "Of \(Format.plural(all, "batch", "batches")) that a sweep took to the goal, \(Format.integer(inside)) took as many updates as "
      + "the range says."
  }

  /// Reservations.
  var caveats: [String] {
    let far = advice.rows.filter { $0.prices.contains { $0.basis == .extrapolated } }.map(\.globalBatch)
    let pooled = advice.course.stretches.count(where: \.isPooled)
    return [
      far.isEmpty
        ? nil
        : "Steps of \(Format.list(far.map(Format.integer))) samples lie beyond the batches that were timed.",
      pooled == 0
        ? nil
        : "In \(Format.plural(pooled, "epoch")) noise hides the mean gradient: the noise scale of all epochs together stands in.",
    ].compactMap { $0 }
  }
}
