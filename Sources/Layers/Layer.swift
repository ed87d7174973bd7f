import Buffers
import Kernels

/// One step of a model, described as a plain value: what it takes, what it gives and what it must remember. `bind` turns
/// the description into something that runs on given memory.
///
/// Shapes are per sample here; images are `[height, width, channels]`, channels innermost.
public protocol Layer: Component {
  /// The shape of one output sample. Throws `LayerError` where the input does not fit.
  func outputShape(for input: Shape) throws -> Shape

  /// Named `name.weight`, `name.bias` and so on; empty for layers that learn nothing.
  func parameters(named name: String, for input: Shape) -> [Parameter]

  /// Makes everything that a step needs (primitives, scratch), so that steps allocate nothing.
  func bind(_ binding: LayerBinding) throws -> any BoundLayer

  /// Bytes that `bind` makes room for besides parameters, their gradients and the output, about: what has to fit in memory
  /// is looked at before anything is made.
  func workingBytes(_ extent: LayerExtent) -> Double

  /// True where the output is the input seen in another shape: a network then runs nothing and moves nothing.
  var isReshape: Bool { get }

  /// One layer that does what this one and then `next` do, with this one's parameters, where that saves time; nil where
  /// the two stay apart. `input` is this layer's, per sample.
  func fusing(_ next: any Layer, input: Shape) -> (any Layer)?

  /// True where the bound layer is an `InputGradientAdding`.
  var addsInputGradient: Bool { get }

  /// For an input of this shape: pieces in which the bound layer, then a `ParametersFirst`, finishes its parameters'
  /// gradients before that of its input; 0 where it goes backward as a whole. The same for every number of rows.
  func parameterPieces(for input: Shape) -> Int

  /// True where `backward` with an `inputGradient` leaves `outputGradient` as it is, so that others can read it too.
  var keepsOutputGradient: Bool { get }
}

extension Layer {
  /// False unless a layer says otherwise: most change the numbers.
  public var isReshape: Bool { false }
  /// 0 unless a layer says otherwise: many keep nothing.
  public func workingBytes(_ extent: LayerExtent) -> Double { 0 }
  /// Nil unless a layer says otherwise: it stays by itself.
  public func fusing(_ next: any Layer, input: Shape) -> (any Layer)? { nil }
  /// False unless a layer says otherwise: it only writes the gradient of its input.
  public var addsInputGradient: Bool { false }
  /// 0: most layers go backward as a whole.
  public func parameterPieces(for input: Shape) -> Int { 0 }
  /// False unless a layer says otherwise: its `backward` may use `outputGradient` as scratch.
  public var keepsOutputGradient: Bool { false }
}

/// The memory and place that a layer is given when a model is bound.
public struct LayerBinding {
  /// Per sample.
  public let input: Shape
  /// Per sample.
  public let output: Shape
  /// The most rows that one call will bring: the microbatch, or the evaluation batch where that is larger.
  public let maximumRows: Int
  /// In the order of `Layer.parameters`; tables last.
  public let parameters: [Tensor]
  /// Gradients of what is not a table, in the order of `Layer.parameters`, same shapes; empty where only evaluation is
  /// asked for.
  public let gradients: [Tensor]
  /// Gradients of the tables, in the order of `Layer.parameters`; empty where only evaluation is asked for.
  public let rowGradients: [RowGradients]
  /// Like no other layer's in its model: keys its random numbers.
  public let index: Int
  /// The experiment's seed, the same on all ranks; with `index` it keys the layer's random numbers.
  public let seed: UInt64
  /// False where nothing that learns comes before: nobody asks for the gradient of the data.
  public let needsInputGradient: Bool
  /// False where only evaluation is asked for: nothing for `backward` need be made.
  public let goesBackward: Bool
  /// Of products and convolutions.
  public let precision: ProductPrecision
  /// True where the parameters stay as they are from the first pass on: what a layer makes of them it makes once.
  public let parametersAreFixed: Bool

  /// The network makes one for each layer; tests that run a layer by itself make their own.
  public init(
    input: Shape, output: Shape, maximumRows: Int, parameters: [Tensor], gradients: [Tensor],
    rowGradients: [RowGradients] = [], index: Int, seed: UInt64, needsInputGradient: Bool, goesBackward: Bool = true,
    precision: ProductPrecision = .float32, parametersAreFixed: Bool = false
  ) {
    self.input = input
    self.output = output
    self.maximumRows = maximumRows
    self.parameters = parameters
    self.gradients = gradients
    self.rowGradients = rowGradients
    self.index = index
    self.seed = seed
    self.needsInputGradient = needsInputGradient
    self.goesBackward = goesBackward
    self.precision = precision
    self.parametersAreFixed = parametersAreFixed
  }
}

/// One call's work: one microbatch, and where in the experiment it stands. Nothing here depends on ranks.
public struct Pass {
  /// What layers do that act differently in training. `backward` may follow each: after the last two it gives the gradient
  /// of a fixed function of the weights.
  public enum Mode: Sendable {
    /// Dropout draws masks; batch norm uses the batch's statistics.
    case training
    /// No dropout; batch norm uses the running statistics, which are constants to `backward`.
    case evaluation
    /// No dropout; batch norm uses the batch's statistics.
    case batchStatistics
  }

