import Buffers
import Kernels

/// A pass's ids on their way to one a field: what each counts, in memory of a layer's own.
final class PooledIDs {
  private let columns: IDColumns
  /// `[maximumRows, columns]`
  private let memory: Tensor

  init(_ columns: IDColumns, maximumRows: Int) {
    self.columns = columns
    memory = Tensor(Shape(maximumRows, columns.fields.count))
  }

  /// Of each column, its field.
  var fields: [Int] { columns.fields }

  /// Of the last pass that `prepare` saw, `[rows, columns]`.
  func coefficients(_ pass: Pass) -> Tensor { memory.rows(pass.rows) }

  func prepare(_ pass: Pass) {
    pass.requireFields(fields.count)
    var coefficients = coefficients(pass).buffer.mutableSpan
    PooledRows.coefficients(
      pass.ids.span, fields: fields, absent: columns.absent, isMean: columns.isMean, into: &coefficients)
  }
}
