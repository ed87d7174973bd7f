import Buffers
import Configuration
import Files
import Foundation

/// Training straight from click data in text.
public enum ClickText {
  /// `configuration.path` is a file whose rows say their split, or a folder of text (see `ClickTextFolder`). Text is mapped;
  /// packed text is unpacked into memory.
  ///
  /// The schema is fitted on the training split as `lockstep convert` does, and every line is checked.
  ///
  /// - Throws: `DatasetError`.
  public static func open(_ configuration: DataConfiguration) throws -> DatasetPair {
    let schema = try schema(configuration)
    let (files, leftOut) = try files(configuration.path, schema)
    let lines = ClickLines(
      schema: schema, files: files, workers: workers,
      badLineRemedy: "mend the text, or convert it with lockstep convert --bad-lines")
    let text = try ClickTextSplits(lines, ClickFitting.fit(lines), limit: configuration.limit, hasSplits: true)
    let wanted = ClickSplit(configuration.evaluateOn)
    let other: ClickSplit = wanted == .test ? .validation : .test
    guard let training = text.splits[.train] else { throw noRows(configuration.path, "the training split") }
    guard let validation = text.splits[wanted] ?? text.splits[other] else {
      throw noRows(configuration.path, "the validation or the test split")
    }
    try text.summary.require(schema, learnsHere: true)
    let held = text.splits[wanted] == nil ? other : wanted
    let fallback = held == wanted ? [] : [DatasetPair.fallbackNotice(configuration.path, asked: wanted, held: held)]
    return DatasetPair(
      training: training, validation: validation, test: held == .validation ? text.splits[.test] : nil,
      evaluatedOn: EvaluatedOn(held), path: configuration.path,
      notices: leftOut + fallback + text.summary.notices)
  }

  /// All rows of text files, encoded as `fitted` says: another day's data, to be judged by.
  ///
  /// - Parameter fitted: from a converted folder or a model; nil learns it from these files.
  /// - Throws: `DatasetError`.
  public static func open(_ paths: [String], schema: ClickSchemaFile, fitted: ClickSchema?) throws -> ClickTextDataset {
    let lines = try lines(paths, schema, fitted)
    let text = try ClickTextSplits(lines, fitted ?? ClickFitting.fit(lines), limit: nil, hasSplits: false)
    try text.summary.require(schema, learnsHere: false)
    let rows = try text.rows(of: paths)
    rows.notices = text.summary.notices
    return rows
  }

  /// Whether a path is to be taken for text: it leads to a file that is no shard, or to a pipe, which is then refused.
  public static func isText(_ path: String) -> Bool {
    let path = DataPath.system(path)
    switch InputFile.kind(of: path) {
    case .pipe: return true
    case .file: break
    case .folder, .device, .absent: return false
    }
    guard !path.hasSuffix(ClickShardName.suffix), let file = FileHandle(forReadingAtPath: path) else { return false }
    return (try? file.read(upToCount: NativeHeader.magic.count)).map { Array($0) != NativeHeader.magic } ?? true
  }

  /// All rows of text files, to be scored: encoded as `fitted` says. Only where lines begin
  /// is found here; each is taken apart, and checked, when it is read.
  ///
  /// - Parameters:
  ///   - labels: where files have headers, these say whether labels that are ignored are there.
  ///   - carried: columns that `ClickTextDataset.appendCarriedTexts` hands on.
  /// - Throws: `DatasetError`; reading throws it for a malformed line.
  public static func open(
    toScore paths: [String], schema: ClickSchemaFile, fitted: ClickSchema, labels: ClickLabels = .ignored,
    carrying carried: [String] = []
  ) throws -> ClickTextDataset {
    var lines = try lines(paths, schema, fitted)
    (lines.labels, lines.carried, lines.isChecked) = (labels, carried, false)
    return try ClickTextSplits(lines, fitted, limit: nil, hasSplits: false).rows(of: paths)
  }

  /// A summary of the data that text files would become: nothing is written, and nothing is an error of the data as a
  /// whole.
  ///
  /// - Throws: `DatasetError` for the first malformed line.
  public static func summary(of path: String, schema: ClickSchemaFile) throws -> ClickSummary {
    let file = ClickTextFile(path: path, split: schema.split == nil ? .train : nil)
    let lines = ClickLines(schema: schema, files: [file], workers: workers, badLineRemedy: "mend the text")
    try lines.requireFiles(because: "its rows are looked at more than once")
    return try ClickTextSplits(lines, ClickFitting.fit(lines), limit: nil, hasSplits: schema.split != nil).summary
  }

  private static func lines(_ paths: [String], _ schema: ClickSchemaFile, _ fitted: ClickSchema?) throws -> ClickLines {
    if let fitted, let difference = fitted.difference(from: ClickSchema(schema)) {
      throw DatasetError(file: schema.file, "\(difference) is not as the model or data set has it")
    }
    var schema = schema
    schema.split = nil
    return ClickLines(
      schema: schema, files: ClickTextFile.all(paths, schema, split: .train), workers: workers,
      badLineRemedy: "mend the text")
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

  /// With what is to be said about files that are not read.
  private static func files(_ path: String, _ schema: ClickSchemaFile) throws -> ([ClickTextFile], notices: [String]) {
    guard InputFile.kind(of: path) == .folder else {
      try DataPath.require(path)
      guard schema.split != nil else {
        throw DatasetError(
          file: path,
          "one file alone needs a schema with a split column: give a folder with files named train…, validation… and "
            + "test…")
      }
      return ([ClickTextFile(path: path, split: nil)], [])
    }
    let contents = try ClickTextFolder.open(path)
    let files = ClickSplit.allCases.flatMap { split in
      let paths = contents.files.filter { $0.split == split }.map { "\(path)/\($0.name)" }
      return ClickTextFile.all(paths, schema, split: schema.split == nil ? split : nil)
    }
    guard !contents.leftOut.isEmpty else { return (files, []) }
    return (files, ["not read in \(path): \(ClickTextFolder.list(contents.leftOut))"])
  }
}
