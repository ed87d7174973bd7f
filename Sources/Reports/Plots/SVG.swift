import Foundation

/// Just enough SVG to draw a chart: strings, put together.
struct SVG {
  enum Anchor: String { case start, middle, end }

  static let ink = "#222222"
  static let faint = "#e2e2e2"
  static let fontSize = 13.0
  /// Outside every picture.
  private static let farthest = 1e5

  private(set) var body = ""

  /// Ends of a straight line: from x and y to x and y.
  typealias Piece = (x1: Double, y1: Double, x2: Double, y2: Double)

  /// What is drawn inside belongs to one series, which checks of a page tell from the others by its marks and dashes alone.
  mutating func series(_ draw: (inout SVG) -> Void) {
    body += "<g class=\"series\">\n"
    draw(&self)
    body += "</g>\n"
  }

  /// An area that lets through what lies under it.
  mutating func band(_ corners: [(x: Double, y: Double)], color: String) {
    let list = corners.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
    body += "<path d=\"M\(list)Z\" fill=\"\(color)\" fill-opacity=\"0.16\"/>\n"
  }

  /// Straight lines of one kind.
  mutating func pieces(_ pieces: [Piece], color: String, opacity: Double) {
    guard !pieces.isEmpty else { return }
    let list = pieces.map { "M\(n($0.x1)) \(n($0.y1))L\(n($0.x2)) \(n($0.y2))" }.joined()
    body += "<path d=\"\(list)\" stroke=\"\(color)\" stroke-opacity=\"\(n(opacity))\"/>\n"
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, color: String = ink, width: Double = 1) {
    body +=
      "<line x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\" stroke=\"\(color)\" stroke-width=\"\(n(width))\"/>\n"
  }

  mutating func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String) {
    body += "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\" fill=\"\(fill)\"/>\n"
  }

  mutating func path(_ points: [(x: Double, y: Double)], color: String, dash: String) {
    guard points.count > 1 else { return }
    let list = points.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
    let dashes = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
    body +=
      "<polyline points=\"\(list)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\" stroke-linejoin=\"round\"\(dashes)/>\n"
  }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, size: Double = fontSize, bold: Bool = false,
    color: String = ink, turned: Bool = false, halo: String? = nil
  ) {
    // Drawn around the letters first, so that no line runs through them.
    let around = halo.map { " stroke=\"\($0)\" stroke-width=\"4\" paint-order=\"stroke\"" } ?? ""
    let weight = bold ? " font-weight=\"bold\"" : ""
    let turn = turned ? " transform=\"rotate(-90 \(n(x)) \(n(y)))\"" : ""
    body +=
      "<text x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor.rawValue)\" font-size=\"\(n(size))\" fill=\"\(color)\"\(around)\(weight)\(turn)>"
      + Markup.escape(text) + "</text>\n"
  }

  /// Filled, or an outline on white.
  mutating func marker(_ look: Look, _ x: Double, _ y: Double) {
    let r = 4.5
    let (fill, stroke, width) = look.isOpen ? ("white", look.color, "1.6") : (look.color, "white", "0.8")
    let paint = "fill=\"\(fill)\" stroke=\"\(stroke)\" stroke-width=\"\(width)\""
    func polygon(_ corners: [(Double, Double)]) -> String {
      let list = corners.map { "\(n(x + $0.0 * r)),\(n(y + $0.1 * r))" }.joined(separator: " ")
      return "<polygon points=\"\(list)\" \(paint)/>\n"
    }
    let shape =
      switch look.marker {
      case .circle:
        "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(r))\" \(paint)/>\n"
      case .square: polygon([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)])
      case .triangle: polygon([(0, -1.15), (1.1, 0.85), (-1.1, 0.85)])
      case .diamond: polygon([(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)])
      case .downTriangle: polygon([(0, 1.15), (1.1, -0.85), (-1.1, -0.85)])
      case .cross:
        polygon([
          (-0.35, -1), (0.35, -1), (0.35, -0.35), (1, -0.35), (1, 0.35), (0.35, 0.35), (0.35, 1), (-0.35, 1),
          (-0.35, 0.35), (-1, 0.35), (-1, -0.35), (-0.35, -0.35),
        ])
      }
    body += shape
  }

  /// A figure that scales with its page and is described for those who cannot see it.
  func document(width: Double, height: Double, title: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(width)) \(n(height))" width="\(n(width))" \
    height="\(n(height))" role="img" aria-label="\(Markup.escape(title))" \
    font-family="Helvetica, Arial, 'Liberation Sans', sans-serif">
    <title>\(Markup.escape(title))</title>
    <rect width="\(n(width))" height="\(n(height))" fill="white"/>
    \(body)</svg>

    """
  }

  /// From one line of text to the next.
  static let lineHeight = 15.0

  /// About how wide a text is: an average of the common sans-serif fonts, on the wide side.
  static func width(_ text: String, size: Double = fontSize) -> Double { Double(text.count) * size * 0.56 }

  /// A coordinate, to a tenth. Whatever it is, the picture stays one.
  private func n(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let text = String(format: "%.1f", min(max(value, -Self.farthest), Self.farthest))
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
