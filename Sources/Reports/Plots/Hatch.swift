/// Lines over an area, which tell it from others where there is no colour.
enum Hatch: CaseIterable {
  case none, rising, falling, level, crossed, upright, dotted

  /// The `index`th of a family; they repeat after 7.
  init(_ index: Int) { self = Self.allCases[index % Self.allCases.count] }

  private static let distance = 7.0

  /// Straight pieces inside a box.
  func lines(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> [SVG.Piece] {
    guard width > 0, height > 0 else { return [] }
    func across(_ extent: Double) -> [Double] {
      Array(stride(from: Self.distance / 2, to: extent, by: Self.distance))
    }
    switch self {
    case .none: return []
    case .level: return across(height).map { (x, y + $0, x + width, y + $0) }
    case .upright: return across(width).map { (x + $0, y, x + $0, y + height) }
    case .falling:
      return across(width + height).map { place in
        // From the right or upper side down to the left or lower one, mirrored.
        let (from, to) = (max(0, place - height), min(width, place))
        return (x + width - to, y + place - to, x + width - from, y + place - from)
      }
    case .rising:
      return across(width + height).map { place in
        let (from, to) = (max(0, place - height), min(width, place))
        return (x + from, y + place - from, x + to, y + place - to)
      }
    case .crossed: return Hatch.rising.lines(x, y, width, height) + Hatch.falling.lines(x, y, width, height)
    case .dotted:
      return across(height).flatMap { down in
        across(width - 1.5).map { (x + $0, y + down, x + $0 + 1.5, y + down) }
      }
    }
  }
}
