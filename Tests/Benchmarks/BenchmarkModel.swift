import ArgumentParser
import Batches
import Buffers
import Configuration
import Datasets
import MessagePassing
import Training

/// The models of the peer's benchmark, by its names.
enum BenchmarkModel: String, CaseIterable, ExpressibleByArgument {
  case mlp
  case mlpWide = "mlp-wide"
  case cnn
  /// On 32×32 images of three channels.
  case resnet20
  /// 1 M rows × 16, LazyAdam.
  case deepfm
  /// The same with Adam on every row.
  case deepfmDenseAdam = "deepfm-dense-adam"

  var configuration: ModelConfiguration {
    switch self {
    case .mlp: .mlp(widths: [512, 512], batchNorm: false, dropout: 0)
    case .mlpWide: .mlp(widths: [2048, 2048], batchNorm: false, dropout: 0)
    case .deepfm, .deepfmDenseAdam: .click(ClickModelConfiguration(kind: .deepfm, widths: [400, 400, 400]))
    case .cnn: .cnn(filters: [32, 64], hidden: 1024, batchNorm: false, dropout: 0)
    case .resnet20: .resnet(depth: 20, width: 1)
    }
  }

  private var imageShape: Shape { self == .resnet20 ? Shape(32, 32, 3) : Shape(28, 28, 1) }

  var isClickModel: Bool { self == .deepfm || self == .deepfmDenseAdam }

  /// Samples of a unit of work, which changes nothing of what is computed: what stays in a core's own cache.
  func microBatch(localBatch: Int) -> Int { isClickModel ? min(localBatch, 1024) : localBatch }

  /// Arguments of the peer's script; the better of several counts.
  var peerArguments: [String] {
    switch self {
    case .deepfm: ["--model deepfm", "--model deepfm --sparse"]
    case .deepfmDenseAdam: ["--model deepfm"]
    default: ["--model \(rawValue)"]
    }
  }

  /// Synchronous SGD with momentum on random images, or Adam on random clicks, `rows` of them on each rank in each step.
  /// - Parameters:
  ///   - stepsPerEpoch: the peer cycles through four batches.
  ///   - microBatch: samples of a unit of work; changes nothing of what is computed.
  func trainer(
    rows: Int, microBatch: Int? = nil, steps: Int, stepsPerEpoch: Int = 4, tableRows: Int = 1_000_000,
    execution: ExecutionConfiguration = ExecutionConfiguration(),
    precision: RunConfiguration.ComputePrecision = .float32,
    exchangePrecision: RunConfiguration.ExchangePrecision = .float32, _ world: Communicator
  ) throws -> Trainer {
    var (run, data) = experiment(
      rows: rows, microBatch: microBatch, steps: steps, stepsPerEpoch: stepsPerEpoch, tableRows: tableRows,
      ranks: world.size)
    run.execution = execution
    run.computePrecision = precision
    run.travellingPrecision = exchangePrecision
    return try Trainer(run, TrainingSession(run, data: data, world))
  }

  /// As `trainer`, before anything is made but the data.
  func experiment(
    rows: Int, microBatch: Int? = nil, steps: Int, stepsPerEpoch: Int = 4, tableRows: Int = 1_000_000, ranks: Int
  ) -> (RunConfiguration, DatasetPair) {
    let globalBatch = rows * ranks
    var run = RunConfiguration(
      model: configuration, data: DataConfiguration(path: "made on the fly"), globalBatch: globalBatch,
      microBatch: microBatch ?? rows, epochs: steps)
    run.steps = steps
    run.learningRate.base = 0.01
    run.evaluation.everyEpochs = steps
    if isClickModel {
      run.optimizer = OptimizerConfiguration(kind: .adam)
      run.learningRate.base = 1e-3
      run.tables.optimizer = self == .deepfm ? .lazyAdam : .adam
    }
    let samples = { (count: Int) -> any Dataset in
      isClickModel ? RandomClicks(count: count, tableRows: tableRows) : RandomImages(count: count, imageShape)
    }
    let data = DatasetPair(
      training: samples(stepsPerEpoch * globalBatch), validation: samples(1), path: "made on the fly")
    return (run, data)
  }
}
