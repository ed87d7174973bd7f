import Configuration

/// One of a study's parts with its trials, as a study of its own; a study without parts is one chapter.
public struct StudyChapter: Sendable {
  /// nil where the study has no parts.
  public let part: StudyPart?
  /// The part's, or the study itself.
  public let study: StudyConfiguration
  /// Out of their part: the chapter's study knows them.
  public let records: [TrialRecord]

  /// In the file's order.
  public static func of(_ study: StudyConfiguration, _ records: [TrialRecord]) -> [StudyChapter] {
    guard let parts = study.parts else { return [StudyChapter(part: nil, study: study, records: records)] }
    return parts.map { part in
      let own = records.filter { $0.trial.part == part.name }.map { record in
        var record = record
        record.trial = record.trial.placed(inPart: nil)
        return record
      }
      return StudyChapter(part: part, study: part.study, records: own)
    }
  }
}
