import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Layers
import MessagePassing
import Training

/// Two noisy spirals that wind around each other: every sample is a pure function of its number.
struct Spirals: Dataset {
  let name = "spirals"
  let count: Int
  let seed: UInt64
  let inputShape = Shape(2)
  let classes = 2

  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) {
    let random = Philox(seed)
    for (row, sample) in samples.enumerated() {
      let word = random.block(UInt64(sample), 0)
      let spiral = sample % 2
      let radius = 0.1 + 0.9 * Philox.unit(word.x)
      let angle = 9 * radius + Float.pi * Float(spiral) + 0.2 * (Philox.unit(word.y) - 0.5)
      batch.inputs.pointer[2 * row] = radius * cos(angle)
      batch.inputs.pointer[2 * row + 1] = radius * sin(angle)
      batch.labels[row] = Int32(spiral)
    }
  }
}

try withMessagePassing { world in
  let model = try Model(
    name: "spirals", input: Shape(2), layers: [Dense(64), ReLU(), Dense(64), ReLU(), Dense(2)])
  var configuration = RunConfiguration(
    model: .custom("spirals"), data: DataConfiguration(path: "made on the fly"), globalBatch: 64, epochs: 20)
  configuration.learningRate.base = 0.1
  let data = DatasetPair(
    training: Spirals(count: 4000, seed: 1), validation: Spirals(count: 1000, seed: 2), path: "made on the fly")
  let trainer = try Trainer(configuration, model: model, TrainingSession(configuration, data: data, world))
  let record = try trainer.run(command: "spirals")
  if world.rank == 0 {
    let accuracy = record.epochs.last?.validation?.accuracy ?? 0
    print("\(world.size) ranks, \(record.updates) updates, validation accuracy \((1000 * accuracy).rounded() / 10) %")
  }
}
