import Studies

extension ChapterReport {
  /// Tables and words, with links to the pictures that lie beside the file: paragraphs.
  func markdown(_ figures: [Figure]) -> [String] {
    let words = StudyWords(summary: summary)
    let level = part == nil ? 2 : 3
    var parts = [part.map { Markdown.heading(2, $0.title) } ?? Markdown.paragraph(words.question)]
    parts += [Markdown.paragraph(summary.study.about ?? ""), Markdown.strong(words.answer)]
    parts += words.reasoning.map(Markdown.paragraph)
    parts.append(Markdown.bullets(words.caveats + notices))
    if !summary.claims.isEmpty {
      parts += [
        Markdown.heading(level, "What others say"), Markdown.paragraph(claims.sentence ?? ""), claims.table.markdown,
      ]
    }
    parts += [Markdown.heading(level, "Results"), mainTable.markdown]
    parts += figures.flatMap { figure in
      figure.panels.indices.map { Markdown.image(figure.name, path: figure.path($0)) } + [
        Markdown.paragraph("\(figure.caption) Measured on \(source).")
      ]
    }
    for section in sections where !section.table.rows.isEmpty {
      parts += [
        Markdown.heading(level, section.title), Markdown.paragraph(section.note), section.table.markdown,
      ]
    }
    parts += [Markdown.heading(level, "Limits"), Markdown.bullets(words.limits), Markdown.heading(level, "Made by")]
    return parts + summary.provenance.commands.map(Markdown.code)
  }

  /// The tables below the figures, the same on the page and in Markdown.
  var sections: [(title: String, note: String, table: Table)] {
    (summary.study.calls == nil ? trainingSections : callSections) + [
      ("Variants", "What each changes in the run.", variants), ("Machine", "", machines),
      ("Configuration", "Of the base run and the study; the axes vary the rest.", configuration),
    ]
  }

  private var callSections: [(title: String, note: String, table: Table)] {
    let calls = CallReport(summary: summary)
    return [
      (
        "Time of a call, fitted", "t(N) = a + bN by least relative squares over all trials, ± standard error.",
        calls.fits
      ),
      (
        "The same examples in a fifth of the calls", "CPU time saved, as measured and by the fit.", calls.savings
      ),
      ("Size of the model", "Of the weights, and of them and what the optimisers remember.", sizes),
    ]
  }

  private var trainingSections: [(title: String, note: String, table: Table)] {
    let tables = StudyTables(summary: summary)
    var sections = [
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
          + "and training.", sizes
      ),
      projectionSection,
    ]
    return sections
  }

  private var sizes: Table { StudyTables(summary: summary).sizes }

  /// Empty where there are none.
  private var variants: Table {
    let base = (try? StudyCoding.leaves(of: summary.study.run)) ?? []
    let rows = (summary.study.variants ?? []).map { variant -> [String] in
      let own = (try? StudyCoding.leaves(of: variant.run)) ?? []
      let changes = own.filter { leaf in !base.contains { $0.key == leaf.key && $0.value == leaf.value } }
      return [
        variant.name, changes.isEmpty ? "none" : changes.map { "\($0.key): \($0.value)" }.joined(separator: ", "),
      ]
    }
    return Table([.text("Variant"), .text("Changes")], rows)
  }

  private var smallerRankCounts: [(title: String, note: String, table: Table)] {
    Set(summary.points.map(\.place.ranks)).sorted(by: >).dropFirst().map { ranks in
      (
        "Results on \(Format.plural(ranks, "rank"))", "The same experiments, executed by fewer ranks.",
        StudyTables(summary: summary).main(ranks: ranks)
      )
    }
  }

  private var projectionSection: (title: String, note: String, table: Table) {
    // Of several variants there is no one step to project.
    if summary.hasVariants { return ("Projection to more ranks", "", Table([], [])) }
    guard let projection = summary.projection, let table = StudyTables(summary: summary).projection else {
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

  private var machines: Table {
    Table(
      [.text("Fact"), .text("Value")],
      summary.provenance.machines.flatMap { machine in
        [
          ["Processor", machine.processor], ["Nodes", machine.nodes.joined(separator: ", ")],
          ["Cores per node", Format.integer(machine.coresPerNode)],
          ["Memory per node", Format.bytes(Double(machine.memoryBytesPerNode))], ["System", machine.system],
          ["MPI", machine.mpi], ["oneDNN", machine.oneDNN], ["Lockstep", machine.lockstep],
        ]
      } + dataAndModel)
  }

  private var dataAndModel: [[String]] {
    let (data, model) = (summary.provenance.dataset, summary.provenance.model)
    return
      (data.map {
        [
          [
            "Data",
            "\($0.name): \(Format.integer($0.trainingSamples)) training and \(Format.integer($0.validationSamples)) "
              + "\($0.heldOut) samples of \($0.inputShape), \(Format.plural($0.classes, "class"))",
          ]
        ]
      } ?? [])
      + (model.map {
        [
          [
            "Model",
            "\($0.name), \(Format.integer($0.parameters)) parameters, \(Format.bytes(Double($0.gradientBytes))) an exchange",
          ]
        ]
      } ?? [])
  }

  private var configuration: Table {
    // Variants, claims and words have their own places on the page.
    var study = summary.study
    (study.variants, study.claims, study.about) = (nil, nil, nil)
    let leaves = (try? StudyCoding.leaves(of: study)) ?? []
    return Table([.text("Key"), .text("Value")], leaves.map { [$0.key, $0.value] })
  }
}
