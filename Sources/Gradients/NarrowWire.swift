import Buffers
import Kernels
import MessagePassing

/// How gradients travel as floats of two bytes.
final class NarrowWire {
  let format: NarrowFloat
  let reduction: CustomReduction
  /// What rounding took from each gradient of this rank so far, to be added to its next one: error feedback (Seide and others 2014,
  /// section 3.2; Karimireddy and others 2019, algorithm 2). As many floats as the arena; nil where it is forgotten.
  private let errors: UnsafeMutableBufferPointer<Float>?
  private let memory: AlignedMemory?
  /// False while gradients are not applied: what is only looked at owes nothing.
  var remembersErrors = true

  /// - Parameters:
  ///   - count: floats of the arena.
  /// - Throws: `MPIError`.
  init(_ format: NarrowFloat, count: Int, errorFeedback: Bool) throws {
    self.format = format
    reduction = try Self.reduction(format)
    memory = errorFeedback ? AlignedMemory(byteCount: count * MemoryLayout<Float>.stride) : nil
    errors = memory.map { .init(start: $0.baseAddress.bindMemory(to: Float.self, capacity: count), count: count) }
    errors?.initialize(repeating: 0)
  }

  /// As many floats as the arena; nil where rounding errors are forgotten.
  var owed: Tensor? {
    memory.map { Tensor(memory: $0, offset: 0, shape: Shape($0.byteCount / MemoryLayout<Float>.stride)) }
  }

  /// - Parameter range: of the arena, which `values` are.
  func encode(_ values: Span<Float>, _ range: Range<Int>, into narrow: inout MutableSpan<UInt16>) {
    guard let errors, remembersErrors else { return format.encode(values, into: &narrow) }
    var owed = errors.extracting(range).mutableSpan
    format.encode(values, errors: &owed, into: &narrow)
  }

  /// Σ, for MPI, whose functions capture nothing.
  private static func reduction(_ format: NarrowFloat) throws -> CustomReduction {
    switch format {
    case .bfloat16: try CustomReduction { values, sums, count, _ in add(.bfloat16, values, sums, count) }
    case .float16: try CustomReduction { values, sums, count, _ in add(.float16, values, sums, count) }
    }
  }
}

private func add(
  _ format: NarrowFloat, _ values: UnsafeRawPointer?, _ sums: UnsafeMutableRawPointer?, _ count: UnsafePointer<Int32>?
) {
  guard let values, let sums, let count = count.map({ Int($0.pointee) }) else { return }
  var total = UnsafeMutableBufferPointer(start: sums.assumingMemoryBound(to: UInt16.self), count: count).mutableSpan
  format.add(UnsafeBufferPointer(start: values.assumingMemoryBound(to: UInt16.self), count: count).span, to: &total)
}
