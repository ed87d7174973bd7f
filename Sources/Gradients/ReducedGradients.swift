import Buffers

/// The mean gradient of the global batch, the same on every rank: the only thing that an optimiser accepts. Only a
/// finished exchange makes one, so a gradient that was not reduced cannot be applied.
public struct ReducedGradients: ~Copyable {
  /// The whole arena, flat; complete once `forEachPart` has returned, and at once where it comes as one part. Of ranks that move
  /// weights together, where parts were asked for, only each one's own.
  public let arena: Tensor
  /// Gradients of the rows that the global batch touched, on all ranks; nil where the model has no tables.
  public let tables: TableGradients?
  /// Nil where all is here.
  private let arrivals: (any GradientArrivals)?
  /// Stretches of the arena that this rank is to move: all of it but where ranks of a host move one copy of the weights together.
  package let ownParts: [Range<Int>]
  private let share: NodeShare

  /// - Parameters:
  ///   - share: of what ranks of a host move together.
  ///   - ownParts: nil for the share of the whole arena.
  package init(
    arena: Tensor, tables: TableGradients? = nil, arrivals: (any GradientArrivals)? = nil, share: NodeShare = .whole,
    ownParts: [Range<Int>]? = nil
  ) {
    self.arena = arena
    self.tables = tables
    self.arrivals = arrivals
    self.share = share
    self.ownParts = ownParts ?? [share.part(of: 0..<arena.count)]
  }

  /// Hands out each stretch of the arena that this rank is to move once, as soon as it is reduced, while others are still on their
  /// way. Throws `MPIError` where one does not arrive.
  public borrowing func forEachPart(_ body: (Range<Int>) throws -> Void) throws {
    guard let arrivals else { return try ownParts.forEach(body) }
    while let part = try arrivals.next() { try body(part) }
  }

  /// Which of so many rows that were touched this rank is to move.
  package borrowing func ownTouchedRows(of count: Int) -> Range<Int> { share.part(ofCount: count) }

  /// Which rows of a table this rank is to move where all of them move.
  package borrowing func ownRows(of tableRows: Int) -> Range<Int> { share.part(of: 0..<tableRows) }
}

/// Stretches of an arena that are reduced one after the other.
package protocol GradientArrivals: AnyObject {
  /// The next one, as soon as it is there; nil after the last. Throws `MPIError`.
  func next() throws -> Range<Int>?
}
