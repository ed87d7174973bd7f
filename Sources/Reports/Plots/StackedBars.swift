import Foundation

/// One bar a category, cut into layers, which colour and hatching tell apart: what a whole is made of.
public struct StackedBars: Sendable {
  /// A part of every bar.
  public struct Layer: Sendable {
    /// In the legend.
    public var name: String
    /// As CSS has it.
    public var color: String
    /// One a category.
    public var values: [Double]

    /// A value for each category.
    public init(_ name: String, _ color: String, _ values: [Double]) {
      self.name = name
      self.color = color
      self.values = values
    }
  }

  /// Above it.
  public var title: String
  /// Along the bottom.
  public var xLabel: String
  /// Along the left, with the unit.
  public var yLabel: String
  /// A bar each.
  public var categories: [String]
  /// From the bottom up.
  public var layers: [Layer]

  /// Layers from the bottom up.
  public init(_ title: String, xLabel: String, yLabel: String, categories: [String], _ layers: [Layer]) {
    precondition(layers.allSatisfy { $0.values.count == categories.count }, "a layer does not fit the categories")
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.categories = categories
    self.layers = layers
  }

  /// A whole SVG document.
  public func svg() -> String {
    let totals = categories.indices.map { index in layers.reduce(0) { $0 + Self.shown($1.values[index]) } }
    let scale = AxisScale(.linear, 0...max(totals.max() ?? 1, 1e-9)).rounded()
    let legend = layers.enumerated().map {
      PlotFrame.LegendEntry(name: $0.element.name, color: $0.element.color, hatch: Hatch($0.offset))
    }
    // How wide a bar's place is does not depend on how many lines its label has.
    let room = PlotFrame(title: title, yScale: scale, legend: legend)
    let labels = categories.map { Self.lines($0, width: (room.right - room.left) / Double(max(1, categories.count))) }
    let frame = PlotFrame(
      title: title, yScale: scale, legend: legend, labelLines: max(1, labels.map(\.count).max() ?? 1))
    var svg = SVG()
    frame.draw(in: &svg, xLabel: xLabel, yLabel: yLabel)
    let slot = (frame.right - frame.left) / Double(max(1, categories.count))
    let width = min(90, slot * 0.72)
    for index in categories.indices {
      let center = frame.left + slot * (Double(index) + 0.5)
      drawBar(index, center, width, frame, in: &svg)
      for (line, text) in labels[index].enumerated() {
        svg.text(text, center, frame.bottom + 20 + Double(line) * SVG.lineHeight, .middle)
      }
    }
    frame.drawAxes(in: &svg)
    return svg.document(width: PlotFrame.width, height: frame.height, title: title)
  }

  /// The words of a label, on as many lines as fit a width; a word that is wider has a line of its own.
  private static func lines(_ label: String, width: Double) -> [String] {
    label.split(separator: " ").reduce(into: []) { lines, word in
      if let last = lines.last, SVG.width("\(last) \(word)") <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
  }

  private func drawBar(_ index: Int, _ center: Double, _ width: Double, _ frame: PlotFrame, in svg: inout SVG) {
    var base = 0.0
    for (number, layer) in layers.enumerated() {
      let value = Self.shown(layer.values[index])
      let (low, high) = (frame.y(base), frame.y(base + value))
      base += value
      guard low - high > 0.3 else { continue }
      let height = max(0.3, low - high - 0.7)
      svg.rectangle(center - width / 2, high, width, height, fill: layer.color)
      svg.pieces(
        Hatch(number).lines(center - width / 2, high, width, height), color: Self.ink(on: layer.color), opacity: 0.4)
      let label = Format.fixed(value, value < 10 ? 1 : 0)
      guard low - high >= 15, SVG.width(label, size: 12) < width else { continue }
      svg.text(
        label, center, (low + high) / 2 + 4, .middle, size: 12, color: Self.ink(on: layer.color), halo: layer.color)
    }
  }

  /// A bar has no room for less than nothing, nor for what is no number.
  private static func shown(_ value: Double) -> Double {
    AxisScale.shows(value, on: .linear) ? max(0, value) : 0
  }

  /// Black or white, whichever is read better: by the relative luminance of WCAG 2.
  static func ink(on color: String) -> String {
    let value = Int(color.dropFirst(), radix: 16) ?? 0
    let channels = [16, 8, 0].map { shift -> Double in
      let channel = Double((value >> shift) & 255) / 255
      return channel <= 0.04045 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4)
    }
    let luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    return luminance > 0.179 ? "#000000" : "#ffffff"
  }
}
