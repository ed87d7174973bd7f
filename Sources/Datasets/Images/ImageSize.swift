/// Height and width of an image, in pixels.
public struct ImageSize: Equatable, Sendable, CustomStringConvertible {
  /// Pixels.
  public let height: Int
  /// Pixels.
  public let width: Int

  /// Each side's range: no product of two and a few channels overflows.
  public static let sides = 1...1 << 15

  /// - Parameters:
  ///   - height: in pixels.
  ///   - width: in pixels.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// From `32x32`, height first; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let height = parts[0], let width = parts[1], Self.sides ~= height, Self.sides ~= width
    else { return nil }
    self.init(height: height, width: width)
  }

  /// `32 × 32`, height first.
  public var description: String { "\(height) × \(width)" }
}
