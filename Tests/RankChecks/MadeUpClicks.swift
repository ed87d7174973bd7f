import Batches
import Buffers
import Configuration
import Datasets

/// Samples with four ids, the low ones far more often than the high ones, and a label that depends on them.
struct MadeUpClicks: Dataset {
  let name = "made-up clicks"
  let count: Int
  let rows: Int
  var hasWeights = false
  /// Nil, or what becomes of up to three ids of the last field, of which the table's last row stands for none.
  var pooling: ClickValues.Pooling?
  /// What comes before it is another set's.
  var firstSample = 0
  let inputShape = Shape(3)
  let classes = 2

  var idFields: IDFields? {
    IDFields(
      names: ["a", "b", "c", "d"], cardinalities: [rows, 0, 0, 0],
      bags: pooling.map { [IDBag(field: 3, atMost: 3, isMean: $0 == .mean)] } ?? [])
  }

  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    let columns = batch.fields
    for (row, index) in samples.enumerated() {
      let sample = firstSample + index
      let random = Philox(5, UInt64(sample))
      var sum = 0
      for field in 0..<4 {
        let unit = Double(Philox.unit(random.block(UInt64(field), 0).x))
        let id = min(rows - 1, Int(unit * unit * unit * Double(rows)))
        batch.ids[row * columns + field] = Int32(id)
        sum += id
      }
      // None, one, two or three: copies of the first field's, and the last one's own.
      for column in 4..<max(columns, 4) {
        batch.ids[row * columns + column] =
          sample % 4 > column - 3 ? batch.ids[row * columns + column - 4] : Int32(rows - 1)
      }
      if columns > 4, sample % 4 == 0 { batch.ids[row * columns + 3] = Int32(rows - 1) }
      for index in 0..<3 { batch.inputs.buffer[row * 3 + index] = Philox.unit(random.block(9, UInt64(index)).x) - 0.5 }
      batch.labels[row] = sum % 3 == 0 ? 1 : 0
      if hasWeights { batch.weights[row] = Float(sample % 5) / 3 }
    }
  }
}
