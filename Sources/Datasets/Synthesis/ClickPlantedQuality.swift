import Configuration
import Files
import Foundation

/// How well the planted model itself does on the test split: what no model can beat but by luck. Stored beside generated
/// data, as `planted.json`.
public struct ClickPlantedQuality: Encodable, Equatable, Sendable {
  /// In the folder of the data.
  public static let fileName = "planted.json"

  /// Exact, ties counted half.
  public var auc: Double
  /// Mean, in nats.
  public var logLoss: Double
  /// Log loss, in nats, of predicting the test split's share of positives for every row.
  public var constantLogLoss: Double
  /// Share of the test split's rows with label 1.
  public var positiveShare: Double
  /// Rows of the test split.
  public var rows: Int
  /// The generator of the data.
  public var generator: ClickGenerator

  /// The quality that lies beside generated data; nil where there is none.
  ///
  /// - Throws: `ConfigurationError` where the file cannot be read or understood.
  public static func read(from folder: String) throws -> ClickPlantedQuality? {
    let path = "\(folder)/\(fileName)"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try stored.read(file: path) { try ClickPlantedQuality($0) }
  }

  /// No harm where there is none. The folder is flushed when the next file takes its place there.
  static func remove(from folder: String) throws {
    let path = "\(folder)/\(fileName)"
    guard unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
  }

  func write(to folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try AtomicFile.write(try encoder.encode(self) + Data("\n".utf8), to: "\(folder)/\(Self.fileName)")
  }
}

/// The planted model's scores of the test split, four bytes a row.
struct ClickPlantedScores {
  private var positive: [Float] = []
  private var negative: [Float] = []

  mutating func add(_ score: Float, label: UInt32) {
    if label == 1 { positive.append(score) } else { negative.append(score) }
  }

  /// Nil where all labels are alike: then there is no AUC.
  mutating func quality(_ generator: ClickGenerator) -> ClickPlantedQuality? {
    guard !positive.isEmpty, !negative.isEmpty else { return nil }
    positive.sort()
    negative.sort()
    let rows = positive.count + negative.count
    let share = Double(positive.count) / Double(rows)
    // ln(1 + e^−s) for a positive, ln(1 + e^s) for a negative.
    let loss =
      positive.reduce(0.0) { $0 + Self.softplus(-Double($1)) } + negative.reduce(0.0) { $0 + Self.softplus(Double($1)) }
    return ClickPlantedQuality(
      auc: areaUnderCurve, logLoss: loss / Double(rows),
      constantLogLoss: -share * log(share) - (1 - share) * log(1 - share), positiveShare: share, rows: rows,
      generator: generator)
  }

  /// The share of pairs of a positive and a negative that the scores order rightly.
  private var areaUnderCurve: Double {
    var below = 0
    var notAbove = 0
    var halves = 0
    for score in positive {
      while below < negative.count, negative[below] < score { below += 1 }
      notAbove = max(notAbove, below)
      while notAbove < negative.count, negative[notAbove] <= score { notAbove += 1 }
      halves += below + notAbove
    }
    return Double(halves) / 2 / Double(positive.count) / Double(negative.count)
  }

  private static func softplus(_ value: Double) -> Double { max(value, 0) + log1p(exp(-abs(value))) }
}
