import Buffers

/// The mean gradient of the global batch, the same on every rank: the only thing that an optimiser accepts. Only a
/// finished exchange makes one, so a gradient that was not reduced cannot be applied.
public struct ReducedGradients: ~Copyable {
  /// The whole arena, flat; complete once `forEachPart` has returned, and at once where it comes as one part. Of ranks that move
  /// weights together, where parts were asked for, only each one's own.
  public let arena: Tensor
  /// Gradients of the rows that the global batch touched, on all ranks, or, as of the arena, of those alone that this rank is to move; nil
  /// where the model has no tables.
  public let tables: TableGradients?
  /// Nil where all is here.
  private let arrivals: (any GradientArrivals)?
  /// Stretches of the arena that this rank is to move; nil for its share of the whole.
  private let ownParts: [Range<Int>]?
  private let share: NodeShare
  private let hasOwnRowsOnly: Bool

  /// - Parameters:
  ///   - share: of what ranks of a host move together.
  ///   - ownParts: nil for the share of the whole arena.
  ///   - hasOwnRowsOnly: the tables have no rows that others are to move.
  package init(
    arena: Tensor, tables: TableGradients? = nil, arrivals: (any GradientArrivals)? = nil, share: NodeShare = .whole,
    ownParts: [Range<Int>]? = nil, hasOwnRowsOnly: Bool = false
  ) {
    self.arena = arena
    self.tables = tables
    self.arrivals = arrivals
    self.share = share
    self.ownParts = ownParts
    self.hasOwnRowsOnly = hasOwnRowsOnly
  }

  /// Hands out each stretch of the arena that this rank is to move once, as soon as it is reduced, while others are still on their
  /// way. Throws `MPIError` where one does not arrive.
  public borrowing func forEachPart(_ body: (Range<Int>) throws -> Void) throws {
    guard let arrivals else { return try forEachOwnPart(body) }
    while let part = try arrivals.next() { try body(part) }
  }

  /// The same, of gradients that are all here.
  package borrowing func forEachOwnPart(_ body: (Range<Int>) throws -> Void) rethrows {
    // Nothing is allocated: this is asked for in every step.
    guard let ownParts else { return try body(share.part(of: 0..<arena.count)) }
    for part in ownParts { try body(part) }
  }

  /// Which of so many rows of `tables` this rank is to move.
  package borrowing func ownTouchedRows(of count: Int) -> Range<Int> {
    hasOwnRowsOnly ? 0..<count : share.part(ofCount: count)
  }

  /// Which rows of a table this rank is to move where all of them move.
  package borrowing func ownRows(of tableRows: Int) -> Range<Int> { share.part(of: 0..<tableRows) }
}

/// Stretches of an arena that are reduced one after the other.
package protocol GradientArrivals: AnyObject {
  /// The next one, as soon as it is there; nil after the last. Throws `MPIError`.
  func next() throws -> Range<Int>?
}
