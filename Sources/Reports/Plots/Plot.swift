import Foundation

/// Lines and points on two axes, drawn as SVG. Where neighbours on a line have intervals these are a band along it, else bars.
public struct Plot: Sendable {
  /// One side of a plot.
  public struct Axis: Sendable {
    /// With its unit.
    public var label: String
    /// How values become distances.
    public var kind: AxisScale.Kind
    /// To share between panels; nil fits the data.
    public var domain: ClosedRange<Double>?
    /// Where the data lies, for an axis of few values; nil chooses round ones.
    public var ticks: [Double]?
    /// Whether 0 is shown though no value is near.
    public var startsAtZero: Bool

    /// With its unit in the label.
    public init(
      _ label: String, _ kind: AxisScale.Kind = .linear, domain: ClosedRange<Double>? = nil, ticks: [Double]? = nil,
      startsAtZero: Bool = false
    ) {
      self.label = label
      self.kind = kind
      self.domain = domain
      self.ticks = ticks
      self.startsAtZero = startsAtZero
    }
  }

  /// A value of y at an x.
  public struct Point: Equatable, Sendable {
    /// In the x axis' unit.
    public var x: Double
    /// In the y axis' unit.
    public var y: Double
    /// Half the length of the interval: a standard deviation.
    public var error: Double?
    /// Ends of the interval, where it is not as long on both sides; goes before `error`.
    public var range: ClosedRange<Double>?

    /// Without an interval where there is no error and no range.
    public init(x: Double, y: Double, error: Double? = nil, range: ClosedRange<Double>? = nil) {
      self.x = x
      self.y = y
      self.error = error
      self.range = range
    }

    /// Ends of the interval; equal where there is none.
    var ends: (low: Double, high: Double) {
      range.map { ($0.lowerBound, $0.upperBound) } ?? (y - (error ?? 0), y + (error ?? 0))
    }
  }

  /// Points with a name in the legend.
  public struct Series: Sendable {
    /// The parts of a series that are drawn.
    public enum Style: Sendable { case line, points, both }
    /// In the legend.
    public var name: String
    /// In the order of the line.
    public var points: [Point]
    /// Colour, marker and dash.
    public var look: Look
    /// The parts of it that are drawn.
    public var style: Style

    /// A line with its points, unless the style says otherwise.
    public init(_ name: String, _ points: [Point], _ look: Look, _ style: Style = .both) {
      self.name = name
      self.points = points
      self.look = look
      self.style = style
    }
  }

  /// Above it.
  public var title: String
  /// Along the bottom.
  public var x: Axis
  /// Along the left.
  public var y: Axis
  /// In the legend's order.
  public var series: [Series]

