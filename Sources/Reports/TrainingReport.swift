import Studies

/// A chapter of a study that trained.
struct TrainingReport: ChapterContent {
  let summary: StudySummary

  private var tables: StudyTables { StudyTables(summary: summary) }
  private var words: StudyWords { StudyWords(summary: summary) }

  var question: String { words.question }
  var answer: String { words.answer }
  var reasoning: [String] { words.reasoning }
  var limits: [String] { words.limits }
  var main: Table { tables.main }
  var compact: Table { tables.compact }
  var figures: [Figure] { StudyFigures(summary: summary).all }

  var explanation: String {
    "Exchange is exposed communication as a share of training time; CPU seconds are those of all ranks"
      + (summary.hasAreaUnderCurve ? ". " : "; gap is training minus \(summary.heldOut) accuracy. ")
  }

  var sections: [ReportSection] {
    var sections: [ReportSection] = [
      (
        "Loss and accuracy",
        "Mean ± standard deviation over seeds, of the final weights unless the last column says "
          + "otherwise.", tables.quality
      ),
      (
        "Diverged trials", "Loss or gradient stopped being finite. Counted as results, averaged into nothing.",
        tables.diverged
      ),
    ]
    if let target = tables.target {
      sections.append(
        ("To the target", "Until the end of the first epoch that reached it; over the seeds that did.", target))
    }
    sections += smallerRankCounts
    sections += [
      (
        "Where an epoch's time goes",
        "Medians over epochs and ranks, means over trials. The last columns are per epoch, memory aside.", tables.phases
      ),
      (
        "Step time, fitted", "t(B) = a + bB by ordinary least squares over all trials, ± standard error.", tables.fits
      ),
      ("Speed-up over ranks", "The same global batch on more ranks; ratios of mean epoch times.", tables.ranks),
      (
        "Exchange of row-sparse gradients",
        "A rank's bytes; distinct rows are those of the whole global batch. Means over epochs and trials.",
        tables.traffic
      ),
      (
        "Size and input",
        "Of the weights, and of them and what the optimisers remember; end to end is opening the data "
          + "and training.", tables.sizes
      ),
      projectionSection,
    ]
    return sections
  }

  private var smallerRankCounts: [ReportSection] {
    Set(summary.points.map(\.place.ranks)).sorted(by: >).dropFirst().map { ranks in
      (
        "Results on \(Format.plural(ranks, "rank"))", "The same experiments, executed by fewer ranks.",
        tables.main(ranks: ranks)
      )
    }
  }

  private var projectionSection: ReportSection {
    // Several variants have no one step to project.
    if summary.hasNames { return ("Projection to more ranks", "", Table([], [])) }
    guard let projection = summary.projection, let table = tables.projection else {
      return (
        "Projection to more ranks", "",
        Table(
          [.text("Not possible yet")],
          [["It takes two rank counts or more: add axes.ranks, such as [1, 2], to the study and run it again."]])
      )
    }
    let bandwidth = projection.bandwidth.map { Format.bytes($0) + "/s" } ?? "no exposed time"
    let latency =
      projection.latencyIsMeasured
      ? "\(Format.seconds(projection.latency)) per message and hop"
      : "latency not told apart from it (that takes two rank counts above 1)"
    return (
      "Projection to more ranks",
      "A model, not a measurement: T(B, P) = a + b·B/P + ring all-reduce over P ranks, with compute "
        + "\(Format.seconds(max(0, projection.compute.intercept))) + \(Format.seconds(projection.compute.slope)) a sample and "
        + "rank (R² \(Format.fixed(projection.compute.rSquared, 4))), wire \(bandwidth), \(latency). It assumes that each "
        + "further rank brings its own cores and memory, that the exchange keeps the speed that it had here, and that no "
        + "rank waits for another. Judge it by the rows that were also measured.", table
    )
  }
}
