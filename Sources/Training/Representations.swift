import Buffers

/// What a model makes of samples before its head, and their labels.
package struct Representations {
  /// `[samples, width]`
  package let rows: Tensor
  /// `[samples]`
  package var labels: [Int32]

  /// Rows and labels of as many samples.
  package init(rows: Tensor, labels: [Int32]) {
    precondition(rows.shape.rank == 2 && rows.shape[0] == labels.count, "\(rows.shape) with \(labels.count) labels")
    self.rows = rows
    self.labels = labels
  }

  /// Samples.
  package var count: Int { labels.count }
  /// Floats of a sample.
  package var width: Int { rows.shape[1] }

  /// Some of the samples, one after another. Copies no floats.
  package subscript(_ samples: Range<Int>) -> Representations {
    let values = rows.slice(samples.lowerBound * width..<samples.upperBound * width)
    return Representations(rows: values.reshaped(Shape(samples.count, width)), labels: Array(labels[samples]))
  }
}
