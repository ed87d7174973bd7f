import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Testing

/// IDX files of other types and dimensions than MNIST's.
@Suite struct IDXTests {
  let folder = ScratchFolder()

  /// A whole number as each type has it.
  struct Form: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var code: Int
    var bytes: @Sendable (Int) -> [UInt8]
  }

  static let forms = [
    Form(testDescription: "ubyte", code: 0x08) { [UInt8($0)] },
    Form(testDescription: "byte", code: 0x09) { [UInt8(bitPattern: Int8($0))] },
    Form(testDescription: "short", code: 0x0B) { Array(bigEndian($0)[2...]) },
    Form(testDescription: "int", code: 0x0C) { bigEndian($0) },
    Form(testDescription: "float", code: 0x0D) { bigEndian(Int(Float($0).bitPattern)) },
    Form(testDescription: "double", code: 0x0E) { value in
      let bits = Double(value).bitPattern
      return bigEndian(Int(bits >> 32), Int(bits & 0xFFFF_FFFF))
    },
  ]

  static func bytes(_ form: Form, _ dimensions: [Int], _ values: [Int]) -> [UInt8] {
    [0, 0, UInt8(form.code), UInt8(dimensions.count)] + dimensions.flatMap { bigEndian($0) }
      + values.flatMap(form.bytes)
  }

  func open() throws -> DatasetPair {
    try DatasetPair.open(DataConfiguration(path: folder.path, normalization: .unit, classes: 4))
  }

  func read(_ dataset: any Dataset) throws -> (inputs: [Float], labels: [Int32]) {
    let batch = Batch(inputShape: dataset.inputShape, capacity: dataset.count)
    for index in 0..<dataset.count { batch.samples[index] = index }
    batch.rows = dataset.count
    try dataset.read(batch.filledSamples, into: batch)
    return (batch.inputs.values, Array(batch.labels))
  }

  @Test(arguments: forms) func everyTypeOfWholeNumbersIsRead(form: Form) throws {
    let pixels = (0..<30).map { $0 * 4 }
    TinySet().write(to: folder)
    folder.write("train-images-idx3-ubyte", Self.bytes(form, [5, 2, 3], pixels))
    folder.write("train-labels-idx1-ubyte", Self.bytes(form, [5], [0, 1, 2, 3, 1]))
    let found = try read(open().training)
    #expect(found.inputs == pixels.map { Float($0) * Float(1.0 / 255) } && found.labels == [0, 1, 2, 3, 1])
  }

  @Test func namesSayTypesAndDimensions() throws {
    TinySet().write(to: folder)
    try FileManager.default.removeItem(atPath: "\(folder.path)/train-labels-idx1-ubyte")
    folder.write("train-labels-idx1-int", Self.bytes(Self.forms[3], [5], [3, 1, 2, 0, 1]))
    #expect(try read(open().training).labels == [3, 1, 2, 0, 1])
    folder.write("train-labels-idx1-ubyte", TinySet().trainLabels)
    #expect(
      try folder.error { try open() }
        == "\(folder.path): train-labels-idx1-ubyte and train-labels-idx1-int are two forms of the same data by their names: "
        + "remove or rename one")
  }

  @Test func coloursAreTheLastOfFourDimensions() throws {
    TinySet().write(to: folder)
    let pixels = (0..<5 * 2 * 3 * 3).map { $0 }
    folder.write("train-images-idx3-ubyte", Self.bytes(Self.forms[0], [5, 2, 3, 3], pixels))
    folder.write("t10k-images-idx3-ubyte", Self.bytes(Self.forms[0], [3, 2, 3, 3], Array(pixels[..<54])))
    let pair = try open()
    #expect(pair.training.inputShape == Shape(2, 3, 3))
    #expect(try read(pair.training).inputs == pixels.map { Float($0) * Float(1.0 / 255) })
    let facts = try Inspection.inspect("\(folder.path)/train-images-idx3-ubyte")
    #expect(facts.contains { $0 == ("shape", "[2, 3, 3]") })
    folder.write("t10k-images-idx3-ubyte", TinySet().testImages)
    #expect(
      try folder.error { try open() }
        == "t10k-images-idx3-ubyte: images of 2 × 3 pixels, but those for training have 2 × 3 pixels of 3 channels")
  }

  @Test func whatIsNotReadIsCalledByItsName() throws {
    let name = "train-images-idx3-ubyte"
    func error(_ form: Form, _ dimensions: [Int], _ values: [Int]? = nil, in name: String = name) throws -> String {
      TinySet().write(to: folder)
      let count = dimensions.reduce(1, *)
      folder.write(name, Self.bytes(form, dimensions, values ?? Array(repeating: 1, count: count)))
      let error = try folder.error { try open() }
      #expect(error.hasPrefix("\(name): "))
      return String(error.dropFirst(name.count + 2))
    }
    let kinds =
      "labels have 1 dimension, images 3 (images, rows, columns) or 4 (images, rows, columns, channels)"
    #expect(
      try error(Self.forms[4], [5, 2, 3, 1, 1])
        == "a 5-dimensional IDX file of 32-bit floats, where images should be: \(kinds)")
    #expect(
      try error(Self.forms[3], [5, 8], in: "train-labels-idx1-ubyte")
        == "a 2-dimensional IDX file of 32-bit integers, where labels should be: \(kinds)")
    let remedy =
      "but pixels are whole numbers from 0 to 255: scale and round them, and write them as unsigned bytes (type 0x08)"
    let half = Form(testDescription: "half", code: 0x0D) { bigEndian(Int(Float($0 == 7 ? 0.5 : 1).bitPattern)) }
    #expect(
      try error(half, [5, 2, 3], (0..<30).map { $0 })
        == "a 3-dimensional IDX file of 32-bit floats: image 1 has a pixel of 0.5, \(remedy)")
    #expect(
      try error(Self.forms[1], [5, 2, 3], Array(repeating: -1, count: 30))
        == "a 3-dimensional IDX file of signed bytes: image 0 has a pixel of -1.0, \(remedy)")
    #expect(
      try error(Self.forms[2], [5, 2, 3], Array(repeating: 256, count: 30)).contains("image 0 has a pixel of 256.0"))
    #expect(
      try error(half, [5], [0, 1, 2, 3, 7], in: "train-labels-idx1-ubyte")
        == "a 1-dimensional IDX file of 32-bit floats: the label of row 4 is 0.5, not a whole number")
    #expect(
      try error(Self.forms[3], [5], [0, 1, -1, 3, 1], in: "train-labels-idx1-ubyte")
        .hasPrefix("the label of row 2 is -1, but there are 4 classes"))
    #expect(
      try error(Self.forms[0], [5, 3, 5, 6])
        == "a 4-dimensional IDX file of unsigned bytes, 5 × 3 × 5 × 6, whose channels seem to come before its rows: write it "
        + "as (images, rows, columns, channels), in NumPy by transpose(0, 2, 3, 1)")
    #expect(
      try folder.error { try Inspection.inspect(folder.write("x", Self.bytes(Self.forms[2], [2, 2], [1, 2, 3, 4]))) }
        == "x: a 2-dimensional IDX file of 16-bit integers: \(kinds)")
  }
}
