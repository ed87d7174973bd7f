import Configuration
import Layers

extension BatchNormStatistics {
  var mode: Pass.Mode {
    switch self {
    case .running: .evaluation
    case .batch: .batchStatistics
    }
  }
}
