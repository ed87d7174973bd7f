import Studies

/// The rules of Hoefler and Belli, "Scientific benchmarking of parallel computing systems" (SC 2015), and how a study's report
/// keeps each, with its own figures.
struct MeasuringRules {
  let summary: StudySummary

  var table: Table {
    Table(
      [.number("Rule"), .text("It asks"), .text("Here")],
      rules.enumerated().map { index, rule in [Format.integer(index + 1), rule.asks, rule.here] })
  }

  private var rules: [(asks: String, here: String)] {
    [
      ("A speed-up states its base and the base's absolute value", speedUps),
      ("Say why only a part was run, and report all that was", parts),
      (
        "Costs are averaged arithmetically, rates harmonically",
        "A rate is work ÷ time, money follows from time: nothing else is averaged."
      ),
      (
        "Ratios are not averaged",
        "Shares are quotients of sums; of a claim's ratios the geometric mean, and it says so."
      ),
      ("Say whether a figure is deterministic, else give an interval", intervals),
      (
        "Do not suppose a normal distribution",
        "Times: medians and order statistics. Quality over seeds: mean ± standard deviation."
      ),
      (
        "Compare by a sound test",
        "Settings are compared with the best in pairs of one seed, all of a study at 95 % together; times have intervals, no test."
      ),
      (
        "Is it the mean, the median or a high percentile that counts",
        "Medians, and beside them the slowest step in a hundred."
      ),
      ("Document every factor and the whole set-up", "Machine, libraries, threads, seeds and commands stand below."),
      (
        "Say how time was taken over processes",
        "Each rank's monotonic clock; an epoch's time is its slowest rank's; waiting is told from wire by clocks aligned at the start."
      ),
      ("Show bounds", "Ideal speed-up, fit and projection stand beside what was measured."),
      (
        "Lines only where a trend between points is meant",
        "Lines join global batches and ranks; variants are bars or marks."
      ),
    ]
  }

  private var speedUps: String {
    guard !summary.rankScaling.isEmpty else { return "One rank count: no speed-up is stated." }
    return "The column Base of the table of speed-ups."
  }

  private var parts: String {
    let extrapolated = summary.points.contains(where: \.isExtrapolated)
    let trials =
      "\(Format.plural(summary.finishedTrials, "trial")) of \(summary.finishedTrials + summary.missingTrials) finished, "
      + "\(Format.integer(summary.divergedTrials)) of them diverged: all are shown."
    return extrapolated ? trials + " Some stopped inside their first epoch, whose figures are scaled up." : trials
  }

  private var intervals: String {
    let known = summary.execution.filter { $0.timing.intervalShare != nil }.count
    return
      "\(known) of \(Format.plural(summary.execution.count, "time")) have an interval of the median; the others have five epochs or "
      + "fewer and none. Bytes and updates are exact."
  }
}
