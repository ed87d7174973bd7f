import Buffers
import Kernels

/// A weight for each id: a sample's one score, `[1]`, is the sum of its ids' weights (`Pass.ids`). Any input, which it
/// does not look at.
///
/// Parameter: the table `weight` `[rows, 1]`, 0 at the start. Its gradient has only the rows that were looked up.
public struct FieldLinear: Layer {
  /// Rows of the table.
  public let rows: Int
  /// Ids of a sample.
  public let fields: Int

  /// A table of `rows` weights for samples of `fields` ids.
  public init(rows: Int, fields: Int) {
    self.rows = rows
    self.fields = fields
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
}

private final class BoundFieldLinear: BoundLayer, InputGradientAdding {
  private let fields: Int
  /// `[rows, 1]`
  private let table: Tensor
  /// Nil where only evaluation is asked for.
  private let tableGradient: RowGradients?

  init(_ layer: FieldLinear, _ binding: LayerBinding) {
    fields = layer.fields
    table = binding.parameters[0]
    tableGradient = binding.rowGradients.first
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) {
    pass.requireFields(fields)
    var scores = output.buffer.mutableSpan
    FieldSums.forward(table.buffer.span, ids: pass.ids.span, fields: fields, into: &scores)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) {
    addTableGradient(outputGradient)
    inputGradient?.fill(0)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, addingTo inputGradient: Tensor, _ pass: Pass) {
    addTableGradient(outputGradient)
  }

  private func addTableGradient(_ outputGradient: Tensor) {
    let tableGradient = tableGradient!
    var sums = tableGradient.values.buffer.mutableSpan
    FieldSums.backward(
      outputGradient.buffer.span, slots: tableGradient.rows.slots.span, fields: fields, addingTo: &sums)
  }
}
