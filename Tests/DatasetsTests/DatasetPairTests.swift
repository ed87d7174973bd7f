import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Testing

@Suite struct DatasetPairTests {
  let folder = ScratchFolder()

  func read(_ dataset: any Dataset, _ samples: [Int]) throws -> (inputs: [Float], labels: [Int32]) {
    let batch = Batch(inputShape: dataset.inputShape, capacity: samples.count)
    _ = batch.samples.update(fromContentsOf: samples)
    batch.rows = samples.count
    try dataset.read(batch.filledSamples, into: batch)
    return (batch.inputs.values, Array(batch.labels))
  }

  @Test func readsPlainIDX() throws {
    TinySet().write(to: folder)
    let pair = try DatasetPair.open(DataConfiguration(path: folder.path, normalization: .unit, classes: 4))
    #expect(pair.training.count == 5)
    #expect(pair.validation.count == 3)
    #expect(pair.training.inputShape == Shape(2, 3, 1))
    #expect(pair.training.classes == 4)
    #expect(!pair.usedFallback)
    let (inputs, labels) = try read(pair.training, [3, 1])
    let pixels = Array(18..<24) + Array(6..<12)
    #expect(inputs == pixels.map { Float($0 * 8) * Float(1.0 / 255) })
    #expect(labels == [3, 1])
    #expect(try read(pair.validation, [2]).labels == [2])
  }

  @Test func limitTakesTheFirstTrainingSamples() throws {
    TinySet().write(to: folder)
    let pair = try DatasetPair.open(DataConfiguration(path: folder.path, limit: 2))
    #expect(pair.training.count == 2)
    #expect(pair.validation.count == 3)
    #expect(try DatasetPair.open(DataConfiguration(path: folder.path, limit: 20)).training.count == 5)
  }

  @Test func readsTheBundledSubset() throws {
    let pair = try DatasetPair.open(DataConfiguration(path: "\(folder.path)/none", fallback: subset))
    #expect(pair.usedFallback)
    #expect(pair.path == subset)
    #expect(pair.training.name == "fashion-mnist-subset")
    #expect(pair.training.count == 6000)
    #expect(pair.validation.count == 1000)
    #expect(pair.training.inputShape == Shape(28, 28, 1))
    #expect(pair.training.classes == 10)
    let (inputs, labels) = try read(pair.training, Array(0..<6000))
    let mean = inputs.reduce(0.0) { $0 + Double($1) } / Double(inputs.count)
    let square = inputs.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(inputs.count)
    #expect(abs(mean) < 1e-5)
    #expect(abs(square - 1) < 1e-5)
    #expect(Set(labels) == Set(0..<10))
    // The same two numbers, so the validation set is near, but not at, 0 and 1.
    let other = try read(pair.validation, Array(0..<1000)).inputs
    let otherMean = other.reduce(0.0) { $0 + Double($1) } / Double(other.count)
    #expect(abs(otherMean) > 1e-5 && abs(otherMean) < 0.1)
  }

  @Test func equalPixelsAreOnlyCentred() throws {
    var tiny = TinySet()
    tiny.trainImages = bigEndian(2051, 5, 2, 3) + Array(repeating: 51, count: 30)
    tiny.write(to: folder)
    let pair = try DatasetPair.open(DataConfiguration(path: folder.path))
    #expect(try read(pair.training, [0]).inputs.allSatisfy { abs($0) < 1e-6 })
  }

  @Test(arguments: [
    ("train-images-idx3-ubyte", "there is no such file"),
    ("t10k-labels-idx1-ubyte", "there is no such file"),
  ])
  func missingFile(name: String, message: String) throws {
    TinySet().write(to: folder)
    try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    #expect(try error() == "\(name): \(message)")
  }

