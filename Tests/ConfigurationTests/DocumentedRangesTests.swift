import Configuration
import Foundation
import Testing

/// A number's range in `docs/configuration.md` is what is read: its ends are taken, what lies beyond is refused.
@Suite struct DocumentedRangesTests {
  /// Sections whose numbers are tried, and where a value of them stands: what must stand around it, and the path.
  private static let sections: [(name: String, prefix: String, around: [String: [String]])] = [
    ("run", "", ["ghostBatch": ["microBatch=2147483647"]]),
    (
      "batchSchedule", "batchSchedule.",
      ["milestones": [growing], "factor": [growing], "atMost": [growing]]
    ),
    (
      "model", "model.",
      [
        "embedding": [deepfm], "embeddingDeviation": [deepfm], "hidden": [cnn],
        "crossLayers": ["model={kind: dcnv2, widths: [8]}"],
        "widths": [], "dropout": [], "width": ["model={kind: resnet}"],
        "bottomWidths": ["model={kind: dlrm, widths: [8]}"], "filters": [cnn],
      ]
    ),
    (
      "optimizer", "optimizer.",
      [
        "trust": ["optimizer.kind=lars"], "beta1": ["optimizer.kind=adam"], "beta2": ["optimizer.kind=adam"],
        "epsilon": ["optimizer.kind=adam"], "weightNormAtLeast": ["optimizer.kind=lamb"],
        "weightNormAtMost": ["optimizer.kind=lamb"],
      ]
    ),
    ("optimizer.sharpnessAware", "optimizer.sharpnessAware.", [:]),
    (
      "workers", "workers.",
      [
        "count": ["workers={combine: adasum, count: 1}"], "localSteps": [workers], "from": [workers],
      ]
    ),
    (
      "tables", "tables.",
      [
        "initialAccumulator": ["tables.optimizer=adagrad"], "l1": ["tables.optimizer=ftrl"],
        "beta": ["tables.optimizer=ftrl"],
      ]
    ),
    ("tables.cowClip", "tables.cowClip.", [:]),
    (
      "learningRate", "learningRate.",
      [
        "factor": ["learningRate.schedule=steps", "learningRate.milestones=[1]"],
        "milestones": ["learningRate.schedule=steps"], "patience": ["learningRate.schedule=plateau"],
      ]
    ),
    ("divergence", "divergence.", ["limit": ["divergence={policy: skip}"]]),
    ("evaluation", "evaluation.", [:]), ("contrastive", "contrastive.", [:]),
    ("measure.noiseScale", "measure.noiseScale.", [:]), ("measure.distances", "measure.distances.", [:]),
    ("execution", "execution.", [:]), ("study", "", [:]),
    ("axes", "axes.", ["localBatch": ["axes.globalBatch=null"]]),
    ("cost", "cost.", [:]), ("target", "target.", [:]), ("calls", "calls.", [:]),
    (
      "search", "search.",
      ["trials": ["run.data.validation={fraction: 0.1}", "search={learningRate.base: {log: [0.1, 1]}}"]]
    ),
    ("sharpness", "sharpness.", [:]),
    ("interpolation", "interpolation.", ["points": [towards], "batch": [towards], "seed": [towards]]),
  ]
  private static let towards = "interpolation={towards: {globalBatch: 64}}"
  private static let growing = "batchSchedule={milestones: [1], factor: 2}"
  private static let deepfm = "model={kind: deepfm, widths: [8]}"
  private static let workers = "workers={combine: average, count: 2, localSteps: 1, from: 0}"
  private static let cnn = "model={kind: cnn, filters: [8], hidden: 8}"
  private static let ofStudies: Set = [
    "study", "axes", "cost", "target", "calls", "search", "sharpness", "interpolation",
  ]

  private static let run = """
    model: {kind: mlp, widths: [8]}
    data: {path: somewhere}
    globalBatch: 64
    epochs: 1
    """
  private static let study = """
    name: ranges
    run:
      model: {kind: mlp, widths: [8]}
      data: {path: somewhere}
      epochs: 1
    axes: {globalBatch: [64]}
    cost: {pricePerNodeHour: 1, ranksPerNode: 1}
    """

