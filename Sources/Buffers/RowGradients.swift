/// The gradient of one table: a row of `width` floats for each of `rows`, in their order. Rows that were not touched have
/// no gradient and no room here.
public final class RowGradients {
  /// For people: the table's parameter name.
  public let name: String
  /// Floats of a row of the table.
  public let width: Int
  /// Rows of the table.
  public let tableRows: Int
  /// The touched rows; shared by all tables of a model, whose ids are the same.
  public let rows: TouchedRows
  private var memory: AlignedMemory
  private var filled = 0

  /// The gradient of a table `[tableRows, width]`, with room for 1024 rows at first; it doubles as needed.
  public init(name: String, width: Int, tableRows: Int, rows: TouchedRows) {
    self.name = name
    self.width = width
    self.tableRows = tableRows
    self.rows = rows
    memory = AlignedMemory(byteCount: 1024 * width * MemoryLayout<Float>.stride)
  }

  /// `[rows.count, width]`: add to it. Rows that are new since the last look are zero.
  public var values: Tensor {
    let needed = rows.count * width
    let bytes = needed * MemoryLayout<Float>.stride
    if memory.byteCount < bytes { grow(bytes) }
    let whole = UnsafeMutableBufferPointer(start: memory.baseAddress.assumingMemoryBound(to: Float.self), count: needed)
    if filled < needed { UnsafeMutableBufferPointer(rebasing: whole[filled...]).update(repeating: 0) }
    filled = needed
    return Tensor(memory: memory, offset: 0, shape: Shape(rows.count, width))
  }

  /// The last of the rows takes the place of another one.
  fileprivate func move(_ last: Int, to number: Int) {
    let values = memory.baseAddress.assumingMemoryBound(to: Float.self)
    (values + number * width).update(from: values + last * width, count: width)
  }

  /// Values of more rows than there are left are forgotten.
  fileprivate func cut() { filled = min(filled, rows.count * width) }

  /// Forgets the values: to be called when `rows` is cleared.
  public func clear() { filled = 0 }

  private func grow(_ bytes: Int) {
    let larger = AlignedMemory(byteCount: max(bytes, 2 * memory.byteCount))
    larger.baseAddress.copyMemory(from: memory.baseAddress, byteCount: filled * MemoryLayout<Float>.stride)
    memory = larger
  }
}

/// The gradients of all tables of a model, over one set of touched rows.
public final class TableGradients {
  /// The rows that have a gradient, in all tables alike.
  public let rows: TouchedRows
  /// In the order of `ParameterLayout.tables`.
  public let tables: [RowGradients]

  /// Nil where the model has no tables.
  public convenience init?(_ layout: ParameterLayout) {
    guard !layout.tables.isEmpty else { return nil }
    let rows = TouchedRows()
    self.init(
      rows,
      layout.tables.map(\.parameter).map {
        RowGradients(name: $0.name, width: $0.shape[1], tableRows: $0.shape[0], rows: rows)
      })
  }

  /// Gradients of the same tables, with other rows.
  public convenience init(like other: TableGradients) {
    let rows = TouchedRows()
    self.init(
      rows,
      other.tables.map { RowGradients(name: $0.name, width: $0.width, tableRows: $0.tableRows, rows: rows) })
  }

  private init(_ rows: TouchedRows, _ tables: [RowGradients]) {
    precondition(
      tables.allSatisfy { $0.tableRows == tables[0].tableRows }, "tables that share ids must have as many rows each")
    self.rows = rows
    self.tables = tables
  }

  /// Rows of every table: they share their ids.
  public var tableRows: Int { tables[0].tableRows }

  /// Floats that a row has in all tables together.
  public var width: Int { tables.reduce(0) { $0 + $1.width } }

  /// Forgets rows and values, before the first microbatch of a step; keeps the memory.
  public func clear() {
    rows.clear()
    for table in tables { table.clear() }
  }

  /// Forgets some rows; others get their numbers. Nothing can be touched then before `clear`.
  ///
  /// - Parameter numbers: which rise.
  public func remove(_ numbers: UnsafeBufferPointer<Int32>) {
    // Values of all rows are there.
    for table in tables { _ = table.values }
    rows.remove(numbers) { last, number in for table in tables { table.move(last, to: number) } }
    for table in tables { table.cut() }
  }
}
