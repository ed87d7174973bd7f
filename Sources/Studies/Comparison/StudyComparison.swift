import Configuration
import Statistics
import Training

/// Several studies of the same data and models beside each other: on other machines, of other commits, on other numbers of ranks.
/// Settings that two of them ran are compared; the first study that has a setting is what others are compared with.
public struct StudyComparison: Sendable {
  /// The same work, timed in two studies.
  public struct TimePair: Equatable, Sendable {
    /// Values that make a difference to times.
    public var place: ComparedPlace
    /// Number of the study that is compared with, from 0.
    public var first: Int
    /// Number of the other.
    public var other: Int
    /// Of the first study.
    public var firstTime: TimedWork
    /// Of the other.
    public var otherTime: TimedWork
    /// Of the other from the first.
    public var difference: TimeDifference
  }

  /// The same setting, learnt in two studies, on whatever ranks.
  public struct QualityPair: Equatable, Sendable {
    /// Values without ranks and seed.
    public var place: ComparedPlace
    /// Number of the study that is compared with, from 0.
    public var first: Int
    /// Number of the other.
    public var other: Int
    /// The figure that is compared: the first study's.
    public var judgedBy: JudgedQuality
    /// Of the first study.
    public var firstQuality: LearntQuality
    /// Of the other.
    public var otherQuality: LearntQuality
    /// Of the other from the first.
    public var difference: LearntDifference
  }

  /// The same global batch on several rank counts.
  public struct JobSizes: Equatable, Sendable {
    /// Values without ranks.
    public var place: ComparedPlace
    /// Number of the study that all are from; nil where each rank count is from one study and they are from several.
    public var study: Int?
    /// Numbers of the studies, by rank count.
    public var studyOf: [Int: Int]
    /// Against the fewest ranks.
    public var scaling: RankScaling
  }

  /// Trials that are not compared, since data or model are others.
  public struct LeftOut: Equatable, Sendable {
    /// Number of the study, from 0.
    public var study: Int
    /// Of these trials.
    public var part: String?
    /// Of these trials.
    public var variant: String?
    /// Number of the study that they differ from.
    public var first: Int
    /// One phrase a difference.
    public var differences: [String]
  }

  /// As given.
  public let studies: [ComparedStudy]
  /// Of each study, what it measured of times.
  public let times: [[ComparedPlace: TimedWork]]
  /// Of each study, what it measured of quality.
  public let qualities: [[ComparedPlace: LearntQuality]]
  /// In the order of the places.
  public let timePairs: [TimePair]
  /// In the order of the places.
  public let qualityPairs: [QualityPair]
  /// What each part's and variant's quality is judged by: the first study's figure.
  private let judges: [ComparedPlace.Scope: JudgedQuality]
  /// Of every batch that ran on two rank counts or more.
  public let jobSizes: [JobSizes]
  /// Whose data or models are others.
  public let leftOut: [LeftOut]
  /// How far trials of equal work lie from each other, in logarithms; nil where no work has several.
  public let trialSpread: PooledSpread?

  /// - Throws: `StudyError` where a study has nothing to compare with the others.
  public init(_ studies: [ComparedStudy]) throws {
    for study in studies where study.stored.records.isEmpty {
      throw StudyError(
        "\(study.folder) holds no finished trial yet: run its study first (lockstep study … --output \(study.folder)), or leave it out"
      )
    }
    let sides = studies.enumerated().flatMap { Side.all(of: $1, number: $0) }
    let (kept, leftOut) = Self.comparable(sides)
    times = studies.indices.map { number in Self.times(kept.filter { $0.number == number }) }
    let judges = Dictionary(kept.map { ($0.scope, $0.judge) }) { first, _ in first }
    self.judges = judges
    qualities = studies.indices.map { number in Self.qualities(kept.filter { $0.number == number }, judges) }
    let spread = PooledSpread(
      times.flatMap { $0.values.map(\.trialLogarithms) }.sorted { $0.lexicographicallyPrecedes($1) })
    trialSpread = spread
    timePairs = Self.timePairs(times, spread)
    qualityPairs = Self.qualityPairs(qualities, judges)
    jobSizes = Self.jobSizes(times)
    self.studies = studies
    self.leftOut = leftOut
    try requireSomething()
  }

