import Buffers
import Layers

/// A model on memory of its own, without its loss.
final class NetworkHarness {
  let model: Model
  let network: Network
  let parameters: Tensor
  let gradients: Tensor
  let tables: TableGradients?

  /// - Parameter layers: a flat or single output comes out of them; any other needs a `Flatten` at the end.
  init(_ layers: [any Component], input: Shape, maximumRows: Int, seed: UInt64 = 11) throws {
    let loss: [any Loss] = [SoftmaxCrossEntropy(), BinaryCrossEntropy()]
    model =
      try loss.lazy.compactMap { try? Model(name: "test", input: input, layers: layers, loss: $0) }.first
      ?? Model(name: "test", input: input, layers: layers)
    parameters = Tensor(Shape(model.layout.count))
    model.layout.initialize(parameters, seed: seed)
    gradients = Tensor(Shape(model.layout.denseCount))
    gradients.fill(.nan)
    tables = TableGradients(model.layout)
    network = try Network(
      model, parameters: parameters, gradients: gradients, tables: tables, maximumRows: maximumRows, seed: seed)
  }

  func forward(_ values: [Float], _ pass: Pass) throws -> [Float] {
    try network.forward(Tensor(values, shape: model.input.batched(pass.rows)), pass).values
  }

  /// Forward, then backward with `outputGradient`; gives the nodes in the order in which they were done.
  @discardableResult
  func backward(_ values: [Float], outputGradient: [Float], _ pass: Pass) throws -> [Int] {
    let input = Tensor(values, shape: model.input.batched(pass.rows))
    let output = try network.forward(input, pass)
    var done: [Int] = []
    try network.backward(input, outputGradient: Tensor(outputGradient, shape: output.shape), pass) { done.append($0) }
    return done
  }

  /// The gradient of an entry of the layout, whole: rows of a table that nothing touched have 0.
  func gradient(of entry: ParameterLayout.Entry) -> [Float] {
    guard entry.parameter.role == .table else { return gradients.slice(entry.range).values }
    let number = model.layout.tables.firstIndex { $0.parameter.name == entry.parameter.name }!
    return tables!.tables[number].allRows
  }

  /// How far the gradients of all that is learnt are from central differences of Σ coefficient · output, as a share of the
  /// largest gradient of its array (at least 1).
  func largestDifference(_ values: [Float], samples: [Int], ids: [Int32] = [], step: Float = 1e-3) throws -> Float {
    let coefficients = numbers(model.output.count * samples.count, 77)
    try withPass(samples, ids: ids) { _ = try backward(values, outputGradient: coefficients, $0) }
    func objective() throws -> Double {
      let outputs = try withPass(samples, ids: ids) { try forward(values, $0) }
      return zip(outputs, coefficients).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let learnt = model.layout.entries.filter { !$0.parameter.isStatistic }
    return try learnt.reduce(0) { largest, entry in
      let numeric = try entry.range.map { index in
        let before = parameters.buffer[index]
        defer { parameters.buffer[index] = before }
        parameters.buffer[index] = before + step
        let above = try objective()
        parameters.buffer[index] = before - step
        return Float((above - (try objective())) / (2 * Double(step)))
      }
      return max(largest, difference(gradient(of: entry), numeric))
    }
  }
}
