extension StudyComparison: Encodable {
  /// Version of `comparison.json`.
  public static let currentVersion = 1

  private enum CodingKeys: String, CodingKey { case version, studies, times, qualities, jobSizes, leftOut, trialSpread }

  /// Studies by name; a pair's two figures beside their difference.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.currentVersion, forKey: .version)
    try container.encodeIfPresent(trialSpread, forKey: .trialSpread)
    try container.encode(studies.map(StoredMember.init), forKey: .studies)
    let names = studies.map(\.name)
    try container.encode(
      timePairs.map {
        StoredPair(
          place: $0.place, first: names[$0.first], other: names[$0.other], firstFigure: $0.firstTime,
          otherFigure: $0.otherTime, difference: $0.difference)
      }, forKey: .times)
    try container.encode(
      qualityPairs.map {
        StoredPair(
          place: $0.place, first: names[$0.first], other: names[$0.other], judgedBy: $0.judgedBy,
          firstFigure: $0.firstQuality, otherFigure: $0.otherQuality, difference: $0.difference)
      }, forKey: .qualities)
    try container.encode(
      jobSizes.map { sizes in
        StoredJobSizes(place: sizes.place, studies: sizes.studyOf.mapValues { names[$0] }, scaling: sizes.scaling)
      }, forKey: .jobSizes)
    try container.encode(
      leftOut.map {
        StoredLeftOut(
          study: names[$0.study], part: $0.part, variant: $0.variant, first: names[$0.first],
          differences: $0.differences)
      }, forKey: .leftOut)
  }
}

private struct StoredMember: Encodable {
  var name: String
  var study: String
  var provenance: Provenance
  var trials: Int
  var missing: Int

  init(_ study: ComparedStudy) {
    name = study.name
    self.study = study.stored.study.name
    provenance = study.provenance
    trials = study.stored.records.count
    missing = study.stored.missing.count
  }
}

private struct StoredPair<Figure: Encodable, Difference: Encodable>: Encodable {
  var place: ComparedPlace
  var first: String
  var other: String
  var judgedBy: JudgedQuality?
  var firstFigure: Figure
  var otherFigure: Figure
  var difference: Difference
}

private struct StoredJobSizes: Encodable {
  var place: ComparedPlace
  var studies: [Int: String]
  var scaling: RankScaling
}

private struct StoredLeftOut: Encodable {
  var study: String
  var part: String?
  var variant: String?
  var first: String
  var differences: [String]
}
