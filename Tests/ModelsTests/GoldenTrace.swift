import Buffers
import Configuration
import Foundation
import Models

/// One file pair of the folder Golden: what PyTorch computed, under our names and in our layouts.
struct GoldenTrace: Decodable {
  struct ModelKeys: Decodable {
    let kind: String
    let widths: [Int]?
    let filters: [Int]?
    let hidden: Int?
    let batchNorm: Bool?
    let embedding: Int?
    let bottomWidths: [Int]?
    let crossLayers: Int?
  }

  struct OptimizerKeys: Decodable {
    let kind: String
    let momentum: Double?
    let nesterov: Bool?
    let weightDecay: Double
    let clipNorm: Double?
  }

  /// Offset in floats.
  struct Place: Decodable {
    let shape: [Int]
    let offset: Int
  }

  let input: [Int]
  let classes: Int
  let model: ModelKeys
  let optimizer: OptimizerKeys
  let learningRate: Double
  /// Fields of click models; nil for others.
  let cardinalities: [Int]?
  /// Ids of each step, `[rows, fields]`.
  let ids: [[Int32]]?
  /// Labels of each step.
  let labels: [[Int32]]
  let losses: [Double]
  /// Before clipping.
  let gradientNorms: [Double]
  private let arrays: [String: Place]
  private var floats: [Float] = []

  private enum CodingKeys: String, CodingKey {
    case input, classes, model, optimizer, learningRate, cardinalities, ids, labels, losses, gradientNorms, arrays
  }

  static func load(_ name: String) throws -> GoldenTrace {
    let folder = Bundle.module.bundleURL.appendingPathComponent("Golden")
    let text = try Data(contentsOf: folder.appendingPathComponent("\(name).json"))
    let bytes = try Data(contentsOf: folder.appendingPathComponent("\(name).bin"))
    var trace = try JSONDecoder().decode(GoldenTrace.self, from: text)
    trace.floats = bytes.withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: 4).map { offset in
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      }
    }
    return trace
  }

  /// nil where PyTorch has no such array: statistics have no gradient.
  func array(_ name: String) -> Tensor? {
    arrays[name].map { place in
      let shape = Shape(place.shape)
      return Tensor(Array(floats[place.offset..<place.offset + shape.count]), shape: shape)
    }
  }

  /// Names of the arrays under `group/`, without the group.
  func names(in group: String) -> Set<String> {
    Set(arrays.keys.filter { $0.hasPrefix("\(group)/") }.map { String($0.dropFirst(group.count + 1)) })
  }

  /// `[rows, …]` of one step.
  func inputs(step: Int) -> Tensor {
    let shape = Shape(input).batched(labels[step].count)
    let start = arrays["inputs"]!.offset + step * shape.count
    return Tensor(Array(floats[start..<start + shape.count]), shape: shape)
  }

  /// Ids of some rows of a step.
  func ids(step: Int, rows: Range<Int>) -> [Int32] {
    guard let ids, let fields = cardinalities?.count else { return [] }
    return Array(ids[step][rows.lowerBound * fields..<rows.upperBound * fields])
  }

  var modelConfiguration: ModelConfiguration {
    switch model.kind {
    case "mlp": .mlp(widths: model.widths!, batchNorm: model.batchNorm!, dropout: 0)
    case "cnn": .cnn(filters: model.filters!, hidden: model.hidden!, batchNorm: model.batchNorm!, dropout: 0)
    default:
      .click(
        ClickModelConfiguration(
          kind: .init(rawValue: model.kind)!, embedding: model.embedding!, widths: model.widths!,
          bottomWidths: model.bottomWidths ?? [], crossLayers: model.crossLayers ?? 0))
    }
  }

  var idFields: IDFields? {
    cardinalities.map { IDFields(names: $0.indices.map { "field\($0)" }, cardinalities: $0) }
  }

  var optimizerConfiguration: OptimizerConfiguration {
    OptimizerConfiguration(
      kind: .init(rawValue: optimizer.kind)!, momentum: optimizer.momentum ?? 0, nesterov: optimizer.nesterov ?? false,
      beta1: 0.9,
      beta2: 0.999, epsilon: 1e-8, weightDecay: optimizer.weightDecay, clipNorm: optimizer.clipNorm)
  }
}
