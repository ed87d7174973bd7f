import Foundation

/// How values lie along an axis, and where its ticks are.
public struct AxisScale: Equatable, Sendable {
  /// How values become distances.
  public enum Kind: Equatable, Sendable { case linear, log2, log10 }

  /// How values become distances.
  public let kind: Kind
  /// The values at the two ends.
  public let domain: ClosedRange<Double>
  /// Between ticks, where the domain was rounded to it.
  private var roundedStep: Double?

  /// The range that can be shown, either way of 0: differences and ratios of such values, and of twice them, are numbers.
  private static let reach = 1e-100...1e100

  static func shows(_ value: Double, on kind: Kind) -> Bool {
    kind == .linear ? abs(value) <= reach.upperBound : reach.contains(value)
  }

  /// Cut to what can be shown, and widened where it is a single value, or as good as one.
  public init(_ kind: Kind, _ domain: ClosedRange<Double>) {
    self.kind = kind
    let (low, high) = (Self.cut(domain.lowerBound, kind), Self.cut(domain.upperBound, kind))
    guard high - low <= 1e-9 * max(abs(low), abs(high)) else {
      self.domain = low...high
      return
    }
    let margin = low == 0 ? 1 : abs(low) / 2
    self.domain = kind == .linear ? (low - margin)...(low + margin) : (low / 2)...(low * 2)
  }

  private static func cut(_ value: Double, _ kind: Kind) -> Double {
    if kind != .linear { return min(max(value, reach.lowerBound), reach.upperBound) }
    return abs(value) < reach.lowerBound ? 0 : min(max(value, -reach.upperBound), reach.upperBound)
  }

  /// 0 at the domain's lower end, 1 at its upper.
  public func fraction(_ value: Double) -> Double {
    let (low, high) = (transformed(domain.lowerBound), transformed(domain.upperBound))
    return (transformed(value) - low) / (high - low)
  }

  /// Round values inside the domain, at most about `count`.
  public func ticks(atMost count: Int = 6) -> [Double] {
    switch kind {
    case .linear: linearTicks(atMost: count)
    case .log2: powers(of: 2, atMost: count)
    case .log10: decades(atMost: count)
    }
  }

  /// The same kind of scale, its domain moved out to the ticks around it (linear) or left alone.
  public func rounded(atMost count: Int = 6) -> AxisScale {
    guard kind == .linear else { return self }
    let step = Self.step(domain.upperBound - domain.lowerBound, atMost: count)
    var scale = AxisScale(
      .linear,
      (domain.lowerBound / step + 1e-9).rounded(.down) * step...(domain.upperBound / step - 1e-9).rounded(.up) * step)
    scale.roundedStep = step
    return scale
  }

  /// As many decimals as it takes: the same for all on a linear axis, each its own on a logarithmic one.
  public func labels(_ ticks: [Double]) -> [String] {
    let largest = ticks.map(abs).max() ?? 0
    let decimals = ticks.map { tick in (0...9).first { abs(tick - Self.rounded(tick, $0)) <= 1e-6 * abs(tick) } ?? 9 }
    let most = decimals.max() ?? 0
    guard most <= 6 else { return ticks.map { $0 == 0 ? "0" : Format.scientific($0, digits: 3) } }
    return zip(ticks, decimals).map { tick, own in
      tick == 0 && largest > 0 ? "0" : Format.fixed(tick, kind == .linear ? most : own)
    }
  }

  private static func rounded(_ value: Double, _ decimals: Int) -> Double {
    let scale = pow(10, Double(decimals))
    return (value * scale).rounded() / scale
  }

  private func transformed(_ value: Double) -> Double {
    switch kind {
    case .linear: value
    case .log2: Foundation.log2(value)
    case .log10: Foundation.log10(value)
    }
  }

  private func linearTicks(atMost count: Int) -> [Double] {
    let step = roundedStep ?? Self.step(domain.upperBound - domain.lowerBound, atMost: count)
    let first = (domain.lowerBound / step - 1e-9).rounded(.up)
    let last = (domain.upperBound / step + 1e-9).rounded(.down)
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// 1, 2, 2.5 or 5 times a power of ten.
  private static func step(_ span: Double, atMost count: Int) -> Double {
    let rough = span / Double(max(1, count - 1))
    let power = pow(10, Foundation.log10(rough).rounded(.down))
    return [1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= rough * (1 - 1e-9) } ?? 10 * power
  }

  private func powers(of base: Double, atMost count: Int) -> [Double] {
    let first = Int((transformed(domain.lowerBound) - 1e-9).rounded(.up))
    let last = Int((transformed(domain.upperBound) + 1e-9).rounded(.down))
    guard first <= last else { return [] }
    let stride = max(1, (last - first + count) / count)
    return Swift.stride(from: first, through: last, by: stride).map { pow(base, Double($0)) }
  }

  /// Powers of ten, with 2 and 5 (or, within a decade, round linear steps) between them where there is room.
  private func decades(atMost count: Int) -> [Double] {
    let first = Int(transformed(domain.lowerBound).rounded(.down))
    let last = Int(transformed(domain.upperBound).rounded(.up))
    let inside = (domain.lowerBound * (1 - 1e-9))...(domain.upperBound * (1 + 1e-9))
    for multiples in [[1.0, 2, 5], [1, 3], [1]] {
      let ticks = (first...last).flatMap { decade in multiples.map { $0 * pow(10, Double(decade)) } }
        .filter(inside.contains)
      if ticks.count <= count + 1 && (ticks.count >= 3 || multiples.count == 1) { return ticks }
      if multiples.count == 3 && ticks.count < 3 { return linearTicks(atMost: count).filter { $0 > 0 } }
    }
    return powers(of: 10, atMost: count)
  }
}
