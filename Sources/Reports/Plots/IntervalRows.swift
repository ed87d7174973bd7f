/// Figures of things that have no order, a row each: a mark, its interval, and a line at the value that would say nothing.
struct IntervalRows {
  struct Row {
    /// At its left.
    var name: String
    var value: Double
    var range: ClosedRange<Double>?
    /// Its series' number.
    var series: Int
    /// Whether the interval leaves out the value that says nothing: the mark is then filled.
    var isDecided: Bool
  }

  /// Above it.
  var title: String
  /// Along the bottom.
  var xLabel: String
  /// Where nothing would differ.
  var neutral: Double
  /// Of the series, in the legend; shown where there are several.
  var names: [String]
  var rows: [Row]

  private static let rowHeight = 24.0
  private static let mostNameWidth = 210.0

  /// A whole SVG document.
  func svg() -> String {
    let rows = rows.filter { AxisScale.shows($0.value, on: .log10) }
    let ends = rows.flatMap { row in
      [row.value] + (row.range.map { [$0.lowerBound, $0.upperBound] } ?? []).filter { AxisScale.shows($0, on: .log10) }
    }
    let scale = AxisScale(.linear, (ends + [neutral]).min()!...(ends + [neutral]).max()!).rounded()
    let left = 16 + min(Self.mostNameWidth, rows.map { SVG.width($0.name) }.max() ?? 0)
    let right = PlotFrame.width - 18
    let top = names.count > 1 ? 66.0 : 40.0
    let bottom = top + Double(max(1, rows.count)) * Self.rowHeight
    func x(_ value: Double) -> Double { left + scale.fraction(value) * (right - left) }
    var svg = SVG()
    svg.text(title, 12, 18, size: 15, bold: true)
    drawLegend(in: &svg)
    let ticks = scale.ticks(atMost: 7)
    for (tick, label) in zip(ticks, scale.labels(ticks)) {
      svg.line(x(tick), top, x(tick), bottom, color: SVG.faint)
      svg.text(label, x(tick), bottom + 18, .middle)
    }
    svg.line(x(neutral), top, x(neutral), bottom, width: 1.6)
    svg.line(left, bottom, right, bottom)
    for (number, row) in rows.enumerated() {
      let y = top + (Double(number) + 0.5) * Self.rowHeight
      svg.text(Self.cut(row.name), left - 8, y + 4.5, .end)
      svg.series { draw(row, x, y, in: &$0) }
    }
    svg.text(xLabel, (left + right) / 2, bottom + 39, .middle)
    return svg.document(width: PlotFrame.width, height: bottom + 48, title: title)
  }

  private func draw(_ row: Row, _ x: (Double) -> Double, _ y: Double, in svg: inout SVG) {
    let look = look(row)
    if let range = row.range {
      let (low, high) = (x(range.lowerBound), x(range.upperBound))
      svg.line(low, y, high, y, color: look.color, width: 1.6)
      for end in [low, high] { svg.line(end, y - 5, end, y + 5, color: look.color, width: 1.6) }
    }
    svg.marker(look, x(row.value), y)
  }

  private func look(_ row: Row) -> Look {
    var look = Look(row.series)
    look.isOpen = !row.isDecided
    return look
  }

  private func drawLegend(in svg: inout SVG) {
    guard names.count > 1 else { return }
    var x = 18.0
    for (number, name) in names.enumerated() where x < PlotFrame.width - 60 {
      svg.marker(Look(number), x, 40)
      svg.text(name, x + 10, 44.5)
      x += 34 + SVG.width(name)
    }
  }

  /// As much as there is room for: tables have the rest.
  private static func cut(_ name: String) -> String {
    let most = Int(mostNameWidth / SVG.width("x"))
    return name.count > most ? name.prefix(most - 1) + "…" : name
  }
}
