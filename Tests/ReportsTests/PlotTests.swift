import Foundation
import FoundationXML
import Reports
import Testing

@Suite("Plots")
struct PlotTests {
  private static let series = [
    Plot.Series(
      "one & <only>",
      [Plot.Point(x: 64, y: 1, error: 0.5), Plot.Point(x: 256, y: 2), Plot.Point(x: 1024, y: .nan)], Look(0)),
    Plot.Series("two", [Plot.Point(x: 64, y: 3), Plot.Point(x: 256, y: 0)], Look(1)),
  ]

  @Test("Well-formed, with every text escaped", arguments: [AxisScale.Kind.linear, .log10])
  func wellFormed(kind: AxisScale.Kind) throws {
    let plot = Plot(
      "a \"b\" & c", x: Plot.Axis("x", .log2, ticks: [64, 256, 1024]), y: Plot.Axis("y", kind), Self.series)
    let drawing = try Drawing(plot.svg())
    #expect(drawing.texts.contains("one & <only>") && drawing.texts.contains("a \"b\" & c"))
    #expect(drawing.texts.contains("64") && drawing.texts.contains("1024"))
  }

  @Test("A point that the axis cannot show is left out")
  func unshowable() throws {
    // Legend and data: 2 + 3 markers on a linear axis; the 0 is lost on a logarithmic one. Not a number is lost on both.
    let linear = Plot("t", x: Plot.Axis("x", .log2), y: Plot.Axis("y"), Self.series)
    let logarithmic = Plot("t", x: Plot.Axis("x", .log2), y: Plot.Axis("y", .log10), Self.series)
    let marks = ["circle", "rect", "polygon"]
    let count = { (plot: Plot) in try Drawing(plot.svg()).elements.filter(marks.contains).count }
    #expect(try count(linear) == 1 + 2 + 4)
    #expect(try count(logarithmic) == 1 + 2 + 3)
    #expect(!linear.svg().contains("nan"))
  }

  private static let extremes = [
    0, -1, 1e-308, .leastNonzeroMagnitude, -1e-308, 1e200, 1e308, -1e308, 9.2e18, .nan, .infinity, -.infinity,
  ]

  @Test("Whatever the numbers, a picture comes of them", arguments: [AxisScale.Kind.linear, .log2, .log10])
  func extremes(kind: AxisScale.Kind) throws {
    for a in Self.extremes {
      for b in Self.extremes {
        let points = [Plot.Point(x: 1, y: 1, error: a), Plot.Point(x: a, y: b, error: 1), Plot.Point(x: 2, y: a)]
        let plot = Plot(
          "t", x: Plot.Axis("x", kind, ticks: [1, a, b]), y: Plot.Axis("y", kind, startsAtZero: kind == .linear),
          [Plot.Series("s", points, Look(0))])
        let drawing = try Drawing(plot.svg())
        #expect(drawing.coordinates.allSatisfy { $0.x.isFinite && $0.y.isFinite }, "\(a), \(b)")
        #expect(plot.svg().utf8.count < 20_000, "\(a), \(b)")
        let layers = [StackedBars.Layer("a", "#0072B2", [a, 1]), StackedBars.Layer("b", "#E69F00", [b, a])]
        let bars = StackedBars("t", xLabel: "x", yLabel: "y", categories: ["1", "2"], layers).svg()
        #expect(try Drawing(bars).height < 1000 && bars.utf8.count < 20_000)
      }
    }
  }

  @Test("Names with everything in them leave it well-formed")
  func names() throws {
    let name = AwkwardText.everything
    let plot = Plot(
      name, x: Plot.Axis(name), y: Plot.Axis(name), [Plot.Series(name, [Plot.Point(x: 1, y: 1)], Look(0))])
    let drawing = try Drawing(plot.svg())
    #expect(drawing.texts.filter { $0.contains("<script>") && $0.contains("\\u{1B}") }.count == 4)
    let bars = StackedBars(name, xLabel: name, yLabel: name, categories: [name], [.init(name, "#0072B2", [1])])
    #expect(try Drawing(bars.svg()).texts.filter { $0.contains("<script>") }.count == 5)
  }

