import Buffers
import Foundation
import Kernels

/// A sample's class by the vote of its nearest neighbours among labelled samples, by cosine, each with the weight
/// exp(cosine ÷ 0.07): Wu et al., "Unsupervised Feature Learning via Non-Parametric Instance Discrimination" (CVPR 2018),
/// section 3.4. Nothing is learnt, so that it shows a representation as it is.
package struct NearestNeighbours {
  /// `[references, width]`, of length 1.
  private let units: Tensor
  private let labels: [Int32]
  private let classes: Int
  /// Neighbours that vote.
  private let voters: Int

  /// References that are compared with at a time.
  static let tileColumns = 2048
  private static let temperature = 0.07

  /// - Parameters:
  ///   - references: at least one.
  ///   - voters: of fewer references all vote.
  package init(_ references: Representations, classes: Int, voters: Int) {
    precondition(references.count > 0 && voters > 0, "\(voters) of \(references.count) neighbours")
    units = references.units
    labels = references.labels
    self.classes = classes
    self.voters = min(voters, references.count)
  }

  /// The class of each sample; of equal votes the lowest. Throws `OneDNNError`.
  ///
  /// - Parameter rowsAtOnce: samples that are compared at a time.
  package func classes(of samples: Representations, rowsAtOnce: Int) throws -> [Int32] {
    let units = samples.units
    let similarities = Tensor(Shape(min(rowsAtOnce, max(samples.count, 1)), Self.tileColumns))
    return try stride(from: 0, to: samples.count, by: rowsAtOnce).flatMap { first in
      try classes(of: units, first..<min(first + rowsAtOnce, samples.count), similarities)
    }
  }

  private func classes(of samples: Tensor, _ rows: Range<Int>, _ similarities: Tensor) throws -> [Int32] {
    let width = units.shape[1]
    var nearest = rows.map { _ in Nearest(count: voters) }
    for first in stride(from: 0, to: labels.count, by: Self.tileColumns) {
      let columns = first..<min(first + Self.tileColumns, labels.count)
      let tile = similarities.slice(0..<rows.count * columns.count)
      var products = tile.buffer.mutableSpan
      try MatrixProduct.multiply(
        samples.slice(rows.lowerBound * width..<rows.upperBound * width).buffer.span,
        units.slice(columns.lowerBound * width..<columns.upperBound * width).buffer.span, into: &products,
        rows: rows.count, columns: columns.count, inner: width, form: .transposedRight)
      for row in nearest.indices {
        nearest[row].add(
          UnsafeBufferPointer(rebasing: tile.buffer[row * columns.count..<(row + 1) * columns.count]), from: first)
      }
    }
    return nearest.map(vote)
  }

  private func vote(_ nearest: Nearest) -> Int32 {
    var votes = [Double](repeating: 0, count: classes)
    for (similarity, reference) in zip(nearest.similarities, nearest.references) {
      votes[Int(labels[reference])] += exp(Double(similarity - nearest.similarities[0]) / Self.temperature)
    }
    return Int32(votes.indices.max { votes[$0] < votes[$1] || (votes[$0] == votes[$1] && $0 > $1) } ?? 0)
  }

  /// The most similar references so far, the most similar one first; of equal ones the one that came first.
  private struct Nearest {
    private(set) var similarities: [Float]
    private(set) var references: [Int]

    init(count: Int) {
      similarities = Array(repeating: -.infinity, count: count)
      references = Array(repeating: 0, count: count)
    }

    mutating func add(_ values: UnsafeBufferPointer<Float>, from first: Int) {
      for (place, value) in values.enumerated() where value > similarities[similarities.count - 1] {
        insert(value, first + place)
      }
    }

    private mutating func insert(_ value: Float, _ reference: Int) {
      var place = similarities.count - 1
      while place > 0, similarities[place - 1] < value {
        (similarities[place], references[place]) = (similarities[place - 1], references[place - 1])
        place -= 1
      }
      (similarities[place], references[place]) = (value, reference)
    }
  }
}

extension Representations {
  /// The rows with length 1.
  fileprivate var units: Tensor {
    let (units, lengths) = (Tensor(rows.shape), Tensor(Shape(count)))
    var target = units.buffer.mutableSpan
    var found = lengths.buffer.mutableSpan
    UnitRows.normalize(rows.buffer.span, width: width, into: &target, lengths: &found)
    return units
  }
}
