import Buffers
import Kernels

/// A weight for each id: a sample's one score, `[1]`, is the sum of its ids' weights (`Pass.ids`). Of a field with several
/// ids their sum or mean counts. Any input, which it does not look at.
///
/// Parameter: the table `weight` `[rows, 1]`, 0 at the start. Its gradient has only the rows that were looked up.
public struct FieldLinear: Layer {
  /// Rows of the table.
  public let rows: Int
  /// Fields of a sample.
  public let fields: Int
  /// How a sample's ids come together to one a field; nil where each field has one.
  public let pooling: IDColumns?

  /// A table of `rows` weights for samples of `fields` fields.
  public init(rows: Int, fields: Int, pooling: IDColumns? = nil) {
    self.rows = rows
    self.fields = fields
    self.pooling = pooling
  }

  /// Begins the name of its table: `fieldLinear1.weight`.
  public var kind: String { "fieldLinear" }
  /// True: it does not look at its input, so there is nothing to add.
  public var addsInputGradient: Bool { true }

  /// `[1]`; throws `LayerError` where a size is below 1 or the table has more than 2³¹ − 1 rows.
  public func outputShape(for input: Shape) throws -> Shape {
    try LayerError.requireTable("a field-wise linear layer", rows: rows, fields: fields)
    return Shape(1)
  }

  /// The table alone, `[rows, 1]`, 0 at the start.
  public func parameters(named name: String, for input: Shape) -> [Parameter] {
    [Parameter(name: "\(name).weight", shape: Shape(rows, 1), start: .constant(0), role: .table)]
  }

  /// Sums looked-up weights forward; adds each score's gradient to the touched rows backward.
  public func bind(_ binding: LayerBinding) -> any BoundLayer { BoundFieldLinear(self, binding) }

  /// What each id counts, where fields have several.
  public func workingBytes(_ extent: LayerExtent) -> Double { extent.bytes(perRow: pooling?.fields.count ?? 0) }
}

private final class BoundFieldLinear: BoundLayer, InputGradientAdding {
  private let fields: Int
  /// Nil where each field has one id.
  private let pooled: PooledIDs?
  /// `[rows, 1]`
  private let table: Tensor
  /// Nil where only evaluation is asked for.
  private let tableGradient: RowGradients?

  init(_ layer: FieldLinear, _ binding: LayerBinding) {
    fields = layer.fields
    pooled = layer.pooling.map { PooledIDs($0, maximumRows: binding.maximumRows) }
    table = binding.parameters[0]
    tableGradient = binding.rowGradients.first
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) {
    var scores = output.buffer.mutableSpan
    if let pooled {
      pooled.prepare(pass)
      return PooledRows.scores(
        table.buffer.span, ids: pass.ids.span, coefficients: pooled.coefficients(pass).buffer.span, into: &scores)
    }
    pass.requireFields(fields)
    FieldSums.forward(table.buffer.span, ids: pass.ids.span, fields: fields, into: &scores)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    addTableGradient(outputGradient, pass)
    inputGradient?.fill(0)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, addingTo inputGradient: Tensor, _ pass: Pass) {
    addTableGradient(outputGradient, pass)
  }

  private func addTableGradient(_ outputGradient: Tensor, _ pass: Pass) {
    let tableGradient = tableGradient!
    var sums = tableGradient.values.buffer.mutableSpan
    if let pooled {
      return PooledRows.addScores(
        outputGradient.buffer.span, slots: tableGradient.rows.slots.span,
        coefficients: pooled.coefficients(pass).buffer.span, to: &sums)
    }
    FieldSums.backward(
      outputGradient.buffer.span, slots: tableGradient.rows.slots.span, fields: fields, addingTo: &sums)
  }
}
