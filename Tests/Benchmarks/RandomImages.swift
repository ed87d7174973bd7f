import Batches
import Buffers
import Datasets

/// Images of noise, made before any clock starts, as the peer's benchmark makes them.
struct RandomImages: Dataset {
  let name = "random images"
  let count: Int
  let inputShape: Shape
  let classes = 10
  private let pixels: Tensor

  init(count: Int, _ inputShape: Shape) {
    self.count = count
    self.inputShape = inputShape
    let pixels = Tensor(inputShape.batched(count))
    Parameter(name: "pixels", shape: pixels.shape, start: .uniform(limit: 1.7)).initialize(pixels, seed: 7)
    self.pixels = pixels
  }

  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) {
    let size = inputShape.count
    for (row, sample) in samples.enumerated() {
      (batch.inputs.pointer + row * size).update(from: pixels.pointer + sample * size, count: size)
      batch.labels[row] = Int32(sample % classes)
    }
  }
}