  @Test("Nothing is drawn outside the picture, and the legend wraps")
  func inside() throws {
    let many = (0..<12).map { index in
      Plot.Series(
        "global batch \(index * 1000)", [Plot.Point(x: Double(index + 1), y: 1e6 * Double(index), error: 2e6)],
        Look(index))
    }
    let drawing = try Drawing(Plot("t", x: Plot.Axis("x", .log2), y: Plot.Axis("y"), many).svg())
    #expect(
      drawing.coordinates.allSatisfy { $0.x >= 0 && $0.x <= drawing.width && $0.y >= 0 && $0.y <= drawing.height })
    #expect(drawing.texts.filter { $0.hasPrefix("global batch") }.count == 12)
  }

  @Test("An empty plot is a picture still")
  func empty() throws {
    _ = try Drawing(Plot("t", x: Plot.Axis("x", .log2), y: Plot.Axis("y", .log10), []).svg())
    _ = try Drawing(StackedBars("t", xLabel: "x", yLabel: "y", categories: [], []).svg())
  }

  @Test("Bars stack to their sum")
  func bars() throws {
    let layers = [StackedBars.Layer("a", "#0072B2", [60, 10]), StackedBars.Layer("b", "#E69F00", [40, 90])]
    let drawing = try Drawing(
      StackedBars("t", xLabel: "x", yLabel: "y", categories: ["64", "256"], layers).svg())
    #expect(drawing.texts.contains("60") && drawing.texts.contains("90") && drawing.texts.contains("256"))
    let bars = drawing.rectangles.filter { $0.width > 20 && $0.width < 200 }
    #expect(bars.count == 4)
    // Heights are in proportion, less the white line between layers.
    #expect(abs((bars[0].height + 0.7) / (bars[1].height + 0.7) - 1.5) < 0.01)
  }

  @Test("A bar's second layer begins where the first ends")
  func barsOnEachOther() throws {
    let layers = [StackedBars.Layer("a", "#0072B2", [60]), StackedBars.Layer("b", "#E69F00", [40])]
    let drawing = try Drawing(StackedBars("t", xLabel: "x", yLabel: "y", categories: ["64"], layers).svg())
    let bars = drawing.rectangles.filter { $0.width > 20 && $0.width < 200 }
    try #require(bars.count == 2)
    // Less the white line between them.
    #expect(bars[0].x == bars[1].x && abs(bars[1].y + bars[1].height + 0.7 - bars[0].y) < 0.11)
  }

  @Test("An error bar reaches as far below its point as above it")
  func errorBars() throws {
    let points = [Plot.Point(x: 1, y: 3, error: 1), Plot.Point(x: 2, y: 5)]
    let drawing = try Drawing(
      Plot("t", x: Plot.Axis("x"), y: Plot.Axis("y"), [Plot.Series("s", points, Look(0))]).svg())
    // The legend's marker comes first. A bar and its two ends are a little wider than other lines.
    let bars = drawing.strokes.filter { $0.width == 1.4 }
    try #require(bars.count == 3 && drawing.circles.count == 3)
    let (bar, point) = (bars[0], drawing.circles[1])
    #expect(bar.x1 == point.x && bar.x2 == point.x)
    #expect(abs((bar.y1 + bar.y2) / 2 - point.y) <= 0.11)
    // From 2 to 5, three units; the bar is two.
    #expect(abs((bar.y2 - bar.y1) / (bar.y2 - drawing.circles[2].y) - 2.0 / 3) < 0.01)
  }

  @Test(
    "Neighbours on a line have a band, a point between others without an interval a bar, points without a line bars")
  func bands() throws {
    let points = [
      Plot.Point(x: 1, y: 3, error: 1), Plot.Point(x: 2, y: 5, range: 4...8), Plot.Point(x: 3, y: 4),
      Plot.Point(x: 4, y: 6, error: 1),
    ]
    func drawing(_ style: Plot.Series.Style) throws -> Drawing {
      try Drawing(Plot("t", x: Plot.Axis("x"), y: Plot.Axis("y"), [Plot.Series("s", points, Look(0), style)]).svg())
    }
    let lined = try drawing(.both)
    let band = try #require(lined.bands.first)
    #expect(lined.bands.count == 1 && band.count == 4)
    // Up one side and down the other, at the points' places: the legend's marker comes first.
    let circles = Array(lined.circles.dropFirst())
    #expect(band.map(\.x) == [circles[0].x, circles[1].x, circles[1].x, circles[0].x])
    let unit = circles[0].y - circles[2].y
    #expect(abs(circles[0].y - band[0].y - unit) < 0.21 && abs(band[3].y - circles[0].y - unit) < 0.21)
    #expect(abs(circles[1].y - band[1].y - 3 * unit) < 0.21 && abs(band[2].y - circles[1].y - unit) < 0.21)
    // A bar and its two ends.
    #expect(lined.strokes.filter { $0.width == 1.4 }.count == 3)
    let marked = try drawing(.points)
    #expect(marked.bands.isEmpty && marked.strokes.filter { $0.width == 1.4 }.count == 9)
    // Below nothing a logarithm ends at the axis.
    let wide = [Plot.Point(x: 1, y: 1, error: 2), Plot.Point(x: 2, y: 1, error: 2)]
    let svg = Plot("t", x: Plot.Axis("x"), y: Plot.Axis("y", .log10), [Plot.Series("s", wide, Look(0))]).svg()
    #expect(try Drawing(svg).bands.first?.allSatisfy { $0.y.isFinite && $0.y > 0 && $0.y < 400 } == true)
  }

  @Test("Series differ in more than colour: marker and dash together are of one series alone")
  func looks() {
    let looks = (0..<36).map { Look($0) }
    #expect(Set(looks.map { "\($0.marker) \($0.dash)" }).count == 36)
    for index in 1..<6 {
      #expect(looks[index].color != looks[0].color && looks[index].marker != looks[0].marker)
      #expect(looks[index].dash != looks[0].dash)
    }
  }

  @Test("Layers of a bar differ in their hatching, which stays inside them")
  func hatching() throws {
    let layers = (0..<7).map { StackedBars.Layer("layer \($0)", "#0072B2", [10]) }
    let drawing = try Drawing(StackedBars("t", xLabel: "x", yLabel: "y", categories: ["64"], layers).svg())
    // Seven boxes of the legend, then as many layers, of which the first of each has no lines.
    #expect(drawing.hatchings.count == 12)
    let boxes = drawing.rectangles.filter { $0.width > 60 && $0.width < 200 }
    #expect(boxes.count == 7)
    for (box, hatching) in zip(boxes.dropFirst(), drawing.hatchings.suffix(6)) {
      #expect(!hatching.isEmpty)
      for place in hatching {
        #expect(place.x >= box.x - 0.11 && place.x <= box.x + box.width + 0.11)
        #expect(place.y >= box.y - 0.11 && place.y <= box.y + box.height + 0.11)
      }
    }
    let forms = zip(boxes.dropFirst(), drawing.hatchings.suffix(6)).map { box, hatching in
      hatching.map { "\(Int(($0.x - box.x).rounded())),\(Int(($0.y - box.y).rounded()))" }.joined(separator: " ")
    }
    #expect(Set(forms).count == 6)
  }
}

