import Buffers

/// The normalised temperature-scaled cross-entropy of SimCLR (Chen et al., ICML 2020): each view of a sample is to be more
/// similar to the other view of that sample than to any view of the others. The cross-entropy of picking the positive out of
/// all others by cosine ÷ temperature, mean over both views of all samples.
///
/// It needs no labels, and the projections of a whole global batch: see `BoundNTXent`.
public struct NTXent: Loss {
  /// Similarities are divided by it.
  public let temperature: Double
  /// Samples are compared within groups of so many, neighbours in the global batch; nil: all of it.
  public let group: Int?

  /// - Parameters:
  ///   - temperature: more than 0.
  ///   - group: at least 2.
  public init(temperature: Double, group: Int? = nil) {
    self.temperature = temperature
    self.group = group
  }

  /// Ends the model's summary.
  public var name: String {
    "NT-Xent at temperature \(temperature)" + (group.map { ", within groups of \($0) samples" } ?? "")
  }

  /// Throws `LayerError` unless projections are flat.
  public func validate(outputs: Shape) throws {
    guard outputs.rank == 1, outputs.count > 0 else {
      throw LayerError("NT-Xent needs projections [width], not \(outputs)")
    }
  }

  /// One tile of similarities and one microbatch's gradients; what follows the global batch is `bytes(ofGlobalBatch:width:)`.
  public func workingBytes(outputs: Shape, maximumRows: Int) -> Double {
    LayerExtent.bytes(rows: 2 * maximumRows, BoundNTXent.tileColumns + outputs.count)
  }

  /// Bytes that a step of so many samples takes besides: every rank holds all projections.
  public static func bytes(ofGlobalBatch samples: Int, width: Int) -> Double {
    // Projection, length, logarithm of the sum; loss in doubles and a byte.
    LayerExtent.bytes(rows: 2 * samples, width + 2) + 18 * Double(samples)
  }

  /// Makes room for tiles; room for projections follows the global batch.
  public func bind(outputs: Shape, maximumRows: Int) throws -> any BoundLoss {
    BoundNTXent(self, width: outputs.count, maximumRows: maximumRows)
  }
}
