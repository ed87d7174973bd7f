import Buffers
import Kernels

/// Brings branches together: adds their outputs, or puts them side by side.
struct Join: Sendable {
  let combination: Branches.Combination
  /// Names of the branches, in order.
  let names: [String]
  /// The remedy where a sum's shapes differ.
  let remedy: String
  private(set) var rectifies = false

  init(_ combination: Branches.Combination, names: [String], remedy: String) {
    self.combination = combination
    self.names = names
    self.remedy = remedy
  }

  /// - Parameter shapes: of the branches' outputs, in order.
  func outputShape(for shapes: [Shape]) throws -> Shape {
    switch combination {
    case .sum:
      guard let other = shapes.firstIndex(where: { $0 != shapes[0] }) else { return shapes[0] }
      throw LayerError(
        "'\(names[0])' gives \(shapes[0]) and '\(names[other])' gives \(shapes[other]), which cannot be added: \(remedy)"
      )
    case .concatenate:
      guard let other = shapes.firstIndex(where: { $0.rank != 1 }) else {
        return Shape(shapes.reduce(0) { $0 + $1.count })
      }
      throw LayerError(
        "'\(names[other])' gives \(shapes[other]), which cannot be put side by side with others: only flat outputs can, so "
          + "put a flatten layer at its end")
    }
  }

  /// One that does what this one and then `next` do; nil where the two stay apart.
  func fusing(_ next: any Layer) -> Join? {
    guard next is ReLU, !rectifies else { return nil }
    var both = self
    both.rectifies = true
    return both
  }

  /// Where each branch's output begins in a concatenation.
  func columns(of shapes: [Shape]) -> [Int] {
    var next = 0
    return shapes.map { shape in
      defer { next += shape.count }
      return next
    }
  }

  /// Goes forward.
  ///
  /// - Parameters:
  ///   - count: of the branches.
  ///   - columns: where each branch's output begins in a concatenation.
  ///   - input: a branch's output.
  func forward(
    _ count: Int, columns: [Int], rows: Int, into output: Tensor, _ input: (Int) -> Tensor
  ) {
    switch combination {
    case .sum: add(count, into: output, input)
    case .concatenate:
      var whole = output.buffer.mutableSpan
      for branch in 0..<count {
        Columns.insert(input(branch).buffer.span, rows: rows, into: &whole, at: columns[branch])
      }
    }
    // A sum of two branches has done it.
    guard rectifies, combination == .concatenate || count != 2 else { return }
    var result = output.buffer.mutableSpan
    Rectifier.forward(&result)
  }

  /// In order; the first two in one pass.
  private func add(_ count: Int, into output: Tensor, _ input: (Int) -> Tensor) {
    guard count > 1 else { return output.copy(from: input(0)) }
    var sum = output.buffer.mutableSpan
    if rectifies, count == 2 {
      Arithmetic.addThenRectify(input(0).buffer.span, input(1).buffer.span, into: &sum)
    } else {
      Arithmetic.add(input(0).buffer.span, input(1).buffer.span, into: &sum)
    }
    for branch in 2..<max(count, 2) { Arithmetic.add(input(branch).buffer.span, to: &sum) }
  }
}
