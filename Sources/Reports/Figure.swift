/// One picture or several side by side, and what they show.
package struct Figure {
  /// Names its file.
  package var name: String
  /// The figure's subject, its unit, and over what it was averaged.
  package var caption: String
  /// Panels, as SVG.
  package var panels: [String]
  /// False for what a model says of places that nobody measured.
  package var isMeasured = true

  /// Path of a panel's file, in the report's folder.
  package func path(_ panel: Int) -> String { "figures/\(name)\(panels.count > 1 ? "-\(panel + 1)" : "").svg" }

  /// The end of its caption.
  ///
  /// - Parameter source: machine, ranks, threads, seeds.
  package func origin(_ source: String) -> String {
    (isMeasured ? "Measured on " : "A model, not a measurement; the study ran on ") + source + "."
  }

  /// For the template.
  func model(source: String, commands: [String]) -> [String: Any] {
    [
      "name": name, "caption": "\(caption) \(origin(source))", "panels": panels,
      "layout": panels.count > 1 ? "wide" : "single", "commands": commands,
    ]
  }

  /// Lines of Markdown, with links to the panels' files.
  func markdown(source: String) -> [String] {
    panels.indices.map { Markdown.image(name, path: path($0)) } + [
      Markdown.paragraph("\(caption) \(origin(source))")
    ]
  }
}
