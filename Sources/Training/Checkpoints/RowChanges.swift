import Buffers
import Optimizers

/// The rows of tables that are not as in the full checkpoint that others may refer to: the same on every rank, since all make the same
/// updates, or brought together when a checkpoint is written. Tables of a model share their rows, so there is one set for all.
final class RowChanges {
  private(set) var rows: RowSet
  /// Those of the moment at which weights were put aside; nil where none were since the full one, which has them then.
  private(set) var rowsOfKept: RowSet?

  /// Nil where a rule moves rows without a gradient too: all change then with every update.
  init?(_ optimizer: (any TableOptimizer)?, tableRows: Int?) {
    guard let optimizer, optimizer.movesTouchedRowsOnly, let tableRows else { return nil }
    rows = RowSet(rows: tableRows)
  }

  /// Everything is in a full checkpoint now.
  func begin() {
    rows.removeAll()
    rowsOfKept = nil
  }

  /// Weights were put aside.
  func noteKept() { rowsOfKept = RowSet(copying: rows) }
}

extension RunState {
  /// An array that others may have under the same name.
  typealias NamedArray = (name: String, tensor: Tensor)

  /// - Parameter arrays: as `arrays`, of this state or of a snapshot.
  /// - Returns: the same numbers, but for a table's padding: what is dense, flat, and what has so much for each row of a table,
  ///   `[rows, …]`.
  func divided(_ arrays: [NamedArray]) -> (dense: [NamedArray], byRow: [NamedArray]) {
    let states = Set(tableStates.map(\.name))
    let weights = arrays[0]
    let tables = layout.tables.map { table in
      (
        name: "\(weights.name).\(table.parameter.name)",
        tensor: weights.tensor.slice(table.range).reshaped(table.parameter.shape)
      )
    }
    let dense = (name: weights.name, tensor: weights.tensor.slice(0..<layout.denseCount))
    return (
      [dense] + arrays[1...].filter { !states.contains($0.name) }, tables + arrays.filter { states.contains($0.name) }
    )
  }

  /// Floats of a checkpoint: of a full one, and of one that refers to the full one before; nil where there is no such.
  var checkpointFloats: (full: Int, partial: Int?) {
    let arrays = arrays
    let all = arrays.reduce(0) { $0 + $1.tensor.count }
    let full = kept == nil ? all : 2 * all
    guard let changes else { return (full, nil) }
    let (dense, byRow) = divided(arrays)
    let (denseFloats, rowFloats) = (
      dense.reduce(0) { $0 + $1.tensor.count }, byRow.reduce(0) { $0 + $1.tensor.count / $1.tensor.shape[0] }
    )
    let ofKept = changes.rowsOfKept.map { denseFloats + $0.count * rowFloats } ?? 0
    return (full, denseFloats + changes.rows.count * rowFloats + ofKept)
  }
}
