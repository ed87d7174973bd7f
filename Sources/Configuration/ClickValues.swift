/// How a field's text holds several values: `values`.
public struct ClickValues: Equatable, Sendable {
  /// What becomes of a bag of values.
  public enum Pooling: String, CaseIterable, Sendable { case sum, mean }
  /// Between two values: one byte.
  public var separator: UInt8
  /// The values that are used, the first ones.
  public var atMost: Int
  /// What becomes of them.
  public var pooling: Pooling

  static let most = 1024
}

enum ClickValuesKey: String, SectionKey { case separator, atMost, pooling }
