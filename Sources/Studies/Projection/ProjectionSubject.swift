import Configuration

/// The trials of a stored study that one projection is made of: they differ in batch, ranks, seed and rule alone.
public struct ProjectionSubject: Sendable {
  /// Of these trials alone.
  public let summary: StudySummary
  /// Finished ones.
  public let records: [TrialRecord]
  /// `part=NAME`, `variant=NAME` …, as far as the study has several; empty where it has one kind of trials.
  public let labels: [String]

  /// - Parameter choices: `key=value`, each of which a kind of trials must have.
  /// - Throws: `StudyError` where the study times calls, or not exactly one kind of trials is left.
  public init(_ stored: StoredStudy, only choices: [String]) throws {
    let chapters = StudyChapter.of(stored.study, stored.records).filter { $0.study.calls == nil }
    guard !chapters.isEmpty else {
      throw StudyError("the study timed calls, not training: there are no steps to project")
    }
    let kinds = chapters.flatMap(\.kinds)
    let left = kinds.filter { Set(choices).isSubset(of: $0.labels) }
    let known = kinds.map { $0.labels.joined(separator: " ") }.filter { !$0.isEmpty }
    guard let kind = left.first else {
      let what =
        known.isEmpty ? "it has one kind of trials: leave --only out" : "it has \(known.joined(separator: "; "))"
      throw StudyError("the study has no trials of --only \(choices.joined(separator: " ")): \(what)")
    }
    guard left.count == 1 else {
      let list = left.map { $0.labels.joined(separator: " ") }.joined(separator: "; ")
      throw StudyError(
        "the study has several kinds of trials, and one is projected: choose with --only KEY=VALUE from \(list)")
    }
    summary = StudySummary(kind.study, kind.records)
    (records, labels) = (kind.records, kind.labels)
  }
}

extension StudyChapter {
  fileprivate typealias Kind = (labels: [String], study: StudyConfiguration, records: [TrialRecord])

  /// In the order of their labels; at least one, perhaps without trials.
  fileprivate var kinds: [Kind] {
    let own = part.map { ["part=\($0.name)"] } ?? []
    let groups = Dictionary(grouping: records) { $0.trial.executionKind }
    guard !groups.isEmpty else { return [(own, study, [])] }
    return groups.map { (own + $0.key.labels, study, $0.value) }.sorted { $0.labels.joined() < $1.labels.joined() }
  }
}

extension Trial {
  /// Trials of one kind take the same time at the same batch on the same ranks.
  var executionKind: AxisValues { values.ofExecution.without(.globalBatch, .ranks) }
}

extension AxisValues {
  /// `key=value` of each.
  fileprivate var labels: [String] {
    ([.variant] + Axis.further).compactMap { axis in self[axis].map { "\(axis.key)=\($0)" } }
  }
}
