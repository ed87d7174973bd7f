import Foundation

/// Something that a rank holds in memory.
public struct MemoryPart: Sendable {
  /// For people.
  public let name: String
  /// In doubles: what may be far too large must not overflow.
  public let bytes: Double
  /// Settings that would make it smaller; empty where none would.
  public let remedy: String

  /// `bytes` are those of one rank.
  public init(_ name: String, _ bytes: Double, remedy: String = "") {
    self.name = name
    self.bytes = bytes
    self.remedy = remedy
  }

  /// Rounded up.
  static func size(_ bytes: Double) -> String {
    if bytes < 1e9 { return "\(Int((bytes * 1e-6).rounded(.up))) MB" }
    let tenths = (bytes * 1e-8).rounded(.up)
    return "\(tenths / 10) GB"
  }
}

extension [MemoryPart] {
  /// The sum over the parts.
  public var bytes: Double { reduce(0) { $0 + $1.bytes } }

  /// The largest first; what hardly counts is left out.
  private var largest: [MemoryPart] {
    let least = bytes / 100
    return filter { $0.bytes > 0 && $0.bytes >= least }.sorted { $0.bytes > $1.bytes }
  }

  /// `weights 3.0 GB, activations 1.0 GB`.
  var words: String { largest.map { "\($0.name) \(MemoryPart.size($0.bytes))" }.joined(separator: ", ") }

  /// Remedies for the parts that are a tenth or more and can be made smaller.
  func remedies(ranks: Int) -> String {
    let least = bytes / 10
    let own = largest.filter { $0.bytes >= least && !$0.remedy.isEmpty }.map(\.remedy)
    let all = own.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return (all + (ranks > 1 ? ["start fewer ranks on a node"] : [])).joined(separator: ", or ")
  }
}

/// A node, or a limit on this process, has less memory than a run needs; thrown before it is allocated.
public struct InsufficientMemory: Error, CustomStringConvertible {
  /// Need and room in GB, the largest parts, and what would make them smaller.
  public let description: String
}