  /// Places of times that one study alone has, and no figure of job sizes shows beside another's.
  public func timedOnly(in study: Int) -> [ComparedPlace] {
    let shown = Set(jobSizes.filter { $0.study == nil }.map(\.place))
    return times[study].keys.filter { place in
      !shown.contains(place.without(.ranks)) && times.filter { $0[place] != nil }.count == 1
    }.inOrder
  }

  /// Places of quality that one study alone has.
  public func learntOnly(in study: Int) -> [ComparedPlace] {
    qualities[study].keys.filter { place in qualities.filter { $0[place] != nil }.count == 1 }.inOrder
  }

  /// What quality there is judged by: the figure of the first study that ran it.
  public func judge(of place: ComparedPlace) -> JudgedQuality { judges[place.scope] ?? .accuracy }

  /// Some parts hold timed calls, which are not compared.
  public var hasCalls: Bool { studies.contains { $0.stored.records.contains { $0.calls != nil } } }
}

extension StudyComparison {
  /// Trials of one study whose data and model are the same.
  private struct Side {
    let number: Int
    let scope: ComparedPlace.Scope
    let study: StudyConfiguration
    /// That train.
    let records: [TrialRecord]

    /// What its study judges it by.
    var judge: JudgedQuality {
      if let target = study.target { return target.quality }
      return records.contains { $0.run.finalValidation?.areaUnderCurve != nil } ? .areaUnderCurve : .accuracy
    }

    static func all(of study: ComparedStudy, number: Int) -> [Side] {
      StudyChapter.of(study.stored.study, study.stored.records).flatMap { chapter in
        let records = chapter.study.results(chapter.records).filter { $0.calls == nil }
        return records.map(\.trial.variant).uniqued.map { variant in
          Side(
            number: number, scope: .init(part: chapter.part?.name, variant: variant), study: chapter.study,
            records: records.filter { $0.trial.variant == variant })
        }
      }
    }
  }

  /// Those whose data and model are the first's of their scope.
  private static func comparable(_ sides: [Side]) -> (kept: [Side], leftOut: [LeftOut]) {
    var (kept, leftOut): ([Side], [LeftOut]) = ([], [])
    for side in sides {
      guard let reference = kept.first(where: { $0.scope == side.scope }) else {
        kept.append(side)
        continue
      }
      let differences = Comparability.differences(of: side.records[0].run, from: reference.records[0].run)
      if differences.isEmpty {
        kept.append(side)
      } else {
        leftOut.append(
          LeftOut(
            study: side.number, part: side.scope.part, variant: side.scope.variant, first: reference.number,
            differences: differences))
      }
    }
    return (kept, leftOut)
  }

  private static func times(_ sides: [Side]) -> [ComparedPlace: TimedWork] {
    sides.reduce(into: [:]) { times, side in
      let completed = side.records.filter { $0.run.finalOutcome == .completed }
      for (values, records) in Dictionary(grouping: completed, by: \.trial.values.ofExecution) {
        times[ComparedPlace(part: side.scope.part, values)] = TimedWork(
          records, bound: side.study.measuring.disturbedAbove)
      }
    }
  }

  private static func qualities(
    _ sides: [Side], _ judges: [ComparedPlace.Scope: JudgedQuality]
  ) -> [ComparedPlace: LearntQuality] {
    sides.reduce(into: [:]) { qualities, side in
      let trials = side.records.filter { $0.round == nil }
      for (values, records) in Dictionary(grouping: trials, by: { $0.trial.values.without(.seed, .ranks) }) {
        qualities[ComparedPlace(part: side.scope.part, values)] = LearntQuality(
          records, side.study, (judges[side.scope] ?? side.judge).measure)
      }
    }
  }

  /// Every place that several studies have, as numbers of the first and of another.
  private static func pairs<Value>(_ figures: [[ComparedPlace: Value]]) -> [(
    place: ComparedPlace, first: Int, other: Int
  )] {
    figures.flatMap { Array($0.keys) }.inOrder.flatMap { place in
      let having = figures.indices.filter { figures[$0][place] != nil }
      return having.dropFirst().map { (place, having[0], $0) }
    }
  }

  private static func timePairs(_ times: [[ComparedPlace: TimedWork]], _ spread: PooledSpread?) -> [TimePair] {
    let pairs = pairs(times)
    return pairs.compactMap { place, first, other in
      guard let firstTime = times[first][place], let otherTime = times[other][place] else { return nil }
      return TimePair(
        place: place, first: first, other: other, firstTime: firstTime, otherTime: otherTime,
        difference: TimeDifference(from: firstTime, to: otherTime, spread: spread, comparisons: pairs.count))
    }
  }