  /// Series on two axes.
  public init(_ title: String, x: Axis, y: Axis, _ series: [Series]) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
  }

  /// On a line.
  private static let mostMarkers = 40

  /// Points that an axis cannot show (not finite; not positive on a logarithm) are left out.
  public func svg() -> String {
    let shown = series.map { Series($0.name, $0.points.compactMap(showable), $0.look, $0.style) }.filter {
      !$0.points.isEmpty
    }
    let points = shown.flatMap(\.points)
    let given = (x.ticks ?? []).filter { AxisScale.shows($0, on: x.kind) }
    let xScale = scale(x, points.map(\.x) + given, padding: 0.03)
    let yScale = scale(y, points.flatMap { low($0) + [$0.y, $0.ends.high] }, padding: 0.04)
    let frame = PlotFrame(
      title: title, yScale: yScale,
      legend: shown.map {
        PlotFrame.LegendEntry(
          name: $0.name, color: $0.look.color, look: $0.look, hasMarker: $0.style != .line, hasLine: $0.style != .points
        )
      })
    func position(_ value: Double) -> Double { frame.left + xScale.fraction(value) * (frame.right - frame.left) }
    var svg = SVG()
    frame.draw(in: &svg, xLabel: x.label, yLabel: y.label)
    drawXTicks(given, xScale, frame, in: &svg)
    frame.drawAxes(in: &svg)
    for series in shown { drawBands(series, frame, position, in: &svg) }
    for series in shown { svg.series { draw(series, frame, position, in: &$0) } }
    return svg.document(width: PlotFrame.width, height: frame.height, title: title)
  }

  private func showable(_ point: Point) -> Point? {
    guard AxisScale.shows(point.x, on: x.kind), AxisScale.shows(point.y, on: y.kind) else { return nil }
    var point = point
    if let error = point.error, !AxisScale.shows(error, on: .linear) { point.error = nil }
    if let range = point.range, !AxisScale.shows(range.upperBound, on: .linear) { point.range = nil }
    return point
  }

  /// The lower end of the interval, where the axis reaches it.
  private func low(_ point: Point) -> [Double] {
    let low = point.ends.low
    return y.kind == .linear || low > 0 ? [low] : []
  }

  private func scale(_ axis: Axis, _ values: [Double], padding: Double) -> AxisScale {
    let (least, most) = (values.min() ?? 1, values.max() ?? 1)
    let fitted = axis.domain ?? ((axis.startsAtZero ? min(0, least) : least)...most)
    let scale = AxisScale(axis.kind, fitted)
    switch axis.kind {
    case .linear: return axis.ticks == nil ? scale.rounded() : scale.padded(padding)
    default: return scale.padded(padding)
    }
  }

  /// More lie too close to be told apart.
  private static let mostTicks = 100

  private func drawXTicks(_ given: [Double], _ scale: AxisScale, _ frame: PlotFrame, in svg: inout SVG) {
    let ticks = given.isEmpty || given.count > Self.mostTicks ? scale.ticks(atMost: 8) : given
    var free = -Double.infinity
    for (tick, label) in zip(ticks, scale.labels(ticks)) {
      let position = frame.left + scale.fraction(tick) * (frame.right - frame.left)
      svg.line(position, frame.bottom, position, frame.bottom + 5)
      let half = SVG.width(label) / 2
      guard position - half > free else { continue }
      svg.text(label, position, frame.bottom + 20, .middle)
      free = position + half + 4
    }
  }

  /// Of a line's points, neighbours that have intervals.
  private func runs(_ series: Series) -> [[Point]] {
    guard series.style != .points else { return [] }
    return series.points.split { $0.ends.low >= $0.ends.high }.map(Array.init).filter { $0.count > 1 }
  }

  /// Under all lines.
  private func drawBands(_ series: Series, _ frame: PlotFrame, _ position: (Double) -> Double, in svg: inout SVG) {
    for run in runs(series) {
      let upper = run.map { (x: position($0.x), y: frame.y($0.ends.high)) }
      let lower = run.map { (x: position($0.x), y: low($0).first.map(frame.y) ?? frame.bottom) }
      svg.band(upper + lower.reversed(), color: series.look.color)
    }
  }

  private func draw(_ series: Series, _ frame: PlotFrame, _ position: (Double) -> Double, in svg: inout SVG) {
    let color = series.look.color
    let banded = runs(series).flatMap { $0 }
    for point in series.points where !banded.contains(point) {
      guard point.ends.low < point.ends.high else { continue }
      let x = position(point.x)
      let (high, low) = (frame.y(point.ends.high), low(point).first.map(frame.y) ?? frame.bottom)
      svg.line(x, high, x, low, color: color, width: 1.4)
      for end in [high, low] { svg.line(x - 4, end, x + 4, end, color: color, width: 1.4) }
    }
    if series.style != .points {
      svg.path(series.points.map { (position($0.x), frame.y($0.y)) }, color: color, dash: series.look.dash)
    }
    if series.style != .line {
      for point in marked(series) { svg.marker(series.look, position(point.x), frame.y(point.y)) }
    }
  }

  /// On a line through many points some are enough to tell it from others: more would hide it.
  private func marked(_ series: Series) -> [Point] {
    guard series.style == .both, series.points.count > Self.mostMarkers else { return series.points }
    let every = (series.points.count - 1) / Self.mostMarkers + 1
    return series.points.enumerated().filter { $0.offset % every == 0 }.map(\.element)
  }
}

extension AxisScale {
  /// A little room at both ends, except under zero.
  fileprivate func padded(_ share: Double) -> AxisScale {
    switch kind {
    case .linear:
      let margin = (domain.upperBound - domain.lowerBound) * share
      let low = domain.lowerBound == 0 ? 0 : domain.lowerBound - margin
      return AxisScale(.linear, low...(domain.upperBound + margin))
    default:
      let factor = pow(domain.upperBound / domain.lowerBound, share)
      return AxisScale(kind, (domain.lowerBound / factor)...(domain.upperBound * factor))
    }
  }
}
