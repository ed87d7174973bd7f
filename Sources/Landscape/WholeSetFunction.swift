import Buffers
import MessagePassing
import Training

/// The loss of the whole training set as a function of what is learnt, statistics left as they are: tables and all other
/// weights, in the order of their arena. One rank asks for values, all ranks compute them.
///
/// A search that ran on every rank would need the same decisions everywhere, to the bit; this way there is one search, its
/// memory is needed once, and the others follow.
public final class WholeSetFunction: DifferentiableFunction {
  /// Nothing that is looked for lies at weights that are not numbers.
  public struct Failure: Error, CustomStringConvertible {
    /// One sentence with the remedy.
    public let description: String
  }

  private let objective: WholeSetObjective
  /// Where the loss was last asked for, with the statistics.
  private let weights: Tensor
  private let gradientArena: Tensor
  private let ranges: [Range<Int>]
  /// The numbers that are learnt.
  public let count: Int
  /// Values so far.
  public private(set) var evaluations = 0
  /// Told after each value, on the rank that asks.
  public var report: (_ evaluations: Int, _ loss: Double) -> Void = { _, _ in }
  /// What ended a computation that ranks share: they are not where they could be told of anything any more.
  private var fault: (any Error)?

  /// - Parameter weights: with the statistics that stay; copied.
  public init(_ objective: WholeSetObjective, at weights: Tensor) {
    self.objective = objective
    let layout = objective.layout
    self.weights = Tensor(Shape(layout.count))
    self.weights.copy(from: weights)
    gradientArena = Tensor(Shape(layout.count))
    ranges = layout.entries.filter { !$0.parameter.isStatistic }.map(\.range)
    count = ranges.reduce(0) { $0 + $1.count }
  }

  /// What is learnt, as the point that the weights of `init` are.
  public var point: [Double] { values(of: weights) }

  /// Refuses weights that are not finite.
  ///
  /// - Parameter name: of their run.
  /// - Throws: `Failure`, with the first of them.
  public static func requireFinite(_ weights: Tensor, of objective: WholeSetObjective, _ name: String) throws {
    for entry in objective.layout.listedEntries {
      let values = weights.slice(entry.range).buffer
      guard let place = values.indices.first(where: { !values[$0].isFinite }) else { continue }
      throw Failure(
        description:
          "\(name): the weights are not finite (\(entry.parameter.name) holds \(values[place]) at place \(place)), and "
          + "nothing can be said of the loss around them: take a run that did not diverge, or evaluation.keep best")
    }
  }

  private static let evaluate = 1
  private static let over = 0

  /// Runs `body` on rank 0, which asks for values; the other ranks compute their share of each. Collective.
  ///
  /// - Returns: what `body` gives, on rank 0; nil on the others.
  /// - Throws: what `body` throws, as a `CollectiveError` of all ranks.
  public func lead<Answer>(_ body: (WholeSetFunction) throws -> Answer) throws -> Answer? {
    let communicator = objective.communicator
    guard communicator.rank == 0 else {
      while try communicator.broadcast(Self.over) == Self.evaluate { _ = try compute() }
      try communicator.agree {}
      return nil
    }
    let answer = Result { try body(self) }
    if let fault { throw fault }
    _ = try communicator.broadcast(Self.over)
    return try communicator.agree { try answer.get() }
  }

  /// On rank 0, within `lead`.
  public func value(at point: [Double], gradient: inout [Double]) throws -> Double {
    precondition(point.count == count, "\(point.count) numbers for \(count) weights")
    let loss: Double
    do {
      _ = try objective.communicator.broadcast(Self.evaluate)
      write(point)
      loss = try compute()
    } catch {
      fault = error
      throw error
    }
    gradient = values(of: gradientArena)
    evaluations += 1
    report(evaluations, loss)
    return loss
  }

  /// Collective: at rank 0's weights.
  private func compute() throws -> Double {
    try objective.communicator.broadcast(weights.buffer.mutableSpan)
    return try objective.gradient(at: weights, into: gradientArena)
  }

  private func write(_ point: [Double]) {
    var place = 0
    for range in ranges {
      for index in range {
        weights.pointer[index] = Float(point[place])
        place += 1
      }
    }
  }

  private func values(of arena: Tensor) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(count)
    for range in ranges { for index in range { values.append(Double(arena.pointer[index])) } }
    return values
  }
}
