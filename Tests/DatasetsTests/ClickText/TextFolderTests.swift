import Configuration
import Datasets
import Foundation
import Testing

/// Files of a folder that are read for training.
@Suite struct TextFolderTests {
  let folder = ScratchFolder()

  init() throws {
    try folder.schema("{name: a, format: csv, label: y, ids: {t: {vocabulary: 1}}}")
    try FileManager.default.createDirectory(atPath: "\(folder.path)/in", withIntermediateDirectories: true)
    for name in ["train.csv", "test.csv"] { folder.write("in/\(name)", "y,t\n1,a\n0,b\n") }
  }

  private func open() throws -> DatasetPair {
    try DatasetPair.open(DataConfiguration(path: "\(folder.path)/in", schema: "\(folder.path)/schema.yaml"))
  }

  @Test func partsAreReadAndOthersSaid() throws {
    for name in ["train-1.csv", "train_2016.csv", "train.3.tsv"] { folder.write("in/\(name)", "y,t\n1,c\n") }
    for name in [
      ".train.csv.swp", "train.csv.bak", "train.csv~", "train.csv.1", "training.csv", "train (1).csv", "notes.txt",
    ] {
      folder.write("in/\(name)", "nothing of this is a row\n")
    }
    let pair = try open()
    #expect(pair.training.count == 5 && pair.validation.count == 2)
    let left = "train (1).csv, train.csv.1, train.csv.bak, train.csv~, training.csv"
    #expect(
      pair.notices.map { $0.replacingOccurrences(of: "\(folder.path)/", with: "") }.first == "not read in in: \(left)")
  }

  @Test(arguments: ["train.csv.gz", "train.tsv", "train", "train.txt.xz"]) func twoFormsAreRefused(name: String) throws
  {
    folder.write("in/\(name)", "y,t\n1,a\n")
    let names = [name, "train.csv"].sorted()
    #expect(
      try folder.error { try open() }
        == "in: \(names[0]) and \(names[1]) are two forms of the same data by their names: remove or rename one")
  }

  @Test func nothingToRead() throws {
    for name in ["train.csv", "test.csv"] {
      try FileManager.default.moveItem(atPath: "\(folder.path)/in/\(name)", toPath: "\(folder.path)/in/\(name).bak")
    }
    #expect(
      try folder.error { try open() }
        == "in: no file in this folder is text for training by its name: train…, validation… and test…, with an ending such as "
        + ".csv, .tsv or .txt, plain, .gz or .xz; not train.csv.bak, test.csv.bak")
  }

  @Test(.timeLimit(.minutes(10))) func pipesAndFoldersInIt() throws {
    #expect(mkfifo("\(folder.path)/in/train-1.csv", 0o600) == 0)
    #expect(
      try folder.error { try open() }
        == "in/train-1.csv: this is a pipe, which can be read only once, and these data are not read once: write what comes out "
        + "of it to a file first")
    unlink("\(folder.path)/in/train-1.csv")
    try FileManager.default.createDirectory(atPath: "\(folder.path)/in/train-2", withIntermediateDirectories: true)
    #expect(try folder.error { try open() } == "in/train-2: this is a folder: name its files")
  }

  @Test func theOtherSplitIsSaid() throws {
    let pair = try DatasetPair.open(
      DataConfiguration(path: "\(folder.path)/in", schema: "\(folder.path)/schema.yaml", evaluateOn: .validation))
    #expect(
      pair.notices.first?.hasSuffix("has no validation split, which data.evaluateOn asks for: evaluating on test")
        == true)
  }
}
