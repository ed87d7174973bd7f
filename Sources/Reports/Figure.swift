/// One picture or several side by side, and what they show.
struct Figure {
  /// Names its file.
  var name: String
  /// What it is, its unit, and over what it was averaged.
  var caption: String
  /// Panels, as SVG.
  var panels: [String]
}
