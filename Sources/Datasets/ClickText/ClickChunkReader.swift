import Configuration
import Foundation

/// A file of click data in text, and where its rows belong.
struct ClickTextFile {
  var path: String
  /// Nil where a column says it.
  var split: ClickSplit?

  /// One for each of the paths, but for those that name the same rows once more: see `ClickArrayPlan.distinct`.
  static func all(_ paths: [String], _ schema: ClickSchemaFile, split: ClickSplit?) -> [ClickTextFile] {
    (ClickArrayPlan(schema, .needed)?.distinct(paths) ?? paths).map { ClickTextFile(path: $0, split: split) }
  }
}

/// Cuts files into chunks of whole lines, always at the same places: what is summed chunk by chunk does not depend on
/// how many threads work.
final class ClickChunkReader {
  static let chunkSize = 1 << 20
  /// A longer line means that this is no text of lines.
  private static let longestLine = 1 << 26

  let files: [ClickTextFile]
  /// Bytes of all files, packed or not; nil where one is a pipe.
  let byteCount: Int?
  private(set) var bytesRead = 0
  private let schema: ClickSchemaFile
  private let labels: ClickLabels
  private let carried: [String]
  /// Nil where the files are text.
  private let arrays: ClickArrayPlan?
  private var current: (any ClickTextSource)?
  private var layout: ClickLineLayout?
  private var index = 0
  private var offset = 0
  /// Bytes of the current file that were counted.
  private var bytesCounted = 0
  /// The beginning of a line that the last chunk could not hold to its end.
  private var rest: [UInt8] = []

  init(_ schema: ClickSchemaFile, _ files: [ClickTextFile], labels: ClickLabels, carried: [String]) throws {
    self.schema = schema
    self.labels = labels
    self.carried = carried
    self.files = files
    arrays = ClickArrayPlan(schema, labels)
    let sizes = try files.map { try ByteInput.byteCount(of: $0.path) }
    byteCount = sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) }
  }

  /// False where there is nothing left.
  ///
  /// - Parameter whileWaiting: for a pipe's writer; may throw to stop.
  func fill(_ chunk: ClickChunk, whileWaiting: () throws -> Void) throws -> Bool {
    guard index < files.count else { return false }
    let isFirst = current == nil
    let file = try current ?? open(files[index].path, whileWaiting)
    current = file
    if isFirst { (offset, rest, layout, bytesCounted) = (0, [], nil, 0) }
    let (count, isLast) = try load(file, chunk, whileWaiting)
    bytesRead += file.bytesRead - bytesCounted
    bytesCounted = file.bytesRead
    (chunk.file, chunk.offset, chunk.split) = (index, offset, files[index].split)
    (chunk.range, chunk.linesBefore) = (0..<count, 0)
    if isFirst { try readHeader(chunk) }
    if let layout { chunk.use(layout) }
    offset += count
    if isLast {
      current = nil
      index += 1
    }
    return true
  }

  private func open(_ path: String, _ whileWaiting: () throws -> Void) throws -> any ClickTextSource {
    if let arrays { return try ClickArrayText(path, arrays) }
    return try PackedFile(path, whileWaiting: whileWaiting)
  }

  /// - Returns: bytes of whole lines, and whether the file ends with them.
  private func load(_ file: any ClickTextSource, _ chunk: ClickChunk, _ whileWaiting: () throws -> Void) throws -> (
    count: Int, isLast: Bool
  ) {
    var count = rest.count
    var wanted = max(Self.chunkSize, 2 * count)
    while chunk.room < wanted { chunk.grow(keeping: 0) }
    rest.withUnsafeBufferPointer { chunk.memory.update(from: $0.baseAddress!, count: $0.count) }
    while true {
      let more = UnsafeMutableRawBufferPointer(start: chunk.memory + count, count: wanted - count)
      let found = try file.read(into: more, whileWaiting: whileWaiting)
      count += found
      if count < wanted {
        rest = []
        return (count, true)
      }
      if let last = UnsafeBufferPointer(start: chunk.memory, count: count).lastIndex(of: 0x0A) {
        let whole = last + 1
        rest = Array(UnsafeBufferPointer(start: chunk.memory + whole, count: count - whole))
        return (whole, false)
      }
      guard wanted < Self.longestLine else {
        throw DatasetError(
          file: DataPath.name(file.path), "a line is longer than \(Self.longestLine) bytes: this is no text of rows")
      }
      wanted *= 2
      if chunk.room < wanted { chunk.grow(keeping: count) }
    }
  }

  /// Finds out what the file's columns are, and passes over the line that says it.
  private func readHeader(_ chunk: ClickChunk) throws {
    let path = DataPath.name(files[index].path)
    let bytes = UnsafeBufferPointer(start: chunk.memory, count: chunk.range.count)
    if bytes.isEmpty { throw DatasetError(file: path, "the file is empty") }
    // Some programs begin UTF-8 text with a byte order mark.
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var columns = arrays?.names ?? (schema.format == .criteo ? ClickSchemaFile.criteoColumns : schema.columns)
    if labels == .absent { columns?.removeAll { $0 == schema.label.column } }
    if columns == nil, schema.format == .csv {
      let (line, lines, end) = firstRow(bytes[start...])
      guard let line else { throw DatasetError(file: path, "the file holds no line with column names") }
      columns = try names(in: line, path)
      (chunk.linesBefore, start) = (lines, end)
    }
    chunk.range = start..<bytes.count
    try requireCarried(among: columns, path)
    layout = ClickLineLayout(schema, columns: columns, labels: labels, carried: carried)
  }

  private func requireCarried(among columns: [String]?, _ path: String) throws {
    guard let missing = carried.first(where: { columns?.contains($0) != true }) else { return }
    guard let columns else {
      throw DatasetError(
        file: path,
        "the columns of \(schema.format.rawValue) have no names, so '\(missing.shown)' cannot be carried along")
    }
    let hint = nearest(to: missing, among: columns).map { "did you mean '\($0.shown)'?" }
    throw DatasetError(
      file: path, "there is no column '\(missing.shown)' to be carried along\(hint.map { " (\($0))" } ?? "")")
  }

  /// The first line that is neither empty nor a comment, how many lines end with it, and where the next one begins.
  private func firstRow(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> (line: TextSpan?, lines: Int, end: Int) {
    let comment = Array((schema.comment ?? "").utf8)
    var start = bytes.startIndex
    var lines = 0
    while start < bytes.endIndex {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.endIndex
      let line = TextSpan(line: bytes.base.baseAddress! + start, count: end - start)
      start = min(end + 1, bytes.endIndex)
      lines += 1
      if line.count > 0, comment.isEmpty || !line.bytes.starts(with: comment) { return (line, lines, start) }
    }
    return (nil, lines, start)
  }

  private func names(in line: TextSpan, _ path: String) throws -> [String] {
    let text = String(decoding: line.bytes, as: UTF8.self)
    guard let names = ClickColumnNames.split(text, separator: schema.separator, trim: schema.trim) else {
      throw DatasetError(file: path, "a quote is open at the end of the line with the column names: close it")
    }
    do {
      try schema.checkColumns(among: names, of: path, needsLabel: labels == .needed)
    } catch { throw DatasetError("\(error)") }
    let layout = ClickLineLayout(schema, columns: names, labels: labels, carried: carried)
    for name in layout.names where names.count(where: { $0 == name }) > 1 {
      throw DatasetError(file: path, "two columns are named '\(name)': which one is meant is not clear; rename one")
    }
    return names
  }
}
