/// CIFAR-10's binary files, made up so that each pixel is known.
struct CIFARFiles {
  struct Record {
    var label: UInt8
    /// A number that is added to its pixels.
    var tone: UInt8

    func pixel(_ row: Int, _ column: Int, _ channel: Int) -> UInt8 {
      let place: Int = row + 3 * column + 50 * channel
      return tone &+ UInt8(truncatingIfNeeded: place)
    }

    /// The label, then one plane after the other.
    var bytes: [UInt8] {
      var bytes = [label]
      for channel in 0..<3 { bytes += grid(32, 32, 1) { row, column, _ in pixel(row, column, channel) } }
      return bytes
    }
  }

  /// Three a file.
  let train: [Record]
  let test = [Record(label: 9, tone: 200), Record(label: 0, tone: 7)]

  static let names = [
    "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin",
    "test_batch.bin",
  ]

  init() {
    var records: [Record] = []
    for number in 0..<15 {
      let tone: Int = number / 3 * 16 + number % 3
      records.append(Record(label: UInt8(number % 10), tone: UInt8(tone)))
    }
    train = records
  }

  func write(to folder: ScratchFolder) {
    for (file, name) in Self.names.dropLast().enumerated() {
      folder.write(name, train[3 * file..<3 * file + 3].flatMap(\.bytes))
    }
    folder.write("test_batch.bin", test.flatMap(\.bytes))
  }
}
