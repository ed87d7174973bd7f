import Buffers
import Layers
import Testing

/// Fields of several ids: their rows come together to one a field.
@Suite struct PooledLayerTests {
  /// A field of one id of 3, one of up to three of 4 and none (row 7), one of up to two of 2 and none (row 10).
  private static let columns = IDFields(
    names: ["a", "b", "c"], cardinalities: [3, 5, 3],
    bags: [IDBag(field: 1, atMost: 3, isMean: true), IDBag(field: 2, atMost: 2, isMean: false)]
  ).pooling!
  /// Four samples: two values and one, three with one twice, none at all, and a hole before a value.
  private static let ids: [Int32] = [
    0, 3, 4, 7, 8, 10, 2, 5, 5, 6, 8, 9, 1, 7, 7, 7, 10, 10, 0, 7, 4, 7, 10, 9,
  ]
  private static let rows = 4

  /// Of each sample, each field's rows and what one counts.
  private static let fields: [[(rows: [Int], share: Float)]] = [
    [([0], 1), ([3, 4], 1 / 2), ([8], 1)], [([2], 1), ([5, 5, 6], 1 / 3), ([8, 9], 1)], [([1], 1), ([], 1), ([], 1)],
    [([0], 1), ([4], 1), ([9], 1)],
  ]

  private func harness(_ layer: any Layer, input: Int) throws -> LayerHarness {
    let harness = try LayerHarness(layer, input: Shape(input), maximumRows: Self.rows + 1)
    harness.parameters[0].copy(
      from: Tensor(numbers(harness.parameters[0].count, 90), shape: harness.parameters[0].shape))
    return harness
  }

  private func embedding(_ width: Int) -> Embedding {
    Embedding(rows: 11, fields: 3, pooling: Self.columns, width: width)
  }

  @Test(arguments: [1, 5, 16], [0, 2]) func embeddingIsTheSumOrMean(width: Int, values: Int) throws {
    let harness = try harness(embedding(width), input: values)
    let beside = numbers(Self.rows * values, 1)
    let output = try withPass(Array(0..<Self.rows), ids: Self.ids) { try harness.forward(beside, $0) }
    let table = harness.parameters[0].values
    let size = 3 * width + values
    for (sample, fields) in Self.fields.enumerated() {
      var wanted: [Float] = []
      for field in fields {
        wanted += (0..<width).map { index in field.rows.reduce(0) { $0 + field.share * table[$1 * width + index] } }
      }
      wanted += beside[sample * values..<(sample + 1) * values]
      #expect(zip(output[sample * size..<(sample + 1) * size], wanted).allSatisfy { abs($0 - $1) < 1e-6 }, "\(sample)")
    }
  }

  @Test func weightsAreSummedOrAveraged() throws {
    let harness = try harness(FieldLinear(rows: 11, fields: 3, pooling: Self.columns), input: 2)
    let output = try withPass(Array(0..<Self.rows), ids: Self.ids) { try harness.forward(numbers(8, 1), $0) }
    let table = harness.parameters[0].values
    for (sample, fields) in Self.fields.enumerated() {
      let wanted = fields.reduce(Float(0)) { sum, field in field.rows.reduce(sum) { $0 + field.share * table[$1] } }
      #expect(abs(output[sample] - wanted) < 1e-6, "\(sample)")
    }
  }

  @Test(arguments: [1, 5, 16]) func gradientsEqualFiniteDifferences(width: Int) throws {
    for layer in [embedding(width) as any Layer, FieldLinear(rows: 11, fields: 3, pooling: Self.columns)] {
      let harness = try harness(layer, input: 2)
      let check = GradientCheck(harness: harness, samples: Array(0..<Self.rows), ids: Self.ids)
      #expect(try check.largestDifference(numbers(Self.rows * 2, 1)) < 1e-3)
      // The rows that stand for no value learn nothing.
      let gradient = harness.allGradients[0]
      let floats = gradient.count / 11
      for row in [7, 10] { #expect(gradient[row * floats..<(row + 1) * floats].allSatisfy { $0 == 0 }) }
    }
  }

  /// Bags of one value change no bit of what a field of one id gives.
  @Test func oneValueIsAsOneID() throws {
    let columns = IDFields(
      names: ["a", "b"], cardinalities: [3, 5], bags: [IDBag(field: 1, atMost: 1, isMean: true)]
    ).pooling!
    let ids: [Int32] = [0, 3, 2, 6, 1, 3]
    func run(_ layer: any Layer) throws -> ([Float], [[Float]]) {
      let harness = try harness(layer, input: 1)
      return try withPass(Array(0..<3), ids: ids) { pass in
        let output = try harness.forward(numbers(3, 1), pass)
        _ = try harness.backward(numbers(3, 1), outputGradient: numbers(output.count, 5), pass)
        return (output, harness.allGradients)
      }
    }
    let pooled = try run(Embedding(rows: 8, fields: 2, pooling: columns, width: 4))
    let plain = try run(Embedding(rows: 8, fields: 2, width: 4))
    #expect(pooled.0 == plain.0 && pooled.1 == plain.1)
  }
}
