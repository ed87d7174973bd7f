import Statistics
import Training

/// Figures of what a run looked at besides: gradient noise and distances.
extension TrialRecord {
  func addNoise(to measures: inout [Measure: Double]) {
    let epochs = run.epochs.compactMap(\.noise)
    measures[.noiseScale] = Self.typical(epochs.map(\.dense))
    measures[.noiseScaleTables] = Self.typical(epochs.compactMap(\.tables))
    measures[.noiseScaleAtStart] = run.noiseAtStart?.dense.noiseScale
    measures[.noiseScaleAtEnd] = epochs.last?.dense.noiseScale
  }

  /// Where ‖G‖² cannot be told from 0 the scale is larger than can be told: the median stands it.
  private static func typical(_ estimates: [NoiseEstimate]) -> Double? {
    estimates.map { $0.noiseScale ?? .infinity }.median
  }

  func addDistances(to measures: inout [Measure: Double]) {
    measures[.weightDistance] = run.finalEpoch?.weightDistance
    addNorms(run.epochs.compactMap(\.norms), to: &measures)
    guard let fit = run.distances?.fit(updatesPerEpoch: run.stepsPerEpoch) else { return }
    measures[.distanceLogarithmRSquared] = fit.logarithm.rSquared
    measures[.distanceLogarithmSlope] = fit.logarithm.slope
    measures[.distancePowerRSquared] = fit.power.rSquared
    measures[.distancePowerExponent] = fit.power.exponent
    measures[.distanceRootRSquared] = fit.root.rSquared
  }

  /// All steps of all epochs together: the variance within epochs and between them.
  private func addNorms(_ epochs: [StepNorms], to measures: inout [Measure: Double]) {
    let steps = epochs.reduce(0) { $0 + Double($1.steps) }
    guard steps > 0 else { return }
    let mean = epochs.reduce(0) { $0 + Double($1.steps) / steps * $1.updateMean }
    measures[.updateNormMean] = mean
    measures[.gradientNormTail] = epochs.map { $0.gradient.percentile99 / $0.gradient.median }.median
    guard steps > 1 else { return }
    measures[.updateNormVariance] = epochs.reduce(0) { sum, epoch in
      let within = (Double(epoch.steps) - 1) * (epoch.updateVariance ?? 0)
      let between = Double(epoch.steps) * (epoch.updateMean - mean) * (epoch.updateMean - mean)
      return sum + (within + between) / (steps - 1)
    }
  }
}
