import Configuration
import Datasets
import Foundation
import StoredFiles
import Testing

/// A native file's words about its channels, changed.
@Suite struct ImageSchemaTests {
  let folder = ScratchFolder()

  /// A file made from CIFAR-10's, with `from` in its schema replaced; sizes and checksums are right.
  private func write(_ changes: [(from: String, to: String)]) throws {
    let source = ScratchFolder()
    CIFARFiles().write(to: source)
    _ = try ImageConversion.convert(from: source.path, to: folder.path)
    for name in ["train.lockstep", "test.lockstep"] {
      let whole = folder.read(name)
      let size = Int(whole[12]) | Int(whole[13]) << 8
      var schema = String(decoding: whole[64..<64 + size], as: UTF8.self)
      for change in changes {
        let range = try #require(schema.range(of: change.from, options: .regularExpression))
        schema.replaceSubrange(range, with: change.to)
      }
      folder.write(name, HeaderBytes.file(schema, version: UInt32(whole[8])) + whole[4096...])
    }
  }

  private func open() throws -> DatasetPair { try DatasetPair.open(DataConfiguration(path: folder.path)) }

  @Test func oneFigureIsThatOfAllChannels() throws {
    try write([
      (#""pixelMean":\[[^\]]*\]"#, #""pixelMean":0.5"#), (#""pixelDeviation":\[[^\]]*\]"#, #""pixelDeviation":0.25"#),
    ])
    let read = try ReadSamples(try open().training, [0])
    let scale = PixelScale(factors: [Float(1 / (255 * 0.25))], offsets: [-2])
    let pixels: [UInt8] = grid(32, 32, 3) { CIFARFiles().train[0].pixel($0, $1, $2) }
    var values = [Float](repeating: 0, count: 3072)
    var span = values.mutableSpan
    scale.apply(pixels.span, to: &span)
    #expect(read.inputs == values)
  }

  @Test(arguments: [
    (#""pixelMean":\[[^\]]*\]"#, #""pixelMean":[0.5,0.5]"#, "pixelMean has 2 figures for 3 channels"),
    (#""pixelDeviation":\[[^\]]*\]"#, #""pixelDeviation":[0.5,0.5,-1]"#, "must be at least 0"),
    (#""classes":10"#, #""classes":10,"classNames":["a"]"#, "classNames has 1 names for 10 classes"),
  ])
  func badFigures(from: String, to: String, words: String) throws {
    try write([(from, to)])
    let error = try folder.error { try open() }
    #expect(error.hasPrefix("train.lockstep: ") && error.contains(words), "\(error)")
  }
}