  @Test func everyDocumentedRangeIsTheOneThatIsRead() throws {
    let rows = try DocumentedRange.all()
    var tried = 0
    for section in Self.sections {
      // Some keys of models have ranges that are no interval, as a depth of 6n + 2.
      for range in rows
      where range.section == section.name && (section.name != "model" || section.around[range.key] != nil) {
        let path = section.prefix + range.key
        let around = section.around[range.key] ?? []
        for value in range.inside {
          let error = try error(path, value, around, section.name)
          #expect(error?.contains("must be") != true, "\(path) of \(range.type): \(error ?? "")")
        }
        for value in range.outside {
          let error = try error(path, value, around, section.name)
          #expect(
            error?.contains("\(path)") == true && error?.contains("must be") == true,
            "\(path)=\(value): \(error ?? "taken")")
        }
        tried += 1
      }
    }
    #expect(tried > 40, "\(tried) ranges were found in the reference")
  }

  /// nil where it is taken.
  private func error(_ path: String, _ value: String, _ around: [String], _ section: String) throws -> String? {
    let isStudy = Self.ofStudies.contains(section)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("ranges-\(UUID().uuidString).yaml").path
    try (isStudy ? Self.study : Self.run).write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    do {
      let overrides = around + ["\(path)=\(value)"]
      if isStudy {
        _ = try StudyConfiguration.load(file: file, overrides: overrides)
      } else {
        _ = try RunConfiguration.load(file: file, overrides: overrides)
      }
      return nil
    } catch { return "\(error)" }
  }
}

/// A row of the reference whose type is of numbers.
private struct DocumentedRange {
  let section: String
  let key: String
  let type: String
  /// Values at the ends of the range.
  let inside: [String]
  /// Values just beyond them.
  let outside: [String]

  static func all() throws -> [DocumentedRange] {
    let text = try String(contentsOfFile: "\(repository)/docs/configuration.md", encoding: .utf8)
    var section = ""
    return text.split(separator: "\n").compactMap { line in
      if line.hasPrefix("## ") { section = line.split(separator: "`").dropFirst().first.map(String.init) ?? "" }
      guard line.hasPrefix("| `") else { return nil }
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      let key = cells[0].trimmingCharacters(in: CharacterSet(charactersIn: "`"))
      return DocumentedRange(section: section, key: key, type: cells[1])
    }
  }

  /// nil where the type is not of numbers, or of seeds, which are all that fit.
  private init?(section: String, key: String, type: String) {
    guard key != "seed", let ends = Self.ends(type) else { return nil }
    self.section = section
    self.key = key
    self.type = type
    let isList = type.hasPrefix("list")
    (inside, outside) = (ends.inside.map { isList ? "[\($0)]" : $0 }, ends.outside.map { isList ? "[\($0)]" : $0 })
  }

  private static func ends(_ type: String) -> (inside: [String], outside: [String])? {
    let numbers = type.replacingOccurrences(of: ",", with: "").split(separator: " ").compactMap { Int($0) }
    if type.contains("whole") {
      let (low, high) = numbers.count == 2 ? (numbers[0], numbers[1]) : (1, Int(Int32.max))
      return (["\(low)", "\(high)"], ["\(low - 1)", "\(high + 1)"])
    }
    guard type.contains("number") else { return nil }
    let isAbove = type.contains("above 0") || type.contains("0 <")
    var (inside, outside) = (isAbove ? ["1e-9"] : ["0"], isAbove ? ["0"] : ["-1e-9"])
    if type.contains("< 1") {
      inside.append("0.999999")
      outside.append("1")
    } else if let most = type.contains("≤ 1") ? 1 : numbers.last(where: { $0 > 0 }) {
      inside.append("\(most)")
      outside.append("\(Double(most) + 1)")
    }
    return (inside, outside)
  }
}
