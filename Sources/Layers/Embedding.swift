import Buffers
import Kernels

/// Looks up a row of a table for each of a sample's ids (`Pass.ids`): `[values]` dense values become
/// `[fields · width + values]`, the rows side by side, then the values as they are. Of a field with several ids the rows'
/// sum or mean stands for one.
///
/// Parameter: the table `weight` `[rows, width]`, normal at the start. Its gradient has only the rows that were looked up.
public struct Embedding: Layer {
  /// Rows of the table.
  public let rows: Int
  /// Fields of a sample.
  public let fields: Int
  /// How a sample's ids come together to one a field; nil where each field has one.
  public let pooling: IDColumns?
  /// Floats of a row.
  public let width: Int
  /// Standard deviation of the starting values.
  public let deviation: Float

  /// The starting values are normal with mean 0 and standard deviation `deviation`.
  public init(rows: Int, fields: Int, pooling: IDColumns? = nil, width: Int, deviation: Float = 0.01) {
    self.rows = rows
    self.fields = fields
    self.pooling = pooling
    self.width = width
    self.deviation = deviation
  }

  /// Begins the name of its table: `embedding1.weight`.
  public var kind: String { "embedding" }

  /// `[fields · width + values]`; throws `LayerError` where a size is below 1, the table has more than 2³¹ − 1 rows, or
  /// the input is not flat.
  public func outputShape(for input: Shape) throws -> Shape {
    try LayerError.requireTable("an embedding", rows: rows, fields: fields)
    guard width > 0 else { throw LayerError("an embedding needs at least 1 float a row, not \(width)") }
    guard input.rank == 1 else { throw LayerError("an embedding needs flat dense values beside the ids, not \(input)") }
    return Shape(fields * width + input.count)
  }

  /// The table alone, `[rows, width]`, normal at the start.
  public func parameters(named name: String, for input: Shape) -> [Parameter] {
    let start = Parameter.Start.normal(deviation: deviation)
    return [Parameter(name: "\(name).weight", shape: Shape(rows, width), start: start, role: .table)]
  }

  /// Copies rows of the table forward; adds gradients to touched rows backward.
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundEmbedding(self, binding) }

  /// What each id counts, where fields have several.
  public func workingBytes(_ extent: LayerExtent) -> Double { extent.bytes(perRow: pooling?.fields.count ?? 0) }
}

extension LayerError {
  static func requireTable(_ layer: String, rows: Int, fields: Int) throws {
    guard fields > 0 else { throw LayerError("\(layer) needs at least 1 id field, not \(fields)") }
    guard rows > 0, rows <= Int32.max else {
      throw LayerError("\(layer) needs a table of 1 to \(Int32.max) rows, not \(rows): hash ids into fewer buckets")
    }
  }
}

private final class BoundEmbedding: BoundLayer {
  private let fields: Int
  /// Nil where each field has one id.
  private let pooled: PooledIDs?
  private let width: Int
  /// `[rows, width]`
  private let table: Tensor
  /// Nil where only evaluation is asked for.
  private let tableGradient: RowGradients?

  init(_ layer: Embedding, _ binding: LayerBinding) {
    fields = layer.fields
    pooled = layer.pooling.map { PooledIDs($0, maximumRows: binding.maximumRows) }
    width = layer.width
    table = binding.parameters[0]
    tableGradient = binding.rowGradients.first
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) {
    var result = output.buffer.mutableSpan
    if let pooled {
      pooled.prepare(pass)
      return PooledRows.gather(
        table.buffer.span, width: width, ids: pass.ids.span, coefficients: pooled.coefficients(pass).buffer.span,
        fields: pooled.fields, values: input.buffer.span, into: &result)
    }
    pass.requireFields(fields)
    EmbeddingRows.gather(
      table.buffer.span, width: width, ids: pass.ids.span, fields: fields, values: input.buffer.span, into: &result)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    let tableGradient = tableGradient!
    var sums = tableGradient.values.buffer.mutableSpan
    if let pooled {
      PooledRows.add(
        outputGradient.buffer.span, width: width, slots: tableGradient.rows.slots.span,
        coefficients: pooled.coefficients(pass).buffer.span, fields: pooled.fields, to: &sums)
    } else {
      EmbeddingRows.add(
        outputGradient.buffer.span, width: width, slots: tableGradient.rows.slots.span, fields: fields, to: &sums)
    }
    guard let inputGradient else { return }
    var values = inputGradient.buffer.mutableSpan
    Columns.extract(outputGradient.buffer.span, at: fields * width, rows: pass.rows, into: &values)
  }
}

extension Pass {
  func requireFields(_ fields: Int) {
    precondition(ids.count == rows * fields, "\(ids.count) ids for \(rows) samples of \(fields) fields")
  }
}
