import Buffers
import Layers

extension Network {
  /// Forward and backward over one microbatch of a global batch; returns its loss.
  @discardableResult
  func computeGradients(
    _ inputs: Tensor, ids: [Int32], labels: [Int32], first: Int = 0, globalBatch: Int
  ) throws -> LossSums {
    try Array(first..<first + labels.count).withUnsafeBufferPointer { samples in
      try ids.withUnsafeBufferPointer { ids in
        try labels.withUnsafeBufferPointer { labels in
          let pass = Pass(
            mode: .training, epoch: 0, samples: samples, ids: ids, overwritesGradients: first == 0,
            globalBatch: globalBatch, firstRowInGlobalBatch: first)
          let objective = try Objective(model, maximumRows: maximumRows, goesBackward: true)
          let outputs = try forward(inputs, pass)
          let sums = try objective.sums(of: outputs, labels: labels, pass)
          let gradient = try objective.gradient(of: outputs, labels: labels, pass)
          try backward(inputs, outputGradient: gradient, pass) { _ in }
          return sums
        }
      }
    }
  }
}

extension RowGradients {
  /// Adds each row that was touched, times `factor`, to a whole table, flat.
  func addRows(to table: Tensor, times factor: Float) {
    for (number, row) in rows.ids.enumerated() {
      for column in 0..<width {
        table.buffer[Int(row) * width + column] += factor * values.buffer[number * width + column]
      }
    }
  }
}
