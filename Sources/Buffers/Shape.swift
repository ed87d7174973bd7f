/// Up to four dimensions, outermost first, held inline so that making one in a training step allocates nothing.
public struct Shape: Hashable, Sendable {
  /// Images with rows and channels have four: `[rows, height, width, channels]`.
  public static let maximumRank = 4

  private var extents: (Int, Int, Int, Int) = (1, 1, 1, 1)
  /// The number of dimensions; 0 for a single number.
  public let rank: Int

  /// Dimensions from 0 up, outermost first: `Shape(28, 28, 1)`.
  public init(_ dimensions: Int...) { self.init(dimensions) }

  /// At most `maximumRank` dimensions, none of them negative.
  public init(_ dimensions: [Int]) {
    precondition(
      dimensions.count <= Self.maximumRank, "a shape has at most \(Self.maximumRank) dimensions: \(dimensions)")
    precondition(dimensions.allSatisfy { $0 >= 0 }, "a dimension is negative: \(dimensions)")
    rank = dimensions.count
    for (index, extent) in dimensions.enumerated() { self[index] = extent }
  }

  /// The dimension at a place from 0 up to `rank` − 1, outermost first.
  public private(set) subscript(_ index: Int) -> Int {
    get {
      precondition(index >= 0 && index < rank, "dimension \(index) of a shape of \(rank)")
      switch index {
      case 0: return extents.0
      case 1: return extents.1
      case 2: return extents.2
      default: return extents.3
      }
    }
    set {
      switch index {
      case 0: extents.0 = newValue
      case 1: extents.1 = newValue
      case 2: extents.2 = newValue
      default: extents.3 = newValue
      }
    }
  }

  /// The product of the dimensions; 1 for a scalar.
  public var count: Int { extents.0 * extents.1 * extents.2 * extents.3 }

  /// All dimensions, outermost first. Allocates; a training step asks for single ones.
  public var dimensions: [Int] { (0..<rank).map { self[$0] } }

  /// This shape for each of `rows` samples: `[rows, …]`.
  public func batched(_ rows: Int) -> Shape {
    precondition(rank < Self.maximumRank, "no room for a batch dimension in \(self)")
    var shape = Shape(rank: rank + 1)
    shape.extents = (rows, extents.0, extents.1, extents.2)
    return shape
  }

  /// The same shape with another first dimension.
  public func withRows(_ rows: Int) -> Shape {
    var shape = self
    shape[0] = rows
    return shape
  }

  /// The shape of one row of this batch: all but the first dimension.
  public var perSample: Shape {
    precondition(rank > 0, "a scalar has no rows")
    var shape = Shape(rank: rank - 1)
    shape.extents = (extents.1, extents.2, extents.3, 1)
    return shape
  }

  private init(rank: Int) { self.rank = rank }

  /// Equal in rank and in every dimension: `[4]` is not `[4, 1]`.
  public static func == (a: Shape, b: Shape) -> Bool { a.rank == b.rank && a.extents == b.extents }

  /// Feeds rank and dimensions.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    hasher.combine(extents.0)
    hasher.combine(extents.1)
    hasher.combine(extents.2)
    hasher.combine(extents.3)
  }
}

extension Shape: CustomStringConvertible {
  /// As error messages and summaries show it: `[28, 28, 1]`.
  public var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
}

extension Shape: Encodable {
  /// A JSON array of the dimensions.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(dimensions)
  }
}
