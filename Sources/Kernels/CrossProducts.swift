/// The elementwise part of a cross layer: y = x₀ ⊙ u + x with u = x·W + b. Wang et al., "DCN V2" (WWW 2021), equation 1.
public enum CrossProducts {
  /// Adds `bias` `[width]` to `products` (x·W, which becomes u) and writes y; `[rows, width]` each.
  public static func forward(
    start: Span<Float>, products: inout MutableSpan<Float>, bias: Span<Float>, state: Span<Float>,
    into results: inout MutableSpan<Float>
  ) {
    let (count, width) = (start.count, bias.count)
    precondition(
      width > 0 && count % width == 0 && products.count == count && state.count == count && results.count == count,
      "\(count), \(products.count), \(state.count) and \(results.count) values in rows of \(width)")
    for first in stride(from: 0, to: count, by: width) {
      for column in 0..<width {
        let index = first &+ column
        let product = products[unchecked: index] + bias[unchecked: column]
        products[unchecked: index] = product
        results[unchecked: index] = state[unchecked: index].addingProduct(start[unchecked: index], product)
      }
    }
  }

  /// Writes the gradient with respect to u, gradient ⊙ x₀, and writes or adds that with respect to x₀, gradient ⊙ u.
  public static func backward(
    gradients: Span<Float>, start: Span<Float>, products: Span<Float>, productGradients: inout MutableSpan<Float>,
    startGradients: inout MutableSpan<Float>, adds: Bool
  ) {
    let count = gradients.count
    precondition(
      start.count == count && products.count == count && productGradients.count == count
        && startGradients.count == count,
      "\(count), \(start.count), \(products.count), \(productGradients.count) and \(startGradients.count) values")
    if !adds { Arithmetic.fill(&startGradients, with: 0) }
    for index in gradients.indices {
      let gradient = gradients[index]
      productGradients[index] = gradient * start[index]
      startGradients[index] = startGradients[index].addingProduct(gradient, products[index])
    }
  }
}
