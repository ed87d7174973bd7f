import Configuration
import Datasets
import Foundation
import StoredFiles
import Testing

/// Data as they were written in the past.
@Suite struct StoredDataTests {
  @Test(arguments: ["images", "native", "clicks", "synthetic", "cifar", "channels"]) func earlierDataAreRead(
    name: String
  ) throws {
    let path = StoredFiles.file(name).path
    let pair = try DatasetPair.open(DataConfiguration(path: path))
    #expect(pair.training.count == ["clicks": 180, "synthetic": 300, "cifar": 5, "channels": 5][name] ?? 48)
    #expect(try !Inspection.inspect(path).isEmpty)
  }

  @Test func anEarlierPlantedQualityIsRead() throws {
    let quality = try #require(try ClickPlantedQuality.read(from: StoredFiles.file("synthetic").path))
    #expect(quality.rows == 100 && quality.generator.cardinalities == [10, 17, 30])
  }

  @Test(
    arguments: [
      ("auc", .replaced("1.1"), "auc is 1.1"), ("generator.cardinalities", .replaced("[]"), "0 fields"),
      ("generator.cardinalities[0]", .replaced("2147483647"), "ids"), ("generator.rows", .replaced("-1"), "at least 0"),
      ("", .added(key: "version", json: "2"), "version 2, and this Lockstep knows 1"),
      ("generator.seed", .replaced("\"1\""), "whole number"), ("rows", .removed, "missing key 'rows'"),
    ] as [(String, StoredChange, String)])
  func aChangedPlantedQualityIsRefused(path: String, change: StoredChange, words: String) throws {
    let folder = ScratchFolder()
    let file = URL(fileURLWithPath: "\(folder.path)/planted.json")
    try StoredFiles.copy("synthetic/planted.json", to: file)
    try StoredFiles.change(file, path, change)
    let error = try #require(throws: ConfigurationError.self) { _ = try ClickPlantedQuality.read(from: folder.path) }
    #expect(error.description.hasPrefix(file.path) && error.description.contains(words), "\(error)")
  }
}
