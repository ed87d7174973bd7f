/// How a series is told from the others: by colour, marker and dash together, so that neither colour-blindness nor a
/// grey printer loses it.
public struct Look: Equatable, Sendable {
  /// The shape at a point.
  public enum Marker: CaseIterable, Sendable { case circle, square, triangle, diamond, downTriangle, cross }

  /// As CSS has it.
  public var color: String
  /// The shape at its points.
  public var marker: Marker
  /// An SVG dash array; empty for a solid line.
  public var dash: String
  /// Markers are outlines: what nobody measured.
  public var isOpen = false

  /// The palette of Okabe and Ito (2008), without its yellow, which is lost on white paper.
  static let colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
  private static let dashes = ["", "7 4", "2 3", "9 3 2 3", "12 4", "5 2 2 2 2 2"]

  private static let lawDashes = [["", "14 3", "18 3 3 3"], ["4 4", "1 4", "8 3 1 3"]]

  /// Of a law that belongs to the `index`th of a family: a line without marks, which its dashes alone tell from others.
  ///
  /// - Parameter second: of two laws.
  static func law(_ index: Int, second: Bool = false) -> Look {
    var look = Look(index)
    let dashes = lawDashes[second ? 1 : 0]
    look.dash = dashes[index % dashes.count]
    return look
  }

  /// A look of one's own.
  public init(color: String, marker: Marker, dash: String) {
    self.color = color
    self.marker = marker
    self.dash = dash
  }

  /// The `index`th of a family. Marker and dash together repeat only after 36, so that they tell series apart without colour.
  public init(_ index: Int) {
    color = Self.colors[index % Self.colors.count]
    marker = Marker.allCases[index % Marker.allCases.count]
    dash = Self.dashes[(index + index / Marker.allCases.count) % Self.dashes.count]
  }
}
