/// CIFAR-10's binary files, made up so that each pixel is known.
struct CIFARFiles {
  /// Of each record: its label and what is added to its pixels.
  var train: [[(label: UInt8, tone: UInt8)]] = (0..<5).map { (file: UInt8) in
    (0..<3).map { (record: UInt8) in (label: (file * 3 + record) % 10, tone: file * 16 + record) }
  }
  var test: [(label: UInt8, tone: UInt8)] = [(9, 200), (0, 7)]

  static let names = (1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin"]

  static func pixel(_ row: Int, _ column: Int, _ channel: Int, tone: UInt8) -> UInt8 {
    tone &+ UInt8(truncatingIfNeeded: row + 3 * column + 50 * channel)
  }

  static func record(_ label: UInt8, _ tone: UInt8) -> [UInt8] {
    [label]
      + (0..<3).flatMap { channel in
        (0..<32).flatMap { row in (0..<32).map { pixel(row, $0, channel, tone: tone) } }
      }
  }

  func write(to folder: ScratchFolder) {
    for (name, records) in zip(Self.names, train + [test]) {
      folder.write(name, records.flatMap { Self.record($0.label, $0.tone) })
    }
  }
}
