import Batches
import Buffers
import Datasets

/// Samples with four ids, the low ones far more often than the high ones, and a label that depends on them.
struct MadeUpClicks: Dataset {
  let name = "made-up clicks"
  let count: Int
  let rows: Int
  var hasWeights = false
  let inputShape = Shape(3)
  let classes = 2

  var idFields: IDFields? { IDFields(names: ["a", "b", "c", "d"], cardinalities: [rows, 0, 0, 0]) }

  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    for (row, sample) in samples.enumerated() {
      let random = Philox(5, UInt64(sample))
      var sum = 0
      for field in 0..<4 {
        let unit = Double(Philox.unit(random.block(UInt64(field), 0).x))
        let id = min(rows - 1, Int(unit * unit * unit * Double(rows)))
        batch.ids[row * 4 + field] = Int32(id)
        sum += id
      }
      for index in 0..<3 { batch.inputs.buffer[row * 3 + index] = Philox.unit(random.block(9, UInt64(index)).x) - 0.5 }
      batch.labels[row] = sum % 3 == 0 ? 1 : 0
      if hasWeights { batch.weights[row] = Float(sample % 5) / 3 }
    }
  }
}
