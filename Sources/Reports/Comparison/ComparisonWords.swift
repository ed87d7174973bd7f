import Foundation
import Statistics
import Studies

/// A comparison's findings in sentences, each made from its figures.
struct ComparisonWords {
  let comparison: StudyComparison
  let facts: ComparisonFacts

  init(_ comparison: StudyComparison, _ facts: ComparisonFacts) {
    self.comparison = comparison
    self.facts = facts
  }

  private var studies: [ComparedStudy] { comparison.studies }

  /// For those who read no further: how times and quality differ.
  var answer: String {
    let times = timeGroups.map(timeSentence)
    let sizes = jobSizeSentences
    let none =
      sizes.isEmpty
      ? [
        "Times are not compared: no two studies timed the same work on the same ranks, nor undisturbed on different ones."
      ] : sizes
    let sentences = (times.isEmpty ? none : times) + qualityGroups.map(qualitySentence)
    return sentences.joined(separator: " ")
  }

  /// What was compared, and what differs besides.
  var reasoning: [String] {
    let (data, model) = (studies[0].provenance.dataset, studies[0].provenance.model)
    let what = [model.map { "train \($0.name)" }, data.map { "on \($0.name)" }].compactMap { $0 }.joined(separator: " ")
    let subjects = facts.subjects
    let differing =
      subjects.isEmpty
      ? "Nothing that is known of machines, programs and settings differs between them: a difference would be one of occasions, or of what is not known."
      : "Between them differ \(Format.list(subjects)): the cause of a difference is among these, or is not known."
    return ["The \(Format.plural(studies.count, "study", "studies")) \(what). \(differing)"]
      + (timeGroups.isEmpty ? [] : jobSizeSentences)
  }

  /// Above the table of facts.
  var differing: String {
    "What machines, programs and settings of the studies do not have in common; what they have stands folded at the end."
  }

  /// Under the table of times.
  var times: String {
    "Median epoch of all trials of the same work, with its 95 % interval from six epochs on; the ratio's interval is wide enough that "
      + "in 95 % of comparisons all of this page hold the true ratios. Undecided: it holds 1" + trialScatter
  }

  private var trialScatter: String {
    guard let spread = comparison.trialSpread else {
      return
        ", or there are too few epochs. No work has several trials, so how far trials of equal work differ is not known, "
        + "and verdicts are of these trials alone"
    }
    return
      ", or there are too few epochs. Trials of equal work scatter by \(Format.percent(exp(spread.deviation) - 1)) around each "
      + "other (standard deviation, of \(Format.plural(spread.degrees, "degree")) of freedom), which the interval takes in"
  }

  /// Above the table of quality.
  var quality: String {
    "Mean ± standard deviation over seeds, of the most ranks that a study ran the setting on: ranks change nothing. Differences are "
      + "paired by seed where two seeds or more are the same (Student), else between independent samples (Welch); intervals hold "
      + "together as those of times do. The same bits: every seed that both have ended in the same weights"
  }

  /// Above the table of job sizes.
  var jobSizes: String {
    "The same global batch on more ranks: median epoch of the base ÷ median epoch. Where each rank count is of one study, all are "
      + "one line, and what else differs between the studies is part of it. Intervals are from the ends of both medians', 90 % or more"
  }

  /// Reservations about the answer.
  var caveats: [String] {
    let missing = studies.compactMap { study -> String? in
      let count = study.stored.missing.count
      guard count > 0 else { return nil }
      return "\(study.name) is not finished: \(Format.plural(count, "trial")) of \(study.stored.study.trials.count) "
        + "\(count == 1 ? "has" : "have") not run yet, and what there is was compared."
    }
    let mixed = studies.filter { $0.provenance.kindsOfMachine > 1 }.map {
      "\($0.name) ran on \($0.provenance.kindsOfMachine) different machines or builds, whose times are mixed in its medians."
    }
    let calls = comparison.hasCalls ? ["Timed calls are not compared: see each study's own report."] : []
    let lost = comparison.leftOut.isEmpty ? [] : ["Trials of other data or models are left out, and listed below."]
    return missing + mixed + disturbed + calls + lost + studies.flatMap(\.stored.notices)
  }

  private var disturbed: [String] {
    let count = comparison.timePairs.filter { $0.firstTime.isDisturbed || $0.otherTime.isDisturbed }.count
    return count == 0
      ? [] : ["Other programs disturbed all timings of \(Format.plural(count, "setting")): nothing is decided there."]
  }

  /// Limits of the figures, whatever they are.
  var limits: [String] {
    [
      "A study is one occasion. What else was different on the other (load, clock, temperature, neighbours on the network) is part of "
        + "every difference here: run one of the studies twice and compare it with itself to see how much that is.",
      "The test of times: all shifts between the logarithms of both studies' epochs that Mann and Whitney's test does not refuse "
        + "(Hodges and Lehmann), or, where it is wider, Student's interval from the scatter of trials of equal work; moved out by the share that other programs took. Level 95 % "
        + "over all comparisons together (Bonferroni), times and qualities each.",
      "An epoch's time is training alone, of the slowest rank; evaluation and checkpoints are left out, and so are epochs of which "
        + "other programs took too much.",
      "Undecided is no proof of being equal: the interval says how large a difference could be.",
    ]
  }
}

