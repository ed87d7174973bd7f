import Buffers
import Configuration
import Layers
import Models
import Testing

/// Activations and gradients between layers take no more than what these models need by hand: every output once, and on
/// the way back two arrays by turns, a third where branches share their input.
@Suite struct ModelMemoryTests {
  private static let rows = 128

  private func floats(_ model: Model, goesBackward: Bool = true) -> Double {
    model.workingBytes(rows: Self.rows, goesBackward: goesBackward) / Double(4 * Self.rows)
  }

  @Test func perceptron() throws {
    let model = try Model(
      .mlp(widths: [512, 512], batchNorm: false, dropout: 0.2), input: Shape(28, 28, 1), classes: 10, ghostBatch: 64)
    let (outputs, masks, arrays, loss) = (4 * 512 + 10, 2 * 512, 2 * 512, 2 * 10)
    #expect(floats(model) <= Double(outputs + masks + arrays + loss))
    // Without a way back an output is forgotten once the next layer has read it.
    #expect(floats(model, goesBackward: false) <= Double(2 * 512 + masks + 10))
  }

  @Test func convolutional() throws {
    let model = try Model(
      .cnn(filters: [32, 64], hidden: 1024, batchNorm: false, dropout: 0.4), input: Shape(28, 28, 1), classes: 10,
      ghostBatch: 64)
    let outputs = 6272 + 3136 + 1024 + 1024 + 10
    let (arrays, loss, mask, choices) = (6272 + 3136, 2 * 10, 1024, (6272 + 3136) / 4)
    // The memory that convolutions keep does not grow with the rows.
    let kept = 3 * (25 * 32 + 25 * 32 * 64) + 2 << 18
    #expect(floats(model) <= Double(outputs + arrays + loss + mask + choices) + Double(kept) / Double(Self.rows))
  }

  /// The first house took 3 · embedded + 529 floats a sample for this model.
  @Test func deepFM() throws {
    let (fields, values, width) = (11, 6, 8)
    let model = try Model(
      .click(ClickModelConfiguration(kind: .deepfm, embedding: width, widths: [64, 64], dropout: 0.2)),
      input: Shape(values), classes: 2,
      idFields: IDFields(names: (0..<fields).map { "\($0)" }, cardinalities: Array(repeating: 9, count: fields)),
      ghostBatch: 1)
    let embedded = fields * width + values
    #expect(floats(model) <= Double(2 * embedded + 529))
    #expect(floats(model, goesBackward: false) < floats(model) / 2)
  }
}
