import Buffers
import Kernels

/// Either pooling on its memory.
final class BoundPooling: BoundLayer {
  private let kernels: RowCache<PoolingKernel>

  init(_ kind: PoolingKernel.Kind, _ window: Window) {
    kernels = RowCache { rows in try PoolingKernel(kind, window, rows: rows) }
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) throws {
    var result = output.buffer.mutableSpan
    try kernels(pass.rows).forward(input.buffer.span, into: &result)
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) throws {
    guard let inputGradient else { return }
    var result = inputGradient.buffer.mutableSpan
    try kernels(pass.rows).backward(outputGradient.buffer.span, into: &result)
  }
}