  /// Whether layers act as in training or as in evaluation.
  public let mode: Mode
  /// The epoch, from 0: keys random numbers, so that each epoch drops others.
  public let epoch: Int
  /// Which view of the samples this is, from 0, of how many in a step: each drops others.
  public let view: Int
  /// Views of each sample in a step: 1 unless they are contrasted.
  public let views: Int
  /// The data set's number of each row's sample: keys that sample's random numbers (dropout, augmentation).
  public let samples: UnsafeBufferPointer<Int>
  /// Rows of the joined table of a click data set, by number, `[rows, fields]`; empty elsewhere. In a pass that goes back the
  /// network has noted them before it calls a layer's `backward`: `RowGradients.rows.slots` holds each one's number.
  public let ids: UnsafeBufferPointer<Int32>
  /// Each sample's weight in the loss; empty where all weigh 1.
  public let weights: UnsafeBufferPointer<Float>
  /// True for a rank's first microbatch of a step: gradients are overwritten instead of added to.
  public let overwritesGradients: Bool
  /// For layers that keep statistics of the whole global batch: how many samples it has, and how many of them come
  /// before this microbatch.
  public let globalBatch: Int
  /// Samples of the global batch that come before this microbatch, on all ranks.
  public let firstRowInGlobalBatch: Int

  /// `ids` and `weights` are left out for data that have none.
  public init(
    mode: Mode, epoch: Int, samples: UnsafeBufferPointer<Int>,
    ids: UnsafeBufferPointer<Int32> = UnsafeBufferPointer(start: nil, count: 0),
    weights: UnsafeBufferPointer<Float> = UnsafeBufferPointer(start: nil, count: 0), overwritesGradients: Bool,
    globalBatch: Int, firstRowInGlobalBatch: Int, view: Int = 0, views: Int = 1
  ) {
    self.mode = mode
    self.epoch = epoch
    self.view = view
    self.views = views
    self.samples = samples
    self.ids = ids
    self.weights = weights
    self.overwritesGradients = overwritesGradients
    self.globalBatch = globalBatch
    self.firstRowInGlobalBatch = firstRowInGlobalBatch
  }

  /// Samples of this microbatch.
  public var rows: Int { samples.count }
  /// Keys what is drawn for a sample: the epoch, and the view of it.
  public var drawKey: UInt64 { UInt64(epoch) | UInt64(view) << 32 }
  /// Whether each sample has a weight of its own.
  public var hasWeights: Bool { !weights.isEmpty }
}

/// A layer on its memory. Tensors come as `[rows, …]` with the rows of this microbatch, at most `maximumRows`.
public protocol BoundLayer: AnyObject {
  /// Reads `input`, writes `output`.
  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) throws

  /// Reads the input and output that the last `forward` saw and the loss's gradient with respect to that output; writes
  /// or adds the parameters' gradients (see `Pass.overwritesGradients`) and writes the gradient with respect to the
  /// input, if asked for. May use `outputGradient` as scratch.
  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) throws
}

/// A layer that can add to the gradient of its input, which then need not be written apart and added up afterwards where
/// several layers share that input (`Branches`). Its `Layer.addsInputGradient` says so.
public protocol InputGradientAdding: BoundLayer {
  /// As `backward`, but adds to `inputGradient`.
  func backward(
    input: Tensor, output: Tensor, outputGradient: Tensor, addingTo inputGradient: Tensor, _ pass: Pass) throws
}

/// A layer that needs its parameters' gradients for nothing after them: they are written first, and may be on their way to
/// other ranks while the gradient of its input is computed. Its `Layer.parameterPieces` says so.
public protocol ParametersFirst: InputGradientAdding {
  /// What comes first of `backward`: the parameters' gradients, piece by piece, in order. May use `outputGradient` as
  /// scratch for what follows.
  ///
  /// - Returns: how many of the layer's gradients, counted from the first parameter's on, are final after it.
  func parametersBackward(
    piece: Int, of pieces: Int, input: Tensor, output: Tensor, outputGradient: Tensor, _ pass: Pass
  ) throws -> Int

  /// What comes last: writes the gradient with respect to the input or, where `adds`, adds it to what is there.
  func inputBackward(outputGradient: Tensor, inputGradient: Tensor, adds: Bool, _ pass: Pass) throws
}

extension ParametersFirst {
  /// Parameters as one piece, then the input.
  public func backward(
    input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass
  ) throws {
    _ = try parametersBackward(
      piece: 0, of: 1, input: input, output: output, outputGradient: outputGradient, pass)
    if let inputGradient {
      try inputBackward(outputGradient: outputGradient, inputGradient: inputGradient, adds: false, pass)
    }
  }

  /// Parameters as one piece, then the input.
  public func backward(
    input: Tensor, output: Tensor, outputGradient: Tensor, addingTo inputGradient: Tensor, _ pass: Pass
  ) throws {
    _ = try parametersBackward(
      piece: 0, of: 1, input: input, output: output, outputGradient: outputGradient, pass)
    try inputBackward(outputGradient: outputGradient, inputGradient: inputGradient, adds: true, pass)
  }
}

/// A part that does not fit in a model, and where.
public struct LayerError: Error, CustomStringConvertible {
  /// The file and line where the layer was written, where it was.
  public private(set) var location: String?
  private var problem: String

  /// `problem` is a clause without a place and without a full stop; `inside` and `written` add where it was.
  public init(_ problem: String) { self.problem = problem }

  /// `location: place: problem`, with what of it is known.
  public var description: String { (location.map { "\($0): " } ?? "") + problem }

  /// The same, in a part of the model that is called `place`.
  func inside(_ place: String) -> LayerError {
    var error = self
    error.problem = "\(place): \(problem)"
    return error
  }

  /// The same, written at `location` if it does not stand at a closer one.
  public func written(at location: String) -> LayerError {
    var error = self
    error.location = self.location ?? location
    return error
  }
}
