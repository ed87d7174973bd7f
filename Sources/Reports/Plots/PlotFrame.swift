/// The common parts of plots: title, legend, the box with its y axis, and room for all labels.
struct PlotFrame {
  struct LegendEntry {
    var name: String
    var color: String
    /// nil draws a filled box.
    var look: Look?
    var hasMarker = true
    var hasLine = true
    /// Over the filled box.
    var hatch = Hatch.none
  }

  static let width = 540.0
  private static let boxHeight = 270.0
  private static let rowHeight = 20.0

  let left: Double
  let right = PlotFrame.width - 18
  let top: Double
  var bottom: Double { top + Self.boxHeight }
  var height: Double { bottom + 48 + extra }

  private let title: String
  private let yScale: AxisScale
  private let yTicks: [Double]
  private let yLabels: [String]
  private let rows: [[LegendEntry]]
  /// For labels along the bottom of more than one line.
  private let extra: Double

  /// - Parameter labelLines: of each label along the bottom, at most.
  init(title: String, yScale: AxisScale, legend: [LegendEntry], labelLines: Int = 1) {
    self.title = title
    extra = Double(labelLines - 1) * SVG.lineHeight
    self.yScale = yScale
    yTicks = yScale.ticks()
    yLabels = yScale.labels(yTicks)
    left = 34 + (yLabels.map { SVG.width($0) }.max() ?? 0)
    rows = Self.wrapped(legend, width: right - left)
    top = 34 + Double(rows.count) * Self.rowHeight + 8
  }

  func y(_ value: Double) -> Double { bottom - yScale.fraction(value) * (bottom - top) }

  /// Under the data: title, legend, grid and labels.
  func draw(in svg: inout SVG, xLabel: String, yLabel: String) {
    svg.text(title, left, 18, size: 15, bold: true)
    for (index, row) in rows.enumerated() {
      var x = left
      for entry in row {
        draw(entry, in: &svg, x, 38 + Double(index) * Self.rowHeight)
        x += Self.width(of: entry)
      }
    }
    for (tick, label) in zip(yTicks, yLabels) {
      svg.line(left, y(tick), right, y(tick), color: SVG.faint)
      svg.text(label, left - 7, y(tick) + 4.5, .end)
    }
    svg.text(yLabel, 15, (top + bottom) / 2, .middle, turned: true)
    svg.text(xLabel, (left + right) / 2, bottom + 41 + extra, .middle)
  }

  /// Over the grid.
  func drawAxes(in svg: inout SVG) {
    svg.line(left, top, left, bottom)
    svg.line(left, bottom, right, bottom)
  }

  private func draw(_ entry: LegendEntry, in svg: inout SVG, _ x: Double, _ y: Double) {
    if let look = entry.look {
      if entry.hasLine { svg.path([(x, y), (x + 28, y)], color: look.color, dash: look.dash) }
      if entry.hasMarker { svg.marker(look, x + 14, y) }
    } else {
      svg.rectangle(x + 6, y - 7, 20, 14, fill: entry.color)
      svg.pieces(entry.hatch.lines(x + 6, y - 7, 20, 14), color: StackedBars.ink(on: entry.color), opacity: 0.4)
    }
    svg.text(entry.name, x + 34, y + 4.5)
  }

  private static func width(of entry: LegendEntry) -> Double { 34 + SVG.width(entry.name) + 12 }

  private static func wrapped(_ legend: [LegendEntry], width: Double) -> [[LegendEntry]] {
    var rows: [[LegendEntry]] = []
    var used = Double.infinity
    for entry in legend {
      let needed = Self.width(of: entry)
      if used + needed > width {
        rows.append([])
        used = 0
      }
      rows[rows.count - 1].append(entry)
      used += needed
    }
    return rows
  }
}
