import Studies

/// The contents of a chapter by its study's subject: training, or compute calls. All else is the same for both.
protocol ChapterContent {
  /// The study's question.
  var question: String { get }
  /// One or two sentences; says so where there is nothing to tell yet.
  var answer: String { get }
  /// Reasons behind the answer, in sentences.
  var reasoning: [String] { get }
  /// Limits of the figures, whatever they are.
  var limits: [String] { get }
  /// An explanation of the main table's columns, in sentences with a space behind; empty where they need none.
  var explanation: String { get }
  /// The table that a chapter shows first.
  var main: Table { get }
  /// The same, for a terminal's width.
  var compact: Table { get }
  /// In the order of the page; what has no data is left out.
  var figures: [Figure] { get }
  /// The tables below the figures; those without rows are not shown.
  var sections: [ReportSection] { get }
}

extension StudySummary {
  /// The one place that asks what a study measured.
  var content: any ChapterContent { study.calls == nil ? TrainingReport(summary: self) : CallReport(summary: self) }
}
