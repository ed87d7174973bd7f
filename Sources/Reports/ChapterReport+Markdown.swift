import Studies
import Training

extension ChapterReport {
  /// Tables and words, with links to the pictures that lie beside the file: paragraphs.
  func markdown(_ figures: [Figure]) -> [String] {
    let (words, content) = (StudyWords(summary: summary), summary.content)
    let level = part == nil ? 2 : 3
    var parts = [part.map { Markdown.heading(2, $0.title) } ?? Markdown.paragraph(content.question)]
    parts += [Markdown.paragraph(summary.study.about ?? ""), Markdown.strong(content.answer)]
    parts += content.reasoning.map(Markdown.paragraph)
    parts.append(Markdown.bullets(words.caveats + notices))
    if !summary.claims.isEmpty {
      parts += [
        Markdown.heading(level, "What others say"), Markdown.paragraph(claims.sentence ?? ""), claims.table.markdown,
      ]
    }
    parts += [Markdown.heading(level, "Results"), content.main.markdown]
    parts += figures.flatMap { $0.markdown(source: source) }
    for section in sections where !section.table.rows.isEmpty { parts += section.markdown(level: level) }
    parts += [Markdown.heading(level, "Limits"), Markdown.bullets(content.limits), Markdown.heading(level, "Made by")]
    return parts + summary.provenance.commands.map(Markdown.code)
  }

  /// The tables below the figures, the same on the page and in Markdown.
  var sections: [ReportSection] {
    summary.content.sections + [
      ReportSection("Variants", "What each changes in the run.", variants), ReportSection("Machine", "", machines),
      ReportSection("Configuration", "Of the base run and the study; the axes vary the rest.", configuration),
    ]
  }

  /// Empty where there are none.
  private var variants: Table {
    let base = (try? ConfigurationLeaves.of(summary.study.run)) ?? []
    let rows = (summary.study.variants ?? []).map { variant -> [String] in
      let own = (try? ConfigurationLeaves.of(variant.run)) ?? []
      let changes = own.filter { leaf in !base.contains { $0.key == leaf.key && $0.value == leaf.value } }
      return [
        variant.name, changes.isEmpty ? "none" : changes.map { "\($0.key): \($0.value)" }.joined(separator: ", "),
      ]
    }
    return Table([.text("Variant"), .text("Changes")], rows)
  }

  private var machines: Table {
    let bindings = summary.provenance.bindings.joined(separator: "; ")
    var rows = summary.provenance.machines.flatMap(Self.facts)
    let error = summary.provenance.clockError.map {
      "at most \(Format.seconds($0)) between hosts, when they were aligned"
    }
    rows += [
      ["Error of the clocks", error ?? "none on one host, which has one clock; else not known"],
      ["Warm-up", "a run's first step and an epoch's short last one count in its epoch, not in the steps' medians"],
    ]
    if !bindings.isEmpty { rows.append(["Ranks' processors", bindings]) }
    return Table([.text("Fact"), .text("Value")], rows + dataAndModel)
  }

  static func facts(_ machine: MachineFacts) -> [[String]] {
    let steering = machine.environment?.joined(separator: " ")
    let instructions = machine.instructions ?? "instructions not known"
    return [
      ["Processor", machine.processor], ["Nodes", machine.nodes.joined(separator: ", ")],
      ["Cores per node", Format.integer(machine.coresPerNode)],
      ["Memory per node", Format.bytes(Double(machine.memoryBytesPerNode))], ["System", machine.system],
      ["Kernel", machine.kernel ?? "not known"], ["Governor of the clock", machine.governor ?? "not known"],
      ["MPI", machine.mpi], ["Messages travel by", machine.transports ?? "not known"],
      ["oneDNN", "\(machine.oneDNN), \(instructions)"],
      ["Lockstep", "\(machine.lockstep), \(machine.build ?? "commit not known")"],
      ["Environment", steering ?? "nothing that steers MPI or threads is set"],
    ]
  }

  private var dataAndModel: [[String]] {
    let (data, model) = (summary.provenance.dataset, summary.provenance.model)
    return
      (data.map {
        [
          [
            "Data",
            "\($0.name): \(Format.integer($0.trainingSamples)) training and \(Format.integer($0.validationSamples)) "
              + "\($0.heldOut) samples of \($0.inputShape), \(Format.integer($0.classes)) classes",
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
    let leaves = (try? ConfigurationLeaves.of(study)) ?? []
    return Table([.text("Key"), .text("Value")], leaves.map { [$0.key, $0.value] })
  }
}
