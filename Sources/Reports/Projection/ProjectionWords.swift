import Configuration
import Statistics
import Studies

/// A projection in sentences.
struct ProjectionWords {
  let projection: Projection
  let cost: StudyConfiguration.Cost

  init(_ projection: Projection, cost: StudyConfiguration.Cost) {
    self.projection = projection
    self.cost = cost
  }

  private var tables: ProjectionTables { ProjectionTables(projection, cost: cost) }
  private var fit: Projection.Fit { projection.fit }

  /// Fastest and cheapest.
  var answer: String {
    guard let fastest = projection.fastest, let cheapest = projection.cheapest else {
      return "No batch of the study is large enough for any of these places."
    }
    if fastest == cheapest { return "Quickest and cheapest is \(describe(fastest))." }
    return "Quickest is \(describe(fastest)); cheapest is \(describe(cheapest))."
  }

  private func describe(_ point: Projection.Point) -> String {
    let place =
      "a global batch of \(Format.integer(point.globalBatch)) on \(Format.plural(point.nodes, "node"))"
      + " (\(Format.plural(point.ranks, "rank")))"
    let what = point.secondsToGoal == nil ? "an epoch" : "the goal"
    let seconds = Format.seconds(point.choice.seconds)
    let money = "\(tables.money(point.choice.nodeHours)) \(tables.moneyName)"
    let basis = point.basis == .measured ? "" : ", an \(ProjectionTables.name(point.basis))"
    return "\(place): \(what) in \(seconds) for \(money)\(basis)"
  }

  /// What limits the largest batch, and where ranks stay busy.
  var reasoning: [String] { [limits, busy].compactMap { $0 } }

  private var limits: String? {
    let largest = projection.strong.map(\.globalBatch).max()
    let points = projection.strong.filter { $0.globalBatch == largest }
    guard let first = points.first else { return nil }
    var changes: [String] = []
    var last: StepTerms.Term?
    for point in points where point.terms.limiting != last {
      last = point.terms.limiting
      changes.append(
        "\(ProjectionTables.name(point.terms.limiting).lowercased()) from \(Format.plural(point.ranks, "rank")) on")
    }
    return "At a global batch of \(Format.integer(first.globalBatch)) most of a step is \(Format.list(changes))."
  }

  private var busy: String? {
    guard let most = projection.isoefficiency.last else { return nil }
    let goal = Format.percent(Projection.busy, 0)
    guard let batch = most.globalBatch else {
      return "No batch keeps \(Format.plural(most.ranks, "rank")) at an efficiency of \(goal)."
    }
    return "\(Format.plural(most.ranks, "rank")) keep an efficiency of \(goal) with a global batch of "
      + "\(Format.integer(batch)) or more."
  }

  /// What the model is, in sentences.
  var model: [String] {
    [
      "A model, not a measurement: T = a + b·n + the exchange that nothing hides + waiting for the last rank, n the samples of "
        + "the busiest rank, fitted to "
        + "\(Format.plural(fit.trials, "trial")) on \(Format.list(fit.ranks.map(Format.integer))) \(fit.ranks == [1] ? "rank" : "ranks")"
        + (fit.missShare.map { ", which it misses by \(Format.percent($0))" } ?? "") + ".",
      "Outside the exchange a rank takes \(StudyTables.withError(fit.compute.intercept, fit.compute.interceptError)) + "
        + "\(StudyTables.withError(fit.compute.slope, fit.compute.slopeError)) a sample "
        + "(R² \(Format.fixed(fit.compute.rSquared, 4)))\(paces).",
      network, exchange, waiting,
      "It supposes that every further node brings cores and memory like the study's. Judge it by the rows that were measured too.",
    ]
  }

  private var paces: String {
    guard let least = fit.paces.values.min(), let most = fit.paces.values.max(), most > 1.005 * least else { return "" }
    return
      ", each global batch \(Format.fixed(least, 2)) to \(Format.fixed(most, 2)) times as long: they are cut into microbatches of "
      + "different sizes"
  }

