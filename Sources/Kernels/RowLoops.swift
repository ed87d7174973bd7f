import CVectorMath

/// Loops over rows that lie anywhere in larger arrays: what row-sparse gradients need. Rows are short, so each loop works
/// on 16 numbers at a time in registers and fetches rows ahead.
public enum RowLoops {
  /// How many rows ahead to fetch: enough to hide a miss behind the work on the rows between.
  static let distanceAhead = 12

  /// Rows in an array: row n begins `stride` elements behind row n − 1. With `places`, row n is the array's row `places[n]`
  /// instead.
  public struct Rows<Element> {
    let base: UnsafeMutablePointer<Element>
    let stride: Int
    let places: UnsafePointer<Int32>?

    /// `stride` in elements. Without `places` rows follow one another.
    public init(_ base: UnsafeMutablePointer<Element>, stride: Int, places: UnsafePointer<Int32>? = nil) {
      self.base = base
      self.stride = stride
      self.places = places
    }

    /// These rows from a later element on.
    public func column(_ column: Int) -> Rows { Rows(base + column, stride: stride, places: places) }

    @inline(__always)
    subscript(_ row: Int) -> UnsafeMutablePointer<Element> {
      guard let places else { return base + row &* stride }
      return base + Int(places[row]) &* stride
    }

    @inline(__always)
    func prefetch(_ row: Int, of count: Int) {
      if let places, row < count { lockstep_prefetch_for_writing(base + Int(places[row]) &* stride) }
    }
  }

  /// target row n = source row n, for n in 0..<count. The caller answers for the places being within the arrays.
  public static func copy(_ count: Int, width: Int, from source: Rows<Float>, to target: Rows<Float>) {
    for row in 0..<count {
      source.prefetch(row + distanceAhead, of: count)
      target.prefetch(row + distanceAhead, of: count)
      ShortRows.copy(source[row], to: target[row], count: width)
    }
  }

  /// target row n += source row n, in the order of n.
  public static func add(_ count: Int, width: Int, from source: Rows<Float>, to target: Rows<Float>) {
    for row in 0..<count {
      source.prefetch(row + distanceAhead, of: count)
      target.prefetch(row + distanceAhead, of: count)
      ShortRows.add(source[row], to: target[row], count: width)
    }
  }

  /// As for floats.
  public static func copy(_ count: Int, width: Int, from source: Rows<Double>, to target: Rows<Double>) {
    for row in 0..<count { target[row].update(from: source[row], count: width) }
  }

  /// As for floats.
  public static func add(_ count: Int, width: Int, from source: Rows<Double>, to target: Rows<Double>) {
    for row in 0..<count {
      let (from, to) = (source[row], target[row])
      for column in 0..<width { to[column] += from[column] }
    }
  }

  /// Calls `body` with the start and length of each stretch of at most `ShortRows.lanes`.
  @inline(__always)
  static func forChunks(of width: Int, _ body: (_ start: Int, _ lanes: Int) -> Void) {
    var start = 0
    while start &+ ShortRows.lanes <= width {
      body(start, ShortRows.lanes)
      start = start &+ ShortRows.lanes
    }
    if start < width { body(start, width &- start) }
  }

  /// `lanes` floats; the other lanes are zero.
  @inline(__always)
  static func load(_ pointer: UnsafeMutablePointer<Float>, _ lanes: Int) -> SIMD16<Float> {
    if lanes == ShortRows.lanes { return ShortRows.load(pointer) }
    var result = SIMD16<Float>()
    for lane in 0..<lanes { result[lane] = pointer[lane] }
    return result
  }

  @inline(__always)
  static func store(_ value: SIMD16<Float>, _ pointer: UnsafeMutablePointer<Float>, _ lanes: Int) {
    if lanes == ShortRows.lanes { return ShortRows.store(value, at: pointer) }
    for lane in 0..<lanes { pointer[lane] = value[lane] }
  }
}