extension ComparisonWords {
  private typealias TimePair = StudyComparison.TimePair
  private typealias QualityPair = StudyComparison.QualityPair

  /// Pairs of the same two studies.
  private var timeGroups: [[TimePair]] {
    let ends = comparison.timePairs.map { [$0.first, $0.other] }.uniqued
    return ends.map { ends in comparison.timePairs.filter { [$0.first, $0.other] == ends } }
  }

  private var qualityGroups: [[QualityPair]] {
    let ends = comparison.qualityPairs.map { [$0.first, $0.other] }.uniqued
    return ends.map { ends in comparison.qualityPairs.filter { [$0.first, $0.other] == ends } }
  }

  private func timeSentence(_ pairs: [TimePair]) -> String {
    let (first, other) = (studies[pairs[0].first].name, studies[pairs[0].other].name)
    let slower = pairs.filter { $0.difference.verdict == .slower }.count
    let faster = pairs.filter { $0.difference.verdict == .faster }.count
    let ratio = "an epoch takes \(overall(pairs)) times as long"
    let all = "\(pairs.count == 1 ? "the one setting" : "all \(pairs.count) settings") that both ran"
    func some(_ count: Int) -> String {
      count == pairs.count
        ? "at \(all)" : "at \(count) of \(pairs.count) settings that both ran, undecided at the others"
    }
    switch (slower, faster) {
    case (0, 0): return "\(other) and \(first) are not told apart in time: \(ratio) in \(other), undecided at \(all)."
    case (_, 0): return "\(other) is slower than \(first): \(ratio), slower \(some(slower))."
    case (0, _): return "\(other) is faster than \(first): \(ratio), faster \(some(faster))."
    default:
      return
        "Which of \(other) and \(first) is faster depends on the setting: \(other) is slower at \(slower), faster at \(faster) and "
        + "undecided at \(pairs.count - slower - faster) of \(Format.plural(pairs.count, "setting")) that both ran."
    }
  }

  /// The geometric mean of the ratios, and where it lies: between those of the intervals' ends, since all hold together.
  private func overall(_ pairs: [TimePair]) -> String {
    let ratios = pairs.map(\.difference.ratio)
    guard ratios.allSatisfy({ $0 > 0 }) else { return "an unknown number of" }
    let intervals = pairs.compactMap(\.difference.interval)
    let mean = Format.fixed(ratios.geometricMean, 2)
    let what = pairs.count > 1 ? "on average " : ""
    guard intervals.count == pairs.count else { return what + mean }
    let (low, high) = (intervals.map(\.lower).geometricMean, intervals.map(\.upper).geometricMean)
    return "\(what)\(mean) (\(Format.fixed(low, 2)) to \(Format.fixed(high, 2)))"
  }

  private func qualitySentence(_ pairs: [QualityPair]) -> String {
    let (first, other) = (studies[pairs[0].first].name, studies[pairs[0].other].name)
    func count(_ verdict: QualityDifference.Verdict) -> Int { pairs.filter { $0.difference.verdict == verdict }.count }
    let same = pairs.filter(\.difference.hasSameBits).count
    let all = "all \(Format.plural(pairs.count, "setting"))"
    if same == pairs.count { return "\(other) learns the same as \(first), to the bit, at \(all)." }
    let bits = same > 0 ? ", with the same bits at \(same)" : ""
    switch (count(.better), count(.worse)) {
    case (0, 0): return "The quality of \(other) is not told from that of \(first) at \(all)\(bits)."
    case (let better, 0):
      return
        "\(other) is better than \(first) at \(better) of \(pairs.count) settings\(largest(pairs, .better))\(bits)."
    case (0, let worse):
      return "\(other) is worse than \(first) at \(worse) of \(pairs.count) settings\(largest(pairs, .worse))\(bits)."
    case (let better, let worse):
      return
        "In quality \(other) is better than \(first) at \(better) and worse at \(worse) of \(pairs.count) settings\(bits)."
    }
  }

  private func largest(_ pairs: [QualityPair], _ verdict: QualityDifference.Verdict) -> String {
    let told = pairs.filter { $0.difference.verdict == verdict }
    guard let most = told.max(by: { abs($0.difference.difference ?? 0) < abs($1.difference.difference ?? 0) }),
      let difference = most.difference.difference
    else { return "" }
    return " (by \(most.judgedBy.distance(abs(difference))) at most)"
  }

  /// Of lines that several studies make together.
  private var jobSizeSentences: [String] {
    comparison.jobSizes.filter { $0.study == nil }.prefix(3).compactMap { line in
      guard let last = line.scaling.entries.last, let number = line.studyOf[last.ranks],
        let base = line.studyOf[line.scaling.referenceRanks]
      else { return nil }
      let interval = last.speedUpInterval.map {
        " (\(Format.fixed($0.lower, 2)) to \(Format.fixed($0.upper, 2)))"
      }
      return
        "At \(ComparisonTables.name(line.place, withRanks: false)) an epoch is \(Format.fixed(last.speedUp, 2))\(interval ?? "") times "
        + "as fast on \(Format.plural(last.ranks, "rank")) (\(studies[number].name)) as on "
        + "\(Format.integer(line.scaling.referenceRanks)) (\(studies[base].name)); the ideal is "
        + "\(Format.number(Double(last.ranks) / Double(line.scaling.referenceRanks)))."
    }
  }
}