  private var network: String {
    switch fit.network {
    case .study(let latency, let perByte):
      "Latency \(Format.seconds(latency)) a message and hop and bandwidth "
        + (perByte > 0 ? "\(Format.bytes(1 / perByte))/s" : "without bound")
        + " of a ring of ranks explain what the study's own exchange took"
        + (fit.ranks.filter { $0 > 1 }.count > 1 ? "." : "; one rank count above 1 cannot tell them apart.")
    case .measured(let hosts, let ranks):
      "The network is that measured on \(Format.plural(hosts, "host")) with \(Format.plural(ranks, "rank")); the study's exchange "
        + "took \(Format.number(fit.pace)) times what that says."
    case .elsewhere(let hosts, let ranks):
      "The network is another than the study's, measured on \(Format.plural(hosts, "host")) with \(Format.plural(ranks, "rank"))."
    case .dataSheet(let latency, let bandwidth):
      "The network is a data sheet's: \(Format.seconds(latency)) a message, \(Format.bytes(bandwidth))/s a node; software may take "
        + "twice as long."
    }
  }

  private var exchange: String {
    "Each step exchanges \(Format.bytes(fit.exchangedBytes)) in \(Format.plural(fit.buckets, "message"))"
      + (fit.hasTables ? ", and the tables' rows behind them, which nothing hides" : "")
      + "; of the shorter of exchange and backward pass \(Format.percent(fit.hiddenShare, 0)) is hidden."
  }

  private var waiting: String {
    guard fit.waitingPerStep > 0 || fit.waitingPerCompute > 0 else { return "Ranks did not wait for each other." }
    return
      "Ranks differ from each other by \(Format.seconds(fit.waitingPerStep)) and \(Format.percent(fit.waitingPerCompute)) of "
      + "their computation (standard deviation), and the step waits for the last."
  }

  /// Less is not worth results that depend on the number of ranks.
  private static let leastGain = 0.05

  /// Whether to set `exchangePrecision`, where nobody has yet.
  var narrow: String {
    let points = projection.strong.filter { $0.narrowStepSeconds != nil }
    let run = points.filter { $0.basis != .extrapolated }
    func gain(_ point: Projection.Point) -> Double { point.narrowGain ?? 0 }
    guard let best = (run.isEmpty ? points : run).max(by: { gain($0) < gain($1) }), let seconds = best.narrowStepSeconds
    else { return "" }
    let place = "a global batch of \(Format.integer(best.globalBatch)) on \(Format.plural(best.ranks, "rank"))"
    let times = "\(Format.seconds(seconds)) instead of \(Format.seconds(best.stepSeconds))"
    let means = "exchangePrecision bfloat16 or float16 halves the bytes of dense gradients, and rounds them. "
    return means
      + (gain(best) < Self.leastGain
        ? "It would not pay here: a step would take \(times) at best, with \(place)."
        : "Where it pays most here, with \(place), a step would take \(times); what that does to quality a study with "
          + "axes.exchangePrecision shows.")
  }

  /// Before the front's table.
  var front: String {
    let goal =
      projection.strong.contains { $0.epochsToGoal != nil } ? "to the goal" : "of an epoch, whatever its batch learns"
    return "Places that no other beats in both time and money \(goal). "
      + (cost.pricePerNodeHour > 0
        ? "A node-hour costs \(Format.money(cost.pricePerNodeHour, cost.currency))."
        : "Nothing has a price: node-hours.")
  }

  /// How far the model misses what was run.
  var comparison: String {
    let heldOut = projection.comparisons.filter { !$0.isFitted }.map { abs($0.error) }.filter(\.isFinite)
    guard let most = heldOut.max() else {
      return "The model was fitted to all of these: that it meets them proves little. --fit-ranks leaves some out."
    }
    return "\(Format.plural(heldOut.count, "place")) that the model was not fitted to: it misses them by "
      + "\(Format.percent(Spread(heldOut).median)) in the median, \(Format.percent(most)) at most."
  }

  /// Reservations.
  var caveats: [String] {
    var caveats = projection.comparisons.contains { !$0.isFitted } ? [comparison] : []
    if let farthest = projection.strong.filter({ $0.basis == .extrapolated }).map(\.ranks).max(),
      let most = fit.ranks.last
    {
      caveats.append(
        "\(Format.plural(farthest, "rank")) are \(Format.number(Double(farthest) / Double(most))) times what the model was fitted "
          + "to: its intervals grow with each doubling.")
    }
    if fit.missShare == nil {
      caveats.append("As few trials were fitted as the model has figures: how far it may miss is not known.")
    }
    if case .measured = fit.network, fit.pace > 2 || fit.pace < 0.5 {
      caveats.append(
        "The study's exchange took \(Format.number(fit.pace)) times what the network's model says: was it measured with the same "
          + "settings, and was the machine quiet?")
    }
    return caveats
  }
}