/// An SVG, parsed; a parse error is thrown.
final class Drawing: NSObject, XMLParserDelegate {
  private(set) var elements: [String] = []
  private(set) var texts: [String] = []
  private(set) var coordinates: [(x: Double, y: Double)] = []
  private(set) var rectangles: [(x: Double, y: Double, width: Double, height: Double)] = []
  /// Polylines, in the order in which they are drawn.
  private(set) var lines: [(color: String, points: [(x: Double, y: Double)])] = []
  private(set) var circles: [(x: Double, y: Double)] = []
  /// Straight lines, with the width of their stroke.
  private(set) var strokes: [(x1: Double, y1: Double, x2: Double, y2: Double, width: Double)] = []
  /// Areas that let through what lies under them: their corners.
  private(set) var bands: [[(x: Double, y: Double)]] = []
  /// Lines over areas: the ends of their pieces.
  private(set) var hatchings: [[(x: Double, y: Double)]] = []
  private(set) var width = 0.0
  private(set) var height = 0.0
  private var text = ""

  init(_ svg: String) throws {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
  }

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements.append(element)
    text = ""
    func number(_ key: String) -> Double? { attributes[key].flatMap(Double.init) }
    if element == "svg" { (width, height) = (number("width") ?? 0, number("height") ?? 0) }
    func numbers(_ keys: String...) -> [Double] { keys.map { number($0) ?? 0 } }
    switch element {
    case "rect":
      let box = numbers("x", "y", "width", "height")
      rectangles.append((box[0], box[1], box[2], box[3]))
    case "polyline":
      let points = (attributes["points"] ?? "").split(separator: " ").map { point in
        let pair = point.split(separator: ",").map { Double($0) ?? .nan }
        return (x: pair[0], y: pair[1])
      }
      lines.append((attributes["stroke"] ?? "", points))
    case "path":
      let places = Self.places(attributes["d"] ?? "")
      if attributes["fill-opacity"] != nil { bands.append(places) } else { hatchings.append(places) }
    case "circle": circles.append((number("cx") ?? 0, number("cy") ?? 0))
    case "line":
      let ends = numbers("x1", "y1", "x2", "y2", "stroke-width")
      strokes.append((ends[0], ends[1], ends[2], ends[3], ends[4]))
    default: break
    }
    for (x, y) in [("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy")] {
      if let x = number(x), let y = number(y) { coordinates.append((x, y)) }
    }
  }

  /// Of a path of straight lines.
  private static func places(_ path: String) -> [(x: Double, y: Double)] {
    let numbers = path.split { "MLZ ,".contains($0) }.map { Double($0) ?? .nan }
    return stride(from: 0, to: numbers.count - 1, by: 2).map { (numbers[$0], numbers[$0 + 1]) }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(_ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?) {
    if element == "text" { texts.append(text) }
  }
}
