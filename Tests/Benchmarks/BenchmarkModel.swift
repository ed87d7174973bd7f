import ArgumentParser
import Configuration
import Datasets
import MessagePassing
import Training

/// The models of the peer's benchmark, by its names.
enum BenchmarkModel: String, CaseIterable, ExpressibleByArgument {
  case mlp
  case mlpWide = "mlp-wide"
  case cnn

  var configuration: ModelConfiguration {
    switch self {
    case .mlp: .mlp(widths: [512, 512], batchNorm: false, dropout: 0)
    case .mlpWide: .mlp(widths: [2048, 2048], batchNorm: false, dropout: 0)
    case .cnn: .cnn(filters: [32, 64], hidden: 1024, batchNorm: false, dropout: 0)
    }
  }

  /// Synchronous SGD with momentum on random images, `rows` of them on each rank in each step.
  /// - Parameter stepsPerEpoch: the peer cycles through four batches.
  func trainer(rows: Int, steps: Int, stepsPerEpoch: Int = 4, _ world: Communicator) throws -> Trainer {
    let globalBatch = rows * world.size
    var run = RunConfiguration(
      model: configuration, data: DataConfiguration(path: "made on the fly"), globalBatch: globalBatch,
      microBatch: rows, epochs: steps)
    run.steps = steps
    run.learningRate.base = 0.01
    run.evaluation.everyEpochs = steps
    let images = RandomImages(count: stepsPerEpoch * globalBatch)
    let data = DatasetPair(training: images, validation: RandomImages(count: 1), path: "made on the fly")
    return try Trainer(run, TrainingSession(run, data: data, world))
  }
}
