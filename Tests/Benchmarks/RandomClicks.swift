import Batches
import Buffers
import Datasets
import Glibc

/// Clicks of noise with ids from a power law inside each field, made before any clock starts, as the peer's benchmark
/// makes them: 26 fields, 13 dense values, a quarter positives.
struct RandomClicks: Dataset {
  let name = "random clicks"
  let count: Int
  let inputShape = Shape(13)
  let classes = 2
  let idFields: IDFields?
  private let values: Tensor
  private let ids: [Int32]
  private let labels: [Int32]

  private static let fields = 26

  /// - Parameter tableRows: of the joined table; every field has as many.
  init(count: Int, tableRows: Int) {
    let cardinality = tableRows / Self.fields
    let fields = IDFields(
      names: (0..<Self.fields).map { "field\($0)" },
      cardinalities: Array(repeating: cardinality, count: Self.fields))
    self.count = count
    idFields = fields
    let values = Tensor(Shape(count, inputShape.count))
    Parameter(name: "values", shape: values.shape, start: .normal(deviation: 1)).initialize(values, seed: 7)
    self.values = values
    let random = Philox(7, 1)
    let offsets = fields.offsets
    ids = (0..<count * Self.fields).map { index in
      let rank = pow(Double(cardinality), Double(Philox.unit(random.block(UInt64(index), 0).x))) - 1
      return Int32(offsets[index % Self.fields] + min(Int(rank), cardinality - 1))
    }
    labels = (0..<count).map { Philox.unit(random.block(UInt64($0), 1).x) < 0.25 ? 1 : 0 }
  }

  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) {
    let width = inputShape.count
    ids.withUnsafeBufferPointer { ids in
      for (row, sample) in samples.enumerated() {
        (batch.inputs.pointer + row * width).update(from: values.pointer + sample * width, count: width)
        (batch.ids.baseAddress! + row * Self.fields).update(
          from: ids.baseAddress! + sample * Self.fields, count: Self.fields)
        batch.labels[row] = labels[sample]
      }
    }
  }
}
