import ArgumentParser
import Configuration
import Foundation
import Landscape
import Training

/// Options that sharpness and interpolate have in common: what the loss is a function of.
struct LandscapeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Other data than the runs': a folder with training and test files.", valueName: "folder"),
    completion: .directory)
  var data: String?

  @Option(
    help: ArgumentHelp(
      "What batch norm takes: the statistics of each batch, as the paper's code, or its running ones (batch, running).",
      valueName: "which"))
  var statistics = BatchNormStatistics.batch

  @Option(
    help: ArgumentHelp(
      "With --statistics batch: samples whose statistics are taken together, at most.", valueName: "samples"))
  var batch: Int?

  @Option(help: "Of random directions, and of the order of samples, which says what stands in a batch.")
  var seed: UInt64 = 0

  func validate() throws {
    try FlagRange.batch.require("--batch", batch)
    if batch != nil, statistics != .batch {
      throw ValidationError("--batch means nothing with --statistics \(statistics.rawValue)")
    }
  }

  /// As it is named here, whatever the ranks' folder.
  var dataPath: String? { data.map { URL(fileURLWithPath: $0).path } }

  var choice: SavedObjective.Choice {
    var choice = SavedObjective.Choice(statistics: statistics, seed: seed)
    if let batch { choice.rows = batch }
    return choice
  }
}

extension BatchNormStatistics: ExpressibleByArgument {}
