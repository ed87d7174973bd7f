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
      ReportSection(
        "Loss and accuracy",
        "Mean ± standard deviation over seeds, of the final weights unless the last column says "
          + "otherwise.", tables.quality
      ),
      ReportSection("Differences from the best", words.differences, tables.differences),
      ReportSection(
        "Diverged trials", "Loss or gradient stopped being finite. Counted as results, averaged into nothing.",
        tables.diverged
      ),
    ]
    sections.append(
      ReportSection(
        "Schedules of the global batch",
        "A row for each part of a run between two milestones. g = ε (N ÷ B − 1) ÷ (1 − m), SGD's only; what a rule keeps equal is ε N ÷ (B (1 − m)).",
        tables.batchSchedules))
    if let target = tables.target {
      sections.append(
        ReportSection(
          "To the target", "Until the end of the first epoch that reached it; over the seeds that did.", target))
    }
    sections += GoalReport(summary: summary).sections
    sections.append(SearchReport(summary: summary).section)
    let course = CourseTables(summary: summary)
    sections += [
      ReportSection("Critical batch", CourseTables.aboutCriticalBatches, course.criticalBatches),
      ReportSection("Gradient noise", CourseTables.aboutNoise, course.noise),
      ReportSection("Distance from the start", CourseTables.aboutDistances, course.distances),
      ReportSection("Distance of each array", CourseTables.aboutArrays, course.arrays),
    ]
    sections += smallerRankCounts
    sections += [
      ReportSection(
        "Where an epoch's time goes",
        "Medians over ranks, then over the epochs of all trials that compute the same. The last columns are per epoch, memory aside.",
        tables.phases
      ),
      ReportSection(
        "Step time, fitted", "t(B) = a + bB by ordinary least squares over all trials, ± standard error.", tables.fits
      ),
      ReportSection(
        "Speed-up over ranks",
        "The same global batch on more ranks: median epoch of the base ÷ median epoch. A serial fraction that rises with the "
          + "ranks says that overhead grows, one that stays that a part is serial.", tables.ranks),
      ReportSection(
        "Universal scalability law",
        "S(n) = n ÷ (1 + σ(n − 1) + κn(n − 1)), Gunther's, fitted from six rank counts on, n being ranks as a multiple of the base's: "
          + "σ bounds the speed-up, κ turns it back beyond √((1 − σ) ÷ κ). The largest miss says how well it describes what was measured.",
        tables.scalability),
      ReportSection(
        "Weak scaling",
        "The same batch on each rank, so that the global batch grows with them: samples a second and rank beside the "
          + "fewest ranks'.", tables.weakScaling),
      ReportSection(
        "Where efficiency went",
        "Mean time computed ÷ training time = load balance (mean ÷ busiest rank) × serialisation (waiting that no network "
          + "cures) × transfer (bytes on their way that nothing hides), as the POP project defines them.",
        tables.efficiency),
      ReportSection("How well times are known", words.timing, tables.timings),
      ReportSection(
        "Rules of measuring", "Those of Hoefler and Belli 2015, in our words, and how this page keeps them.", rules),
      ReportSection(
        "Exchange of row-sparse gradients",
        "A rank's bytes; distinct rows are those of the whole global batch. Quotients of sums over epochs.",
        tables.traffic
      ),
      ReportSection(
        "Size and input",
        "Of the weights, and of them and what the optimisers remember; end to end is opening the data "
          + "and training.", tables.sizes
      ),
    ]
    return sections + projectionSections
  }

  private var rules: Table { MeasuringRules(summary: summary).table }

  private var smallerRankCounts: [ReportSection] {
    Set(summary.points.map(\.place.ranks)).sorted(by: >).dropFirst().map { ranks in
      ReportSection(
        "Results on \(Format.plural(ranks, "rank"))", "The same experiments, executed by fewer ranks.",
        tables.main(ranks: ranks)
      )
    }
  }

  /// Several kinds of trials have no one step to project.
  private var projectionSections: [ReportSection] {
    if let projection = summary.projection {
      return ProjectionTables(projection, cost: summary.study.cost).sectionsOfStudy
    }
    guard let obstacle = summary.projectionObstacle else { return [] }
    return [ReportSection("Projection to more ranks", "", Table([.text("Not possible yet")], [[obstacle]]))]
  }
}
