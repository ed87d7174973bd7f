import ArgumentParser
import Configuration
import Interconnect

/// Bounds of the numbers of flags: written once, and far from where a product of two of them overflows.
struct FlagRange {
  let range: ClosedRange<Int>

  /// Threads of a process.
  static let workers = FlagRange(range: 1...1024)
  static let classes = FlagRange(range: 2...256)
  static let badLines = FlagRange(range: 0...Int(Int32.max))
  /// Samples of one compute call.
  static let batch = FlagRange(range: 1...1 << 20)
  static let globalBatch = FlagRange(range: 1...Int(Int32.max))
  /// Rows of a data set.
  static let rows = FlagRange(range: 1...1 << 40)
  /// Their planted scores are held in memory.
  static let testRows = FlagRange(range: 1...1 << 32)
  /// They are made in memory.
  static let images = FlagRange(range: 1...1 << 24)
  /// Pixels by which a pattern is moved.
  static let shift = FlagRange(range: 0...16)
  static let fields = FlagRange(range: 1...4096)
  static let dense = FlagRange(range: 0...4096)
  static let embedding = FlagRange(range: 0...256)
  static let nodes = FlagRange(range: 1...4096)
  static let ranksPerNode = FlagRange(range: 1...4096)
  static let ranks = FlagRange(range: 1...Int(Int32.max))
  /// Rows of a table, whose numbers have 32 bits.
  static let tableRows = FlagRange(range: 1...Int(Int32.max))

  /// Of a random subspace; each is as long as the weights.
  static let directions = FlagRange(range: StudySharpness.directions)
  /// Iterations of a search for a maximum.
  static let searchSteps = FlagRange(range: StudySharpness.steps)
  static let hessianSteps = FlagRange(range: StudySharpness.products)
  /// Places on the way between two runs.
  static let places = FlagRange(range: StudyInterpolation.places)

  /// The largest message whose time is measured, in bytes.
  static let message = FlagRange(range: MeasurementPlan.leastMostBytes...1 << 30)
  static let repetitions = FlagRange(range: MeasurementPlan.leastRepetitions...10_000)

  /// - Parameter value: nil where the flag was not given.
  func require(_ name: String, _ value: Int?) throws {
    guard let value, !range.contains(value) else { return }
    throw ValidationError("\(name) is \(value), but must be from \(range.lowerBound) to \(range.upperBound)")
  }

  /// Whole numbers between commas, each once, rising.
  func list(_ name: String, _ text: String) throws -> [Int] {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.allSatisfy({ $0.map(range.contains) ?? false }) else {
      throw ValidationError(
        "\(name) is '\(text)', but must be whole numbers from \(range.lowerBound) to \(range.upperBound) with commas between, such "
          + "as 1,2,4")
    }
    return Set(numbers.compactMap { $0 }).sorted()
  }
}
