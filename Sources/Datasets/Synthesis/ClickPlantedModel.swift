import Buffers
import Foundation

/// The model that generated data follows: a factorization machine (Rendle, "Factorization Machines", ICDM 2010) over the
/// ids, plus a weight for each dense value. An id's weights are a pure function of seed and id: nothing is stored, however
/// many ids there are.
///
///     score = bias + scale · (Σ w[id] + Σ_{f<g} ⟨v[id_f], v[id_g]⟩ + Σ β_d x_d)
struct ClickPlantedModel: Sendable {
  var bias = 0.0
  var scale = 1.0
  private let random: Philox
  private let fields: Int
  /// Floats of each latent vector.
  private let width: Int
  private let linearScale: Float
  private let latentScale: Float
  private let denseWeights: [Float]

  /// The parts of the score's variance: weights of ids, interactions, dense values.
  private static let shares = (linear: 0.5, interactions: 0.4, dense: 0.1)
  /// Set this model's streams apart from each other and from the samples'.
  private static let weights: UInt64 = 0x7765_6967_6874  // "weight"
  private static let denseValues: UInt64 = 0x0064_656E_7365  // "dense"

  /// - Parameter width: of the latent vectors; 0 leaves the interactions out.
  init(seed: UInt64, fields: Int, dense: Int, width: Int) {
    random = Philox(seed, Self.weights)
    self.fields = fields
    self.width = width
    let pairs = max(Double(fields * (fields - 1) / 2 * width), 1)
    linearScale = Float((Self.shares.linear / Double(max(fields, 1))).squareRoot())
    latentScale = Float((Self.shares.interactions / pairs).squareRoot().squareRoot())
    let denseScale = Float((Self.shares.dense / Double(max(dense, 1))).squareRoot())
    let denseRandom = Philox(seed, Self.denseValues)
    denseWeights = (0..<dense).map { denseScale * Self.centred(denseRandom.block(UInt64($0), 0))[0] }
  }

  /// - Parameters:
  ///   - ids: rows of the joined table, one a field.
  ///   - values: the dense values.
  func score(ids: UnsafePointer<Int32>, values: UnsafePointer<Float>) -> Double {
    var linear: Float = 0
    var interactions: Float = 0
    // Value 0 of an id is its weight, the next ones its latent vector: four a block.
    for block in 0...width / 4 {
      var sum = SIMD4<Float>.zero
      var squares = SIMD4<Float>.zero
      for field in 0..<fields {
        let value = Self.centred(random.block(UInt64(UInt32(bitPattern: ids[field])), UInt64(block)))
        sum += value
        squares += value * value
      }
      // ½ ((Σ v)² − Σ v²) is the sum over all pairs.
      let pairs = (sum * sum - squares) * (0.5 * latentScale * latentScale)
      for lane in 0..<4 {
        let index = 4 * block + lane
        if index == 0 { linear = sum[0] * linearScale } else if index <= width { interactions += pairs[lane] }
      }
    }
    var dense: Float = 0
    for index in denseWeights.indices { dense += denseWeights[index] * values[index] }
    return bias + scale * Double(linear + interactions + dense)
  }

  static func probability(_ score: Double) -> Double { 1 / (1 + exp(-score)) }

  /// Uniform, with mean 0 and variance 1.
  static func centred(_ words: Philox.Block) -> SIMD4<Float> {
    let units = SIMD4<Float>(truncatingWords: words &>> 8) * 0x1p-24
    return (units - 0.5) * 3.464_101_6  // √12
  }
}

extension SIMD4<Float> {
  fileprivate init(truncatingWords words: SIMD4<UInt32>) {
    // Through signed numbers, for which there is a vector instruction: 24 bits have no sign.
    self.init(SIMD4<Int32>(truncatingIfNeeded: words))
  }
}
