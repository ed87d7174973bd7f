import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Testing

/// Files that change while they are mapped. Serialised, as a lost page is known to the whole process.
@Suite(.serialized) struct ChangedDataTests {
  let folder = ScratchFolder()

  private func overwrite(_ file: String, at offset: Int, _ bytes: [UInt8]) throws {
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.seek(toOffset: UInt64(offset))
    try handle.write(contentsOf: Data(bytes))
    try handle.close()
  }

  @Test func labelsAndIDsOfClicks() throws {
    let rows = ClickRows()
    try rows.write(0..<100, to: folder.path)
    let file = "\(folder.path)/train-00000-of-00001.lockstep"
    let data = try ClickDataset.open(folder.path, split: .train)
    // Records begin on the page behind the schema's.
    let row = 8192 + 40 * ClickRows.stride
    #expect(try ClickBatch(data, [39, 40, 41]) == ClickBatch(rows, [39, 40, 41]))
    let problem =
      "train-00000-of-00001.lockstep: the file has changed since it was opened: row 40 has a label that is not 0 or 1, or an id "
      + "that the table has no row for: make it again, and leave it alone"
    for (offset, bytes) in [(0, littleEndian(2)), (20, littleEndian(60)), (12, littleEndian(UInt32(bitPattern: -1)))] {
      let before = Array(folder.read("train-00000-of-00001.lockstep")[row + offset..<row + offset + 4])
      try overwrite(file, at: row + offset, bytes)
      #expect(try folder.error { try ClickBatch(data, [39, 40, 41]) } == problem)
      try overwrite(file, at: row + offset, before)
    }
    #expect(try ClickBatch(data, [39, 40, 41]) == ClickBatch(rows, [39, 40, 41]))
  }

  @Test func labelsOfImages() throws {
    TinySet().write(to: folder)
    _ = try ImageConversion.convert(from: folder.path, to: "\(folder.path)/native", classes: 4)
    let pair = try DatasetPair.open(DataConfiguration(path: "\(folder.path)/native"))
    let file = "\(folder.path)/native/train.lockstep"
    try overwrite(file, at: 8192 + 4 * 2, littleEndian(4))
    let batch = Batch(inputShape: pair.training.inputShape, capacity: 5)
    for row in 0..<5 { batch.samples[row] = row }
    batch.rows = 5
    #expect(
      try folder.error { try pair.training.read(batch.filledSamples, into: batch) }
        == "native/train.lockstep: the file has changed since it was opened: the label of row 2 is 4, of 4 classes: make it "
        + "again, and leave it alone")
  }
}
