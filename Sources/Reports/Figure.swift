/// One picture or several side by side, and what they show.
struct Figure {
  /// Names its file.
  var name: String
  /// The figure's subject, its unit, and over what it was averaged.
  var caption: String
  /// Panels, as SVG.
  var panels: [String]

  /// Path of a panel's file, in the report's folder.
  func path(_ panel: Int) -> String { "figures/\(name)\(panels.count > 1 ? "-\(panel + 1)" : "").svg" }
}
