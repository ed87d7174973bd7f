import Configuration
import Foundation

/// The update rules as PyTorch's documentation writes them, in doubles, one number at a time.
struct ReferenceOptimizer {
  let configuration: OptimizerConfiguration
  private var updates = 0
  private var first: [Double]
  private var second: [Double]

  init(_ configuration: OptimizerConfiguration, count: Int) {
    self.configuration = configuration
    first = Array(repeating: 0, count: count)
    second = first
  }

  mutating func update(_ weights: inout [Double], _ gradients: [Double], learningRate: Double) {
    updates += 1
    let gradients = clipped(gradients)
    for index in weights.indices {
      switch configuration.kind {
      case .sgd: descend(&weights[index], gradients[index], learningRate, index)
      case .lars, .lamb: preconditionFailure("they have references of their own, in LARSTests and LAMBTests")
      case .adam, .adamw: adam(&weights[index], gradients[index], learningRate, index)
      }
    }
  }

  private func clipped(_ gradients: [Double]) -> [Double] {
    guard let limit = configuration.clipNorm else { return gradients }
    let norm = gradients.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return gradients.map { $0 * min(1, limit / (norm + 1e-6)) }
  }

  private mutating func descend(_ weight: inout Double, _ gradient: Double, _ rate: Double, _ index: Int) {
    let gradient = gradient + configuration.weightDecay * weight
    first[index] = configuration.momentum * first[index] + gradient
    let step = configuration.nesterov ? gradient + configuration.momentum * first[index] : first[index]
    weight -= rate * step
  }

  private mutating func adam(_ weight: inout Double, _ gradient: Double, _ rate: Double, _ index: Int) {
    var gradient = gradient
    if configuration.kind == .adam {
      gradient += configuration.weightDecay * weight
    } else {
      weight -= rate * configuration.weightDecay * weight
    }
    let (beta1, beta2) = (configuration.beta1, configuration.beta2)
    first[index] = beta1 * first[index] + (1 - beta1) * gradient
    second[index] = beta2 * second[index] + (1 - beta2) * gradient * gradient
    let mean = first[index] / (1 - pow(beta1, Double(updates)))
    let square = second[index] / (1 - pow(beta2, Double(updates)))
    weight -= rate * mean / (square.squareRoot() + configuration.epsilon)
  }
}
