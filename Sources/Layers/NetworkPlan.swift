import Buffers
import Kernels

/// All about running a model that does not depend on memory: its steps, the way back, and how many floats both take.
struct NetworkPlan {
  let fusion: FusionPlan
  /// Nil where only evaluation is asked for.
  let backward: BackwardProgram?
  /// For each value, whether anything that learns comes before it.
  let needsGradient: [Bool]
  private let precision: ProductPrecision

  init(_ graph: Graph, goesBackward: Bool, _ precision: ProductPrecision) {
    self.precision = precision
    fusion = FusionPlan(graph)
    needsGradient = fusion.needsGradient
    backward = goesBackward ? BackwardProgram(fusion) : nil
  }

  var goesBackward: Bool { backward != nil }

  /// The values that steps put out, one a step. Going backward needs them all; else each lives until its last reader.
  func activations(rows: Int) -> SharedMemoryPlan {
    var ends = Array(fusion.steps.indices)
    var places: [Int: Int] = [:]
    for (place, step) in fusion.steps.enumerated() {
      for input in step.inputs { if let source = places[input.value] { ends[source] = place } }
      places[step.output.value] = place
    }
    let last = fusion.steps.count
    if let source = places[fusion.output.value] { ends[source] = last }
    return SharedMemoryPlan(
      fusion.steps.indices.map { place in
        .init(fusion.steps[place].output.shape.count, rows: rows, place...(goesBackward ? last : ends[place]))
      })
  }

  /// The arrays of the program, but for the first, which the caller gives.
  func gradients(rows: Int) -> SharedMemoryPlan {
    guard let backward else { return SharedMemoryPlan([]) }
    return SharedMemoryPlan(
      zip(backward.widths, backward.lifetimes).dropFirst().map { .init($0, rows: rows, $1) })
  }

  /// The sizes that a step's layer is told.
  func extent(_ step: FusedStep, rows: Int) -> LayerExtent {
    LayerExtent(
      input: step.inputs[0].shape, output: step.output.shape, maximumRows: rows,
      needsInputGradient: needsGradient[step.inputs[0].value], goesBackward: goesBackward, precision: precision)
  }

  /// Bytes of a network on so many rows, besides parameters and their gradients.
  func workingBytes(rows: Int) -> Double {
    let layers = fusion.steps.reduce(0.0) { sum, step in
      sum + (step.work.layer?.workingBytes(extent(step, rows: rows)) ?? 0)
    }
    let floats = activations(rows: rows).floats + gradients(rows: rows).floats
    return layers + floats * Double(MemoryLayout<Float>.stride)
  }
}

extension SharedMemoryPlan.Array {
  /// In whole cache lines.
  fileprivate init(_ width: Int, rows: Int, _ lifetime: ClosedRange<Int>) {
    let line = Double(AlignedMemory.alignment / MemoryLayout<Float>.stride)
    self.init(floats: (Double(width) * Double(rows) / line).rounded(.up) * line, lifetime: lifetime)
  }
}
