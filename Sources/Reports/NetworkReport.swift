import Files
import Interconnect

/// A network model for people: what was measured beside what is fitted, and where MPI changes its mind.
public struct NetworkReport: Sendable {
  let model: NetworkModel

  /// A report of a model that was measured.
  public init(_ model: NetworkModel) { self.model = model }

  /// The page's name.
  public static let page = "network.md"

  /// Writes `network.md`, the pictures and `network.json`, each completely or not at all.
  ///
  /// - Returns: what was written, the model first.
  /// - Throws: `FileError` where the folder cannot be written.
  @discardableResult
  public func write(to folder: OutputFolder) throws -> [String] {
    let figures = figures
    _ = try ReportFiles.write([(name: Self.page, text: markdown(figures))], figures, to: folder.path)
    // Last: where it lies the rest is finished.
    try model.write(to: folder.file(NetworkModel.fileName))
    return [NetworkModel.fileName, Self.page] + figures.flatMap { $0.panels.indices.map($0.path) }
  }

  /// Lines for a terminal, with a line end after the last.
  public var terminal: String {
    fits.terminal + "\n" + sentences.map(VisibleText.line).joined(separator: "\n") + "\n"
  }

  /// How far it can be trusted, in one line.
  public var line: String { VisibleText.line(sentences[0]) }

  /// The page `network.md`.
  public var markdown: String { markdown(figures) }

  private func markdown(_ figures: [Figure]) -> String {
    let facts = model.facts.map(Self.words) ?? []
    let pictures = figures.flatMap { figure in
      [Markdown.paragraph(figure.caption)]
        + figure.panels.indices.map { Markdown.image(figure.caption, path: figure.path($0)) }
    }
    return
      ([Markdown.heading(1, "Network"), Markdown.bullets(facts)] + pictures + [
        Markdown.heading(2, "Fits"), Markdown.paragraph(Self.explanation), fits.markdown,
        Markdown.bullets(sentences), Markdown.heading(2, "Measurements"), times.markdown,
      ]).joined(separator: "\n\n") + "\n"
  }

  private static let explanation =
    "Seconds = rounds · latency + bytes · (moved · inverse bandwidth + reduced · reduction), with the rounds and shares of "
    + "the schedule (Thakur, Rabenseifner and Gropp 2005). Where several are named, the measurements do not tell them apart."

  private static func words(_ facts: NetworkFacts) -> [String] {
    [
      "Hosts: \(facts.hosts.map { "\($0.name) (\(Format.plural($0.ranks, "rank")))" }.joined(separator: ", "))",
      "\(facts.mpi); \(facts.processor); \(facts.measuredAt)",
      "Settings: \(facts.settings.isEmpty ? "none" : facts.settings.joined(separator: ", "))", facts.command,
    ]
  }

  /// What the figures say, and how far they can be trusted.
  var sentences: [String] {
    let heldOut = model.heldOutError.map {
      "Sizes that a fit of every second size did not see are missed by \(Format.percent($0)) in the median."
    }
    let cliffs = model.cliffs.map { cliff in
      let oddity = cliff.kind == .cheaper ? "less than" : "out of proportion to"
      return "Cliff: \(NetworkWords.group(cliff.collective, cliff.ranks, cliff.nodes)), "
        + "\(NetworkWords.size(cliff.largerBytes)) take \(Format.seconds(cliff.largerSeconds)), \(oddity) the "
        + "\(Format.seconds(cliff.seconds)) of \(NetworkWords.size(cliff.bytes))."
    }
    let remedy =
      cliffs.isEmpty ? [] : ["MPI does something else between such sizes: launch/tune-network tries its settings."]
    let unfitted = unfitted.map { "Too few sizes were timed for a fit: \($0)." }
    return [heldOut ?? "Too few sizes were timed to hold some out."] + unfitted + cliffs + remedy
  }

  /// Groups that were timed and have no fit, each once.
  private var unfitted: [String] {
    model.times.reduce(into: []) { names, time in
      guard model.fit(of: time.collective, ranks: time.ranks, nodes: time.nodes) == nil else { return }
      let name = NetworkWords.group(time.collective, time.ranks, time.nodes)
      if !names.contains(name) { names.append(name) }
    }
  }

  var fits: Table {
    Table(
      [
        .text("Call"), .number("From"), .text("Schedule"), .number("Latency"), .number("Bandwidth"),
        .number("Reduction"), .number("Error"), .number("Held out"),
      ],
      model.fits.flatMap { fit in
        fit.regimes.enumerated().map { index, regime in
          [
            index == 0 ? NetworkWords.group(fit.collective, fit.ranks, fit.nodes) : "",
            NetworkWords.size(regime.fromBytes), regime.schedules.map(\.rawValue).joined(separator: ", "),
            Format.seconds(regime.latencySeconds), NetworkWords.rate(regime.secondsPerByte),
            NetworkWords.rate(regime.reductionSecondsPerByte), index == 0 ? Format.percent(fit.error) : "",
            index == 0 ? fit.heldOutError.map { Format.percent($0) } ?? Format.missing : "",
          ]
        }
      })
  }

  var times: Table {
    Table(
      [.text("Call"), .number("Size"), .number("Median"), .number("Interval"), .number("Fitted"), .number("Calls")],
      model.times.map { time in
        let fit = model.fit(of: time.collective, ranks: time.ranks, nodes: time.nodes)
        return [
          NetworkWords.group(time.collective, time.ranks, time.nodes), NetworkWords.size(time.bytes),
          Format.seconds(time.seconds), "\(Format.seconds(time.low)) to \(Format.seconds(time.high))",
          fit.map { Format.seconds($0.seconds(bytes: time.bytes)) } ?? Format.missing, Format.integer(time.repetitions),
        ]
      })
  }
}
