/// Where each parameter lies in a flat arena. Parameters and gradients share one layout, so an optimiser, a norm, a hash
/// and a checkpoint are single loops over one array.
///
/// The arena is laid out in backward order (last layer first, its trained parameters before its statistics), so the
/// gradients that are ready first lie together at the front and a bucket is a contiguous range. Tables come last, behind
/// everything dense, and only in the parameter arena: a gradient arena ends where they would begin.
public struct ParameterLayout: Sendable {
  /// One parameter's place in the arena.
  public struct Entry: Sendable {
    /// The array that lies here.
    public let parameter: Parameter
    /// The layer it belongs to, counted in the order in which they run forward.
    public let layer: Int
    /// In floats.
    public let range: Range<Int>
  }

  /// Parameters start on cache lines: 16 floats.
  private static let granule = AlignedMemory.alignment / MemoryLayout<Float>.stride

  /// In arena order.
  public let entries: [Entry]
  /// Floats of the parameter arena, padding included. The padding is zero in every arena and stays so.
  public let count: Int
  /// Floats of the gradient arena: all but the tables.
  public let denseCount: Int
  /// The gradient arena's range of each layer, counted forward; empty where a layer has nothing there.
  public let layerRanges: [Range<Int>]
  /// As people list them and a file holds them: layer by layer. Layers that are listed as one have all that is dense
  /// first.
  public let listedEntries: [Entry]

  /// - Parameters:
  ///   - layers: each layer's parameters, in the order in which they run forward.
  ///   - listing: all layers in the order in which they are listed, each group as one; nil lists each by itself as it
  ///     runs.
  public init(layers: [[Parameter]], listing: [[Int]]? = nil) {
    let listing = listing ?? layers.indices.map { [$0] }
    var entries: [Entry] = []
    var ranges = Array(repeating: 0..<0, count: layers.count)
    var end = 0
    func append(_ parameter: Parameter, _ layer: Int) {
      let range = end..<end + parameter.shape.count
      entries.append(Entry(parameter: parameter, layer: layer, range: range))
      end = (range.upperBound + Self.granule - 1) / Self.granule * Self.granule
    }
    for layer in layers.indices.reversed() {
      let start = end
      for parameter in layers[layer] where parameter.role != .table { append(parameter, layer) }
      ranges[layer] = start..<end
    }
    denseCount = end
    for layer in listing.joined() {
      for parameter in layers[layer] where parameter.role == .table { append(parameter, layer) }
    }
    self.entries = entries
    let entriesOfLayers = Dictionary(grouping: entries, by: \.layer)
    listedEntries = listing.flatMap { group in
      let own = group.flatMap { entriesOfLayers[$0] ?? [] }
      return own.filter { $0.parameter.role != .table } + own.filter { $0.parameter.role == .table }
    }
    count = end
    layerRanges = ranges
  }

  /// The tables, in the order of their layers' listing: `[rows, width]` each.
  public var tables: [Entry] { entries.filter { $0.parameter.role == .table } }
  /// Whether some of them are no weights but statistics that stand beside weights, as batch norm has.
  public var hasStatistics: Bool { entries.contains { $0.parameter.isStatistic } }

  /// The stretches of the gradient arena that an optimiser moves, as long as can be: all but the statistics. Padding is
  /// included; tables are not.
  public var trainedRanges: [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (index, entry) in entries.enumerated() where entry.parameter.role == .trained {
      let end = index + 1 < entries.count ? entries[index + 1].range.lowerBound : denseCount
      if let last = ranges.last, last.upperBound == entry.range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<end
      } else {
        ranges.append(entry.range.lowerBound..<end)
      }
    }
    return ranges
  }

  /// How many numbers training changes by gradient, padding and statistics excluded.
  public var trainedCount: Int {
    entries.reduce(0) { $0 + ($1.parameter.isStatistic ? 0 : $1.parameter.shape.count) }
  }

  /// Each layer's views into a parameter arena (`count` floats) or a gradient arena (`denseCount`, without its tables):
  /// what is dense first, then tables, each in the order of `Layer.parameters`.
  public func views(of arena: Tensor) -> [[Tensor]] {
    precondition(
      arena.count == count || arena.count == denseCount,
      "an arena of \(arena.count) floats for a layout of \(count), \(denseCount) of them dense")
    var views = Array(repeating: [Tensor](), count: layerRanges.count)
    for entry in entries where entry.range.upperBound <= arena.count {
      views[entry.layer].append(arena.slice(entry.range).reshaped(entry.parameter.shape))
    }
    return views
  }

  /// Starting values for the whole arena, a pure function of the seed.
  public func initialize(_ arena: Tensor, seed: UInt64) {
    for entry in entries {
      entry.parameter.initialize(arena.slice(entry.range).reshaped(entry.parameter.shape), seed: seed)
    }
  }
}
