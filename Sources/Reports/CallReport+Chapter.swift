extension CallReport: ChapterContent {
  var question: String { "How does the time of a compute call grow with its examples?" }
  var answer: String { sentences.first ?? "No call has been timed yet." }
  var reasoning: [String] { Array(sentences.dropFirst()) }
  var explanation: String { "" }
  var main: Table { table }
  var compact: Table { table }

  var limits: [String] {
    [
      "A call's time is the median over its repeats on one rank, alone on its cores; reading the input is not counted. "
        + "CPU time is the mean over the same calls.",
      "The line is fitted by least relative squares, so that small calls, which alone tell what a call costs by itself, "
        + "count as much as large ones. Calls that outgrow a cache do not lie on one line.",
    ]
  }

  var sections: [ReportSection] {
    [
      ReportSection(
        "Time of a call, fitted", "t(N) = a + bN by least relative squares over all trials, ± standard error.",
        fits
      ),
      ReportSection(
        "The same examples in a fifth of the calls", "CPU time saved, as measured and by the fit.", savings
      ),
      ReportSection(
        "Size of the model", "Of the weights, and of them and what the optimisers remember.",
        StudyTables(summary: summary).sizes
      ),
    ]
  }
}
