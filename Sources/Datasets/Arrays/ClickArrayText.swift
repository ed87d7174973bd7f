import Configuration
import Foundation

/// NumPy's arrays as text, which is then read as any other: a line for each row, its columns' numbers between commas. Only
/// the columns that a schema names are in it.
final class ClickArrayText: ClickTextSource {
  private struct Column {
    var array: Int
    /// Bytes from the start of the array's row.
    var offset: Int
    var element: NumPyElement
  }

  let path: String
  private let arrays: [NumPyArray]
  private let columns: [Column]
  private let rows: Int
  private var row = 0
  /// Text of some rows, and what of it is still to be given.
  private let text: UnsafeMutableBufferPointer<UInt8>
  private var rest = 0..<0
  private let fileSize: Int

  /// Rows that are made text at once.
  private static let blockRows = 256

  init(_ path: String, _ plan: ClickArrayPlan) throws {
    self.path = path
    fileSize = try ByteInput.byteCount(of: path) ?? 0
    let named = plan.names.map { ClickArrayColumn($0) }
    var names: [String] = []
    for column in named where !names.contains(column.array) { names.append(column.array) }
    arrays = try NumPyArrays.open(names, of: path, plan)
    rows = try Self.rows(arrays, path)
    columns = try zip(plan.names, named).map { [arrays] name, column in
      let place = names.firstIndex(of: column.array)!
      return try Self.column(name, column, place, arrays[place], path)
    }
    text = .allocate(capacity: Self.blockRows * columns.count * (NumPyElement.longestText + 1))
  }

  deinit { text.deallocate() }

  /// As far as the rows have come.
  var bytesRead: Int { rows == 0 ? 0 : Int(Double(fileSize) * Double(row) / Double(rows)) }

  func read(into buffer: UnsafeMutableRawBufferPointer, whileWaiting: () throws -> Void) throws -> Int {
    var count = 0
    while count < buffer.count {
      if rest.isEmpty {
        if row == rows { break }
        try makeText()
      }
      let part = rest.prefix(buffer.count - count)
      UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(
        from: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[part.startIndex..<part.endIndex])))
      rest = part.endIndex..<rest.upperBound
      count += part.count
    }
    return count
  }

  private func makeText() throws {
    let count = min(Self.blockRows, rows - row)
    let starts = try arrays.map { try $0.next(rows: count) }
    let sizes = arrays.map(\.header.rowSize)
    var place = text.baseAddress!
    for index in 0..<count {
      for column in columns {
        column.element.write(starts[column.array] + index * sizes[column.array] + column.offset, to: &place)
        place.pointee = UInt8(ascii: ",")
        place += 1
      }
      // In the last comma's place.
      place[-1] = UInt8(ascii: "\n")
    }
    rest = 0..<place - text.baseAddress!
    row += count
    if row == rows { try arrays.forEach { try $0.requireWhole() } } else { try LostPages.requireNone() }
  }

  private static func rows(_ arrays: [NumPyArray], _ path: String) throws -> Int {
    let first = arrays[0]
    if let other = arrays.first(where: { $0.header.rows != first.header.rows }) {
      throw DatasetError(
        file: path,
        "the array \(first.name) has \(first.header.rows) rows, but \(other.name) has \(other.header.rows): they do not belong "
          + "together")
    }
    guard first.header.rows > 0 else { throw DatasetError(file: path, "its arrays have no rows") }
    return first.header.rows
  }

  private static func column(
    _ name: String, _ column: ClickArrayColumn, _ place: Int, _ array: NumPyArray, _ path: String
  ) throws -> Column {
    let count = array.header.columns
    guard column.index.map({ $0 < count }) ?? (count == 1) else {
      let words = count == 1 ? "1 column" : "\(count) columns"
      let remedy = column.index == nil ? "name them, such as \(name).1-\(count)" : "there is no '\(name)'"
      throw DatasetError(file: path, "the array \(array.name) has \(words): \(remedy)")
    }
    return Column(array: place, offset: (column.index ?? 0) * array.header.element.size, element: array.header.element)
  }
}