  @Test func missingFolder() throws {
    let remedy =
      "set data.path to a folder with the four IDX files, with CIFAR-10's six binary files, with train.lockstep and "
      + "test.lockstep, or with shards of clicks"
    #expect(
      try folder.error { try DatasetPair.open(DataConfiguration(path: "/none")) }
        == "data.path, /none, does not exist: \(remedy)")
    #expect(
      try folder.error { try DatasetPair.open(DataConfiguration(path: "/none", fallback: "/nil")) }
        == "neither data.path, /none, nor data.fallback, /nil, exists: \(remedy)")
    #expect(try error().contains("or train.lockstep and test.lockstep"))
    let file = folder.write("file", [1])
    #expect(
      try folder.error { try DatasetPair.open(DataConfiguration(path: file)) }
        == "file: this is a file: give the folder that holds the data set")
  }

  @Test func badIDX() throws {
    let again = "copy or download it again"
    try expect("train-images-idx3-ubyte: not an IDX file: it begins with 67305985, not 2051 (images)") {
      $0.trainImages.replaceSubrange(0..<4, with: [4, 3, 2, 1])
    }
    try expect(
      "train-images-idx3-ubyte: a 1-dimensional IDX file of unsigned bytes, where images should be: labels have 1 dimension, "
        + "images 3 (images, rows, columns) or 4 (images, rows, columns, channels)"
    ) { $0.trainImages = $0.trainLabels }
    try expect("train-images-idx3-ubyte: only 3 bytes, too short for an IDX file: \(again)") {
      $0.trainImages = [0, 0, 8]
    }
    try expect("train-images-idx3-ubyte: only 0 bytes, too short for an IDX file: \(again)") { $0.trainImages = [] }
    try expect("train-images-idx3-ubyte: cut short in its header, at byte 10: \(again)") {
      $0.trainImages = Array($0.trainImages[..<10])
    }
    try expect(
      "train-images-idx3-ubyte: cut short: its header says 5 × 2 × 3 bytes, but its content ends at byte 45: \(again)"
    ) { $0.trainImages.removeLast() }
    try expect(
      "train-images-idx3-ubyte: cut short: its header says 4294967295 × 4294967295 × 4294967295 bytes, but its content "
        + "ends at byte 46: \(again)"
    ) { $0.trainImages.replaceSubrange(4..<16, with: Array(repeating: 255, count: 12)) }
    try expect(
      "t10k-labels-idx1-ubyte: 2 bytes too many, from byte 11: its header says 3 bytes: \(again)"
    ) { $0.testLabels += [0, 0] }
    try expect("t10k-labels-idx1-ubyte: the file holds no labels") { $0.testLabels = bigEndian(2049, 0) }
    try expect(
      "train-labels-idx1-ubyte: 4 labels for the 5 images of train-images-idx3-ubyte: the two files do not belong "
        + "together"
    ) { $0.trainLabels = bigEndian(2049, 4) + [0, 0, 0, 0] }
    try expect(
      "train-labels-idx1-ubyte: the label of row 3 is 10, but there are 10 classes, 0 to 9: set data.classes if the "
        + "data has more"
    ) { $0.trainLabels[11] = 10 }
    try expect(
      "t10k-images-idx3-ubyte: images of 3 × 2 pixels, but those for training have 2 × 3 pixels"
    ) { $0.testImages.replaceSubrange(8..<16, with: bigEndian(3, 2)) }
  }

  @Test func badGzip() throws {
    TinySet().write(to: folder)
    let name = "train-labels-idx1-ubyte"
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(subset)/\(name).gz")))
    let message = { (bytes: [UInt8]) in
      folder.write(name, bytes)
      return try error()
    }
    // Whole, it is only the wrong length for the tiny set: content decides, not the name.
    #expect(try message(whole).hasPrefix("\(name): 6000 labels for the 5 images"))
    #expect(
      try message(Array(whole.dropLast(100)))
        == "\(name): the gzip data ends too early, at byte \(whole.count - 100) of the file: copy or download it again")
    #expect(try message(whole + [7]) == "\(name): the gzip data is followed by other bytes: copy or download it again")
    let padding = [UInt8](repeating: 0, count: 700)
    #expect(
      try message(whole + padding + [7])
        == "\(name): the gzip data is followed by other bytes: copy or download it again")
    // Several gzip members in one file are one content.
    #expect(try message(whole + whole).hasPrefix("\(name): 6008 bytes too many, from byte 6008"))
    #expect(try message([0x1F, 0x8B]).contains("ends too early"))
    var flipped = whole
    flipped[1500] ^= 0x10
    #expect(try message(flipped).contains("the gzip data is corrupt ("))
    var checksum = whole
    checksum[whole.count - 6] ^= 1
    #expect(try message(checksum).contains("the gzip data is corrupt (incorrect data check)"))
  }

  /// Whatever is in them: content decides. A plain name beside comes first.
  @Test(arguments: [".gz", ".xz"]) func namesOfPackedFilesAreFound(ending: String) throws {
    TinySet().write(to: folder)
    let names = [
      "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
    ]
    for name in names {
      try FileManager.default.moveItem(atPath: "\(folder.path)/\(name)", toPath: "\(folder.path)/\(name)\(ending)")
    }
    let pair = try DatasetPair.open(DataConfiguration(path: folder.path))
    #expect(pair.training.count == 5 && pair.validation.count == 3)
    folder.write(names[0], [1, 2])
    #expect(try error().hasPrefix("\(names[0]): only 2 bytes"))
  }

  func expect(_ message: String, _ change: (inout TinySet) -> Void) throws {
    var tiny = TinySet()
    change(&tiny)
    tiny.write(to: folder)
    #expect(try error() == message)
  }

  func error() throws -> String { try folder.error { try DatasetPair.open(DataConfiguration(path: folder.path)) } }
}
