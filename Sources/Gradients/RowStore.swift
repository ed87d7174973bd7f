import Buffers
import Kernels
import MessagePassing

/// Gradient rows of all tables of a model, in the form in which ranks send them and add them up. A row's record is the
/// tables' rows side by side.
protocol RowStore: AnyObject {
  associatedtype Element: MessageElement & BinaryFloatingPoint

  var rows: TouchedRows { get }
  /// Elements of a record.
  var width: Int { get }

  func clear()

  /// A store of the same kind for the same tables.
  func makeEmpty() -> Self

  /// Copies the rows of these numbers, in this order, to `records`; nil: every row, in the order of its number.
  func copy(_ numbers: UnsafeBufferPointer<Int32>?, to records: RowLoops.Rows<Element>)

  /// Adds `slots.count` records to the rows with these numbers, in order.
  func add(_ records: RowLoops.Rows<Element>, to slots: UnsafeBufferPointer<Int32>)

  /// Forgets the rows with these numbers, which rise; others get their numbers. Nothing can be added then before `clear`.
  func remove(_ numbers: UnsafeBufferPointer<Int32>)

  /// Adds a record to every row, in the order of its number.
  func addInOrder(_ records: RowLoops.Rows<Element>)
}

/// Rows as floats, each table's by themselves.
package final class FloatRows: RowStore {
  let tables: TableGradients

  package init(_ tables: TableGradients) { self.tables = tables }

  var rows: TouchedRows { tables.rows }
  var width: Int { tables.width }

  package func clear() { tables.clear() }

  package func remove(_ numbers: UnsafeBufferPointer<Int32>) { tables.remove(numbers) }

  func makeEmpty() -> FloatRows { FloatRows(TableGradients(like: tables)) }

  func copy(_ numbers: UnsafeBufferPointer<Int32>?, to records: RowLoops.Rows<Float>) {
    let count = numbers?.count ?? rows.count
    var column = 0
    for table in tables.tables {
      let source = RowLoops.Rows(table.values.pointer, stride: table.width, places: numbers?.baseAddress)
      RowLoops.copy(count, width: table.width, from: source, to: records.column(column))
      column += table.width
    }
  }

  func add(_ records: RowLoops.Rows<Float>, to slots: UnsafeBufferPointer<Int32>) {
    var column = 0
    for table in tables.tables {
      let target = RowLoops.Rows(table.values.pointer, stride: table.width, places: slots.baseAddress)
      RowLoops.add(slots.count, width: table.width, from: records.column(column), to: target)
      column += table.width
    }
  }

  /// Adds one microbatch's gradients.
  package func accumulate(_ other: TableGradients) {
    rows.touch(all: other.rows.ids)
    let slots = rows.slots
    for number in slots.indices { rows.addOccurrences(other.rows.occurrences[number] - 1, to: Int(slots[number])) }
    for (sum, table) in zip(tables.tables, other.tables) {
      let target = RowLoops.Rows(sum.values.pointer, stride: sum.width, places: slots.baseAddress)
      RowLoops.add(slots.count, width: sum.width, from: .init(table.values.pointer, stride: table.width), to: target)
    }
  }

  func addInOrder(_ records: RowLoops.Rows<Float>) {
    var column = 0
    for table in tables.tables {
      let target = RowLoops.Rows(table.values.pointer, stride: table.width)
      RowLoops.add(rows.count, width: table.width, from: records.column(column), to: target)
      column += table.width
    }
  }
}

/// Rows as multiples of a fixed quantum in doubles, which add up to the same bits in any order (`FixedPointSum`).
package final class FixedPointRows: RowStore {
  let rows = TouchedRows()
  let width: Int
  /// False where a row's gradient is too large for an exact sum.
  private(set) var isExact = true
  /// Exact sum of this step's terms.
  var sum = FixedPointSum(terms: 1)
  private var memory = AlignedMemory(byteCount: 0)
  private var filled = 0

  package init(width: Int) { self.width = width }

  func makeEmpty() -> FixedPointRows { FixedPointRows(width: width) }

  package func clear() {
    isExact = true
    rows.clear()
    filled = 0
  }

  package func remove(_ numbers: UnsafeBufferPointer<Int32>) {
    let values = values
    rows.remove(numbers) { (values + $1 * width).update(from: values + $0 * width, count: width) }
    filled = rows.count * width
  }

  /// `[rows.count, width]`; rows that are new since the last look are zero.
  private var values: UnsafeMutablePointer<Double> {
    let needed = rows.count * width
    let bytes = needed * MemoryLayout<Double>.stride
    if memory.byteCount < bytes {
      let larger = AlignedMemory(byteCount: 2 * bytes)
      larger.baseAddress.copyMemory(from: memory.baseAddress, byteCount: filled * MemoryLayout<Double>.stride)
      memory = larger
    }
    let start = memory.baseAddress.assumingMemoryBound(to: Double.self)
    if filled < needed { (start + filled).update(repeating: 0, count: needed - filled) }
    filled = needed
    return start
  }

  func copy(_ numbers: UnsafeBufferPointer<Int32>?, to records: RowLoops.Rows<Double>) {
    let source = RowLoops.Rows(values, stride: width, places: numbers?.baseAddress)
    RowLoops.copy(numbers?.count ?? rows.count, width: width, from: source, to: records)
  }

  func add(_ records: RowLoops.Rows<Double>, to slots: UnsafeBufferPointer<Int32>) {
    RowLoops.add(
      slots.count, width: width, from: records, to: .init(values, stride: width, places: slots.baseAddress))
  }

  func addInOrder(_ records: RowLoops.Rows<Double>) {
    RowLoops.add(rows.count, width: width, from: records, to: .init(values, stride: width))
  }

  /// Adds one microbatch's gradients.
  package func accumulate(_ tables: TableGradients) {
    rows.touch(all: tables.rows.ids)
    let (slots, values) = (rows.slots, values)
    for number in slots.indices { rows.addOccurrences(tables.rows.occurrences[number] - 1, to: Int(slots[number])) }
    var column = 0
    for table in tables.tables {
      let gradients = table.values.buffer
      for number in slots.indices {
        let sums = UnsafeMutableBufferPointer(start: values + Int(slots[number]) * width + column, count: table.width)
        var span = sums.mutableSpan
        let row = number * table.width..<(number + 1) * table.width
        if !sum.add(gradients.extracting(row).span, to: &span, overwrite: false) { isExact = false }
      }
      column += table.width
    }
  }

  /// Brings the sums back to floats.
  package func round(into tables: TableGradients) {
    tables.clear()
    tables.rows.touch(all: rows.ids)
    for number in 0..<rows.count { tables.rows.addOccurrences(rows.occurrences[number] - 1, to: number) }
    let values = values
    var column = 0
    for table in tables.tables {
      let gradients = table.values.pointer
      for number in 0..<rows.count {
        for index in 0..<table.width {
          gradients[number * table.width + index] = Float(values[number * width + column + index])
        }
      }
      column += table.width
    }
  }
}
