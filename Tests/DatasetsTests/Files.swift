import Datasets
import Foundation
import Testing

/// A folder of this test's own, removed with it.
final class ScratchFolder {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)").path
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) -> String {
    let file = "\(path)/\(name)"
    try! Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  func read(_ name: String) -> [UInt8] { [UInt8](try! Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))) }

  var names: [String] { try! FileManager.default.contentsOfDirectory(atPath: path).sorted() }

  /// The text of the `DatasetError` that `body` throws, without this folder's path.
  func error<Result>(_ body: () throws -> Result) throws -> String {
    let error = try #require(throws: DatasetError.self) { _ = try body() }
    return error.description.replacingOccurrences(of: "\(path)/", with: "")
  }
}

let subset =
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path + "/launch/data/fashion-mnist-subset"

func bigEndian(_ words: Int...) -> [UInt8] {
  words.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } }
}

/// A tiny data set as IDX files: 2 × 3 pixels, 5 training and 3 test samples, 4 classes.
struct TinySet {
  var trainImages = bigEndian(2051, 5, 2, 3) + (0..<30).map { UInt8($0 * 8) }
  var trainLabels = bigEndian(2049, 5) + [0, 1, 2, 3, 1]
  var testImages = bigEndian(2051, 3, 2, 3) + (0..<18).map { UInt8(255 - $0) }
  var testLabels = bigEndian(2049, 3) + [3, 0, 2]

  func write(to folder: ScratchFolder) {
    folder.write("train-images-idx3-ubyte", trainImages)
    folder.write("train-labels-idx1-ubyte", trainLabels)
    folder.write("t10k-images-idx3-ubyte", testImages)
    folder.write("t10k-labels-idx1-ubyte", testLabels)
  }
}
