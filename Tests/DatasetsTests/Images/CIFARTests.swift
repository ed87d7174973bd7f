import Buffers
import Configuration
import Datasets
import Foundation
import Testing

@Suite struct CIFARTests {
  let folder = ScratchFolder()

  private func open(_ normalization: DataConfiguration.Normalization = .unit) throws -> DatasetPair {
    try DatasetPair.open(DataConfiguration(path: folder.path, normalization: normalization))
  }

  @Test func planesBecomeChannels() throws {
    let files = CIFARFiles()
    files.write(to: folder)
    let pair = try open()
    #expect(pair.training.inputShape == Shape(32, 32, 3) && pair.training.classes == 10)
    #expect(pair.training.count == 15 && pair.validation.count == 2 && pair.evaluatedOn == .test)
    for (dataset, records) in [(pair.training, files.train), (pair.validation, files.test)] {
      let read = try ReadSamples(dataset)
      #expect(read.labels == records.map { Int32($0.label) })
      var expected: [Float] = []
      for record in records { expected += grid(32, 32, 3) { Float(record.pixel($0, $1, $2)) * Float(1.0 / 255) } }
      #expect(read.inputs == expected)
    }
  }

  @Test func eachChannelIsNormalisedByItself() throws {
    CIFARFiles().write(to: folder)
    let values = try ReadSamples(try open(.standard).training).inputs
    for channel in 0..<3 {
      let own = stride(from: channel, to: values.count, by: 3).map { Double(values[$0]) }
      let mean = own.reduce(0, +) / Double(own.count)
      let square = own.reduce(0) { $0 + $1 * $1 } / Double(own.count)
      #expect(abs(mean) < 1e-5 && abs(square - 1) < 1e-5, "channel \(channel): \(mean), \(square)")
    }
  }

  @Test(arguments: DataConfiguration.Normalization.allCases)
  func nativeFormIsTheSame(normalization: DataConfiguration.Normalization) throws {
    CIFARFiles().write(to: folder)
    let target = ScratchFolder()
    let outputs = try ImageConversion.convert(from: folder.path, to: target.path)
    #expect(outputs.map(\.rows) == [15, 2])
    let native = try DatasetPair.open(DataConfiguration(path: target.path, normalization: normalization))
    let binary = try open(normalization)
    #expect(try ReadSamples(native.training) == ReadSamples(binary.training))
    #expect(try ReadSamples(native.validation) == ReadSamples(binary.validation))
    #expect(native.checksum == binary.checksum)
    // A file of several channels says what the first version of the container has no word for.
    #expect(Array(target.read("train.lockstep")[8..<12]) == [2, 0, 0, 0])
    let facts = try Dictionary(uniqueKeysWithValues: Inspection.inspect("\(target.path)/train.lockstep"))
    #expect(facts["format"] == "lockstep, version 2" && facts["shape"] == "[32, 32, 3]")
    #expect(facts["normalised by"]?.split(separator: ",").count == 6)
    #expect(
      facts["source"] == "data_batch_1.bin, data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin")
  }

  @Test func inspectionTellsTheFacts() throws {
    CIFARFiles().write(to: folder)
    let facts = try Dictionary(uniqueKeysWithValues: Inspection.inspect(folder.path))
    #expect(facts["training, file 2: samples"] == "3")
    #expect(facts["training, file 2: samples a class"] == "0: 0, 1: 0, 2: 0, 3: 1, 4: 1, 5: 1")
    #expect(facts["test: format"] == "CIFAR-10, binary")
    let one = try Dictionary(uniqueKeysWithValues: Inspection.inspect("\(folder.path)/test_batch.bin"))
    #expect(one["shape"] == "[32, 32, 3]" && one["samples"] == "2")
  }

  @Test func badFiles() throws {
    CIFARFiles().write(to: folder)
    let whole = folder.read("data_batch_3.bin")
    let message = { (bytes: [UInt8]) in
      folder.write("data_batch_3.bin", bytes)
      return try folder.error { try open() }
    }
    for length in [1, 3072, 3074, 3 * 3073 - 1] {
      let bytes = Array((whole + whole)[..<length])
      #expect(
        try message(bytes)
          == "data_batch_3.bin: \(length) bytes, which is not a multiple of 3073, a record of CIFAR-10 (a label and 32 × 32 × 3 "
          + "pixels): copy or download it again")
      #expect(try folder.error { try Inspection.inspect(folder.path) }.hasPrefix("data_batch_3.bin: \(length) bytes"))
      #expect(
        try folder.error { try ImageConversion.convert(from: folder.path, to: "\(folder.path)/new") }
          .hasPrefix("data_batch_3.bin: \(length) bytes"))
    }
    #expect(try message([]) == "data_batch_3.bin: the file holds no images: copy or download it again")
    var wrong = whole
    wrong[3073] = 10
    #expect(
      try message(wrong)
        == "data_batch_3.bin: the label of row 1 is 10, but there are 10 classes, 0 to 9: set data.classes if the data has "
        + "more")
    try FileManager.default.removeItem(atPath: "\(folder.path)/data_batch_3.bin")
    #expect(try folder.error { try open() } == "data_batch_3.bin: there is no such file")
  }
}
