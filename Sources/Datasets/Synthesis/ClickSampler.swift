import Buffers
import Foundation

/// Makes any sample of generated data, by its number.
struct ClickSampler: Sendable {
  let layout: ClickRecordLayout
  private let laws: [ClickPowerLaw]
  private let offsets: [Int]
  private let random: Philox
  private let model: ClickPlantedModel

  private static let samples: UInt64 = 0x7361_6D70_6C65  // "sample"
  private static let pilots: UInt64 = 0x0070_696C_6F74  // "pilot"
  /// Rows from which the planted model's scale and bias are found.
  private static let pilotCount = 1 << 15

  init(_ generator: ClickGenerator) {
    var model = ClickPlantedModel(
      seed: generator.seed, fields: generator.cardinalities.count, dense: generator.dense, width: generator.embedding)
    let pilot = ClickSampler(generator, model, stream: Self.pilots)
    let raw = pilot.scores(Self.pilotCount)
    model.fit(raw, signal: generator.signal, positiveShare: generator.positiveShare)
    self.init(generator, model, stream: Self.samples)
  }

  private init(_ generator: ClickGenerator, _ model: ClickPlantedModel, stream: UInt64) {
    layout = generator.schema.layout
    laws = generator.cardinalities.map { ClickPowerLaw(cardinality: $0, exponent: generator.exponent) }
    offsets = generator.schema.idFields.offsets
    random = Philox(generator.seed, stream)
    self.model = model
  }

  /// Writes samples `first`, `first + 1`, … as records, and their planted scores if wanted.
  func write(_ first: Int, to records: UnsafeMutableRawBufferPointer, scores: UnsafeMutableBufferPointer<Float>? = nil)
  {
    for row in 0..<records.count / layout.stride {
      let record = records.baseAddress! + row * layout.stride
      let score = writeFeatures(UInt64(first + row), to: record)
      let label = randomNumber(UInt64(first + row)) < ClickPlantedModel.probability(score)
      record.storeBytes(of: label ? 1 : 0, as: UInt32.self)
      if let scores { scores[row] = Float(score) }
    }
  }

  private func scores(_ count: Int) -> [Double] {
    withUnsafeTemporaryAllocation(byteCount: layout.stride, alignment: 4) { record in
      (0..<count).map { writeFeatures(UInt64($0), to: record.baseAddress!) }
    }
  }

  /// Dense values and ids; returns the planted model's score of them.
  private func writeFeatures(_ sample: UInt64, to record: UnsafeMutableRawPointer) -> Double {
    let ids = (record + layout.idsOffset).assumingMemoryBound(to: Int32.self)
    let values = (record + layout.denseOffset).assumingMemoryBound(to: Float.self)
    for first in stride(from: 0, to: layout.fields, by: 4) {
      let words = random.block(sample, UInt64(first / 4))
      for field in first..<min(first + 4, layout.fields) {
        let point = (Double(words[field - first]) + 0.5) * 0x1p-32
        ids[field] = Int32(truncatingIfNeeded: offsets[field] + laws[field].id(at: point))
      }
    }
    for first in stride(from: 0, to: layout.dense, by: 4) {
      let four = ClickPlantedModel.centred(random.block(sample, Self.denseStream + UInt64(first / 4)))
      for index in first..<min(first + 4, layout.dense) { values[index] = four[index - first] }
    }
    return model.score(ids: ids, values: values)
  }

  /// Uniform in 0..<1, with 53 random bits.
  private func randomNumber(_ sample: UInt64) -> Double {
    let words = random.block(sample, Self.labelStream)
    return Double((UInt64(words.x) << 32 | UInt64(words.y)) >> 11) * 0x1p-53
  }

  private static let denseStream: UInt64 = 1 << 32
  private static let labelStream: UInt64 = 2 << 32
}

extension ClickPlantedModel {
  /// Finds scale and bias, from the scores of some samples with scale 1 and bias 0.
  mutating func fit(_ raw: [Double], signal: Double, positiveShare: Double) {
    let mean = raw.reduce(0, +) / Double(raw.count)
    let deviation = (raw.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(raw.count)).squareRoot()
    scale = deviation > 0 ? signal / deviation : 1
    let scores = raw.map { $0 * scale }
    let share = { (bias: Double) in
      scores.reduce(0) { $0 + Self.probability($1 + bias) } / Double(scores.count)
    }
    // The share rises with the bias.
    var (low, high) = (-1e3, 1e3)
    while high - low > 1e-9 {
      let middle = (low + high) / 2
      if share(middle) < positiveShare { low = middle } else { high = middle }
    }
    bias = (low + high) / 2
  }
}