  private static func qualityPairs(
    _ qualities: [[ComparedPlace: LearntQuality]], _ judges: [ComparedPlace.Scope: JudgedQuality]
  ) -> [QualityPair] {
    let pairs = pairs(qualities)
    return pairs.compactMap { place, first, other in
      guard let one = qualities[first][place], let another = qualities[other][place] else { return nil }
      let judgedBy = judges[place.scope] ?? .accuracy
      return QualityPair(
        place: place, first: first, other: other, judgedBy: judgedBy, firstQuality: one, otherQuality: another,
        difference: LearntDifference(
          place, from: one, to: another, comparisons: pairs.count, isBetterHigher: judgedBy.isBetterHigher))
    }
  }

  private static func jobSizes(_ times: [[ComparedPlace: TimedWork]]) -> [JobSizes] {
    let lines = times.flatMap { $0.filter { !$0.value.isDisturbed }.keys.map { $0.without(.ranks) } }.inOrder
    return lines.flatMap { line -> [JobSizes] in
      // By study, then by rank count.
      let own = times.map { work in
        Dictionary(
          work.filter { $0.key.without(.ranks) == line && !$0.value.isDisturbed }.map {
            ($0.key.ranks, $0.value.seconds)
          },
          uniquingKeysWith: { first, _ in first })
      }
      let all = own.enumerated().flatMap { number, times in
        times.map { (ranks: $0.key, number: number, seconds: $0.value) }
      }
      // Each rank count of one study, the first that has it, where no study by itself has a line, or none stands beside another's.
      let isSpread = Set(all.map(\.ranks)).count == all.count || !own.contains { $0.count > 1 }
      if isSpread, Set(all.map(\.number)).count > 1 {
        let first = Dictionary(all.map { ($0.ranks, $0) }) { one, _ in one }
        guard Set(first.values.map(\.number)).count > 1 else { return [] }
        let scaling = RankScaling(line.values, times: first.mapValues(\.seconds))
        return scaling.map { [JobSizes(place: line, study: nil, studyOf: first.mapValues(\.number), scaling: $0)] }
          ?? []
      }
      return own.enumerated().compactMap { number, times in
        RankScaling(line.values, times: times).map {
          JobSizes(place: line, study: number, studyOf: times.mapValues { _ in number }, scaling: $0)
        }
      }
    }
  }
}

extension StudyComparison {
  /// Every study must stand beside another.
  private func requireSomething() throws {
    for number in studies.indices where !isCompared(number) {
      let folder = studies[number].folder
      // What is left out of another study's, where this one is the reference.
      let reasons = leftOut.filter { $0.study == number } + leftOut.filter { $0.first == number }
      if let reason = reasons.first {
        throw StudyError(
          "\(studies[reason.study].folder) does not compare with \(studies[reason.first].folder): "
            + "\(reason.differences.joined(separator: "; ")). Give studies of the same data and model, judged on the same split"
        )
      }
      let others = studies.indices.filter { $0 != number }.map { "\(studies[$0].folder) has \(settings(of: $0))" }
      throw StudyError(
        "\(folder) has no setting in common with the other studies: it has \(settings(of: number)), and \(others.joined(separator: ", ")). "
          + "Give studies that share a global batch (axes.globalBatch), and parts and variants of the same names")
    }
  }

  private func isCompared(_ number: Int) -> Bool {
    timePairs.contains { $0.first == number || $0.other == number }
      || qualityPairs.contains { $0.first == number || $0.other == number }
      || jobSizes.contains { $0.study == nil && $0.studyOf.values.contains(number) }
  }

  private func settings(of number: Int) -> String {
    let places = Array(times[number].keys) + Array(qualities[number].keys)
    let batches = Set(places.map(\.globalBatch)).sorted().map { "\($0)" }.joined(separator: ", ")
    let names = places.inOrder.flatMap { [$0.part, $0.variant].compactMap { $0 } }.uniqued
    return (batches.isEmpty ? "none that trains" : "global batches \(batches)")
      + (names.isEmpty ? "" : " of \(names.joined(separator: ", "))")
  }
}
