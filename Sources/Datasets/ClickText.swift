import Buffers
import Configuration
import Foundation

/// Training straight from click data in text.
public enum ClickText {
  /// `configuration.path` is a file whose rows say their split, or a folder with files whose names begin with `train`,
  /// `validation` and `test`. Text is mapped; packed text is unpacked into memory.
  ///
  /// The schema is fitted on the training split as `lockstep convert` does, and every line is checked.
  ///
  /// - Throws: `DatasetError`.
  public static func open(_ configuration: DataConfiguration) throws -> DatasetPair {
    let schema = try schema(configuration)
    let lines = ClickLines(
      schema: schema, files: try files(configuration.path, schema), workers: workers,
      badLineRemedy: "mend the text, or convert it with lockstep convert --bad-lines")
    let splits = try datasets(lines, ClickFitting.fit(lines), limit: configuration.limit)
    let wanted: ClickSplit = configuration.evaluateOn == .test ? .test : .validation
    let other: ClickSplit = wanted == .test ? .validation : .test
    guard let training = splits[.train] else { throw noRows(configuration.path, "the training split") }
    guard let validation = splits[wanted] ?? splits[other] else {
      throw noRows(configuration.path, "the validation or the test split")
    }
    return DatasetPair(training: training, validation: validation, path: configuration.path)
  }

  /// All rows of text files, encoded as `fitted` says: another day's data, or rows to be scored.
  ///
  /// - Parameter fitted: from a converted folder or a model; nil learns it from these files.
  public static func open(_ paths: [String], schema: ClickSchemaFile, fitted: ClickSchema?) throws -> ClickTextDataset {
    let lines = try lines(paths, schema, fitted)
    return try rows(lines, fitted ?? ClickFitting.fit(lines))
  }

  /// All rows of text files, to be scored: encoded as `fitted` says, without labels, which need not be there. Only where
  /// lines begin is found here; each is taken apart, and checked, when it is read.
  ///
  /// - Throws: `DatasetError`; reading throws it for a malformed line.
  public static func open(toScore paths: [String], schema: ClickSchemaFile, fitted: ClickSchema) throws
    -> ClickTextDataset
  {
    var lines = try lines(paths, schema, fitted)
    lines.needsLabels = false
    return try rows(lines, fitted)
  }

  private static func lines(_ paths: [String], _ schema: ClickSchemaFile, _ fitted: ClickSchema?) throws -> ClickLines {
    if let fitted, let difference = fitted.difference(from: ClickSchema(schema)) {
      throw DatasetError(file: schema.file, "\(difference) is not as the model or data set has it")
    }
    var schema = schema
    schema.split = nil
    return ClickLines(
      schema: schema, files: paths.map { ClickTextFile(path: $0, split: .train) }, workers: workers,
      badLineRemedy: "mend the text")
  }

  private static func rows(_ lines: ClickLines, _ fitted: ClickSchema) throws -> ClickTextDataset {
    guard let rows = try datasets(lines, fitted, limit: nil)[.train] else {
      throw DatasetError(file: lines.files.map(\.path).joined(separator: ", "), "there are no rows in it")
    }
    return rows
  }

  private static var workers: Int { max(1, min(ProcessInfo.processInfo.activeProcessorCount, 8)) }

  private static func noRows(_ path: String, _ what: String) -> DatasetError {
    DatasetError(file: path, "no row belongs to \(what)")
  }

  private static func schema(_ configuration: DataConfiguration) throws -> ClickSchemaFile {
    guard let file = configuration.schema else {
      throw DatasetError(
        file: configuration.path, "text of click data needs data.schema, the file that says what its columns are")
    }
    do {
      return try ClickSchemaFile.load(file: file)
    } catch { throw DatasetError("\(error)") }
  }

  /// By name, in the order of their names.
  private static func files(_ path: String, _ schema: ClickSchemaFile) throws -> [ClickTextFile] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw DatasetError(file: path, "there is no such file or folder")
    }
    guard isFolder.boolValue else {
      guard schema.split != nil else {
        throw DatasetError(
          file: path,
          "one file alone needs a schema with a split column: give a folder with files named train…, validation… and "
            + "test…")
      }
      return [ClickTextFile(path: path, split: nil)]
    }
    let names = try DatasetFolder.contents(of: path).sorted()
    let found = ClickSplit.allCases.flatMap { split in
      names.filter { $0.hasPrefix(split.rawValue) }.map {
        ClickTextFile(path: "\(path)/\($0)", split: schema.split == nil ? split : nil)
      }
    }
    if found.isEmpty {
      throw DatasetError(file: path, "no file in this folder begins with train, validation or test")
    }
    return found
  }

  private static func datasets(_ lines: ClickLines, _ schema: ClickSchema, limit: Int?) throws -> [ClickSplit:
    ClickTextDataset]
  {
    let encoder = ClickEncoder(schema, indexBases: lines.schema.indexBases, needsLabels: lines.needsLabels)
    var starts = ClickChunk.splits.map { _ in [Int]() }
    var layouts: [ClickLineLayout?] = lines.files.map { _ in nil }
    var bases: [Int] = []
    var next = 0
    // Rows to be scored are shared among ranks, each of which checks its own.
    let isChecked = lines.needsLabels
    _ = try lines.run(IndexWork(encoder: encoder, checks: isChecked)) { chunk in
      if layouts[chunk.file] == nil {
        layouts[chunk.file] = chunk.splitter?.layout
        bases.append(next)
      }
      for split in starts.indices { starts[split] += chunk.starts[split].map { bases[chunk.file] + $0 } }
      next = bases[chunk.file] + chunk.offset + chunk.range.upperBound
    }
    let files = try lines.files.indices.map { index in
      guard let layout = layouts[index] else { preconditionFailure("a file without a chunk") }
      return try ClickMappedText(lines.files[index].path, base: bases[index], layout)
    }
    return Dictionary(
      uniqueKeysWithValues: zip(ClickChunk.splits, starts).filter { !$1.isEmpty }.map { split, starts in
        // Each has splitters of its own, as both may be read at once.
        (
          split,
          ClickTextDataset(
            schema, encoder, files.map { $0.copy() }, starts: starts, limit: split == .train ? limit : nil,
            remedy: isChecked ? nil : lines.badLineRemedy)
        )
      })
  }

  private struct IndexWork: ClickChunkWork {
    let encoder: ClickEncoder
    let checks: Bool

    func run(_ chunk: ClickChunk) {
      guard checks else {
        return chunk.forEachLine { _, start in
          chunk.starts[chunk.split!.index].append(start)
          return nil
        }
      }
      chunk.forEachRow { texts, split, start in
        if let problem = encoder.encode(texts, into: chunk.records[0].next(encoder.layout)) { return problem }
        chunk.starts[split.index].append(start)
        return nil
      }
    }
  }
}
