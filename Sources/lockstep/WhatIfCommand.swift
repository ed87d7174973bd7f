import ArgumentParser
import Foundation
import Reports
import Training

struct WhatIfCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "what-if", abstract: "Say what a run's steps would have taken had one thing been otherwise.",
    discussion: """
      From the account of its steps (steps.json): without its straggler, on a faster network, with other buckets.
        lockstep what-if output/first --network-speed 10 --bucket-bytes 4194304
      """)

  @Argument(help: "The --output folder of a run of several ranks.", completion: .directory)
  var folder: String

  @Option(
    help: ArgumentHelp("The network is so many times faster; may be repeated. [default: 10]", valueName: "times"),
    transform: WhatIfCommand.speed)
  var networkSpeed: [Double] = []

  @Option(
    help: ArgumentHelp("Gradients travel in buckets of about so many bytes; may be repeated.", valueName: "bytes"),
    transform: WhatIfCommand.bytes)
  var bucketBytes: [Int] = []

  @Option(
    help: ArgumentHelp(
      "With --network-speed: what each rank's link carried in the run; only the bytes' time on it changes.",
      valueName: "rate"))
  var networkRate: String?

  func run() throws {
    do { try Console.result(report()) } catch { throw ValidationFailure(error) }
  }

  private func report() throws -> String {
    let saved = try SavedModel(folder)
    let (record, steps) = try saved.accountOfSteps()
    let changes =
      [WhatIf.Change.withoutStraggler] + (networkSpeed.isEmpty ? [10] : networkSpeed).map { .networkSpeed($0) }
      + bucketBytes.map { .bucketBytes($0) }
    let rate = try networkRate.map { try Quantity.bytesPerSecond("--network-rate", $0) }
    return try WhatIfReport(WhatIf(steps, record, linkBytesPerSecond: rate), changes, slow: record.slowRank).terminal
  }

  private static func speed(_ text: String) throws -> Double {
    guard let speed = Double(text), speed > 0, speed <= 1e6 else {
      throw ValidationError("'\(text)' is no number above 0 and up to 1000000, such as 10")
    }
    return speed
  }

  private static func bytes(_ text: String) throws -> Int {
    guard let bytes = Int(text), 1...Int(Int32.max) ~= bytes else {
      throw ValidationError("'\(text)' is no number of bytes from 1 to \(Int32.max)")
    }
    return bytes
  }
}
