import Buffers
import Configuration
import Foundation

/// The update rules of one table as their papers write them, in doubles, one number at a time.
struct ReferenceTableOptimizer {
  let configuration: TablesConfiguration
  let width: Int
  let l2: Double
  private var updates = 0.0
  private var first: [Double]
  private var second: [Double]

  init(_ configuration: TablesConfiguration, l2: Double, start: [Double], width: Int) {
    self.configuration = configuration
    self.l2 = l2
    self.width = width
    first = Array(repeating: 0, count: start.count)
    second = first
    switch configuration.optimizer {
    case .adagrad: first = first.map { _ in configuration.initialAccumulator }
    case .rowwiseAdagrad: first = first.map { _ in configuration.initialAccumulator }
    case .ftrl: second = second.map { _ in configuration.initialAccumulator }
    case .sgd, .adam, .lazyAdam: break
    }
  }

  mutating func update(
    _ weights: inout [Double], ids: [Int], gradients: [Double], occurrences: [Int], rate: Double, scale: Double
  ) {
    updates += 1
    var dense: [Int: [Double]] = [:]
    for (number, id) in ids.enumerated() {
      let row = Array(weights[id * width..<(id + 1) * width])
      let isClosed = configuration.optimizer == .ftrl
      let raw = (0..<width).map { scale * gradients[number * width + $0] + (isClosed ? 0 : l2 * row[$0]) }
      dense[id] = clipped(raw, row, occurrences[number])
    }
    let touched = configuration.optimizer == .adam ? Array(0..<weights.count / width) : ids
    for id in touched {
      let pull = configuration.l2Rows == .all ? l2 : 0
      update(&weights, id, dense[id] ?? weights[id * width..<(id + 1) * width].map { pull * $0 }, rate)
    }
  }

  private func clipped(_ gradient: [Double], _ weights: [Double], _ occurrences: Int) -> [Double] {
    guard let clip = configuration.cowClip, width > 1 else { return gradient }
    func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let floor = clip.ratio * Double(width).squareRoot() * clip.floor
    let limit = clip.ratio * max(norm(weights), floor) * Double(occurrences)
    return gradient.map { $0 * min(1, limit / norm(gradient)) }
  }

  private mutating func update(_ weights: inout [Double], _ id: Int, _ gradient: [Double], _ rate: Double) {
    let meanSquare = gradient.reduce(0) { $0 + $1 * $1 } / Double(width)
    for column in 0..<width {
      let (place, g) = (id * width + column, gradient[column])
      switch configuration.optimizer {
      case .sgd: weights[place] -= rate * g
      case .adagrad, .rowwiseAdagrad:
        first[place] += configuration.optimizer == .adagrad ? g * g : meanSquare
        weights[place] -= rate * g / (first[place].squareRoot() + configuration.epsilon)
      case .adam, .lazyAdam: adam(&weights[place], place, g, rate)
      case .ftrl: follow(&weights[place], place, g, rate)
      }
    }
  }

  private mutating func adam(_ weight: inout Double, _ place: Int, _ g: Double, _ rate: Double) {
    let (beta1, beta2) = (configuration.beta1, configuration.beta2)
    first[place] = beta1 * first[place] + (1 - beta1) * g
    second[place] = beta2 * second[place] + (1 - beta2) * g * g
    let (one, two) = (1 - pow(beta1, updates), 1 - pow(beta2, updates))
    if configuration.optimizer == .adam {
      weight -= rate * first[place] / one / ((second[place] / two).squareRoot() + configuration.epsilon)
    } else {
      weight -= rate * two.squareRoot() / one * first[place] / (second[place].squareRoot() + configuration.epsilon)
    }
  }

  private mutating func follow(_ weight: inout Double, _ place: Int, _ g: Double, _ alpha: Double) {
    func curvature(_ n: Double) -> Double { (configuration.beta + n.squareRoot()) / alpha + l2 }
    func sign(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : 0 }
    if first[place] == 0, second[place] == configuration.initialAccumulator {
      first[place] = -(weight * curvature(second[place]) + sign(weight) * configuration.l1)
    }
    let sigma = ((second[place] + g * g).squareRoot() - second[place].squareRoot()) / alpha
    first[place] += g - sigma * weight
    second[place] += g * g
    let z = first[place]
    weight = abs(z) <= configuration.l1 ? 0 : -(z - sign(z) * configuration.l1) / curvature(second[place])
  }
}
