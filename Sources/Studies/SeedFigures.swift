import Configuration
import Foundation
import Statistics
import Training

/// Figures of a study's trials by their seed: what pairs are made of. Trials of one seed share their data's order and starting
/// weights where they can, so what the seed does to both sides of a pair falls out.
struct SeedFigures {
  let study: StudyConfiguration
  private let records: [AxisValues: [TrialRecord]]

  /// - Parameter records: in a fixed order; those that were timed again say nothing new.
  init(_ study: StudyConfiguration, _ records: [TrialRecord]) {
    self.study = study
    self.records = Dictionary(grouping: records.filter { $0.round == nil }) { $0.trial.values.without(.seed) }
  }

  /// A trial that diverged has no figure.
  func callAsFunction(_ measure: Measure, at place: StudyPoint.Place) -> [UInt64: Double] {
    let own = records[study.canonical(place.values)] ?? []
    let figures = own.compactMap { record in
      record.measures(cost: study.cost, target: study.target)[measure].map { (record.trial.seed, $0) }
    }
    return Dictionary(figures) { first, _ in first }
  }

  /// The growth of a measure for each doubling along an axis, by least squares over the axis' values: of seeds that have a
  /// figure at each of them.
  ///
  /// - Parameter place: says nothing of the axis.
  func slopes(of measure: Measure, at place: StudyPoint.Place, along axis: Axis) -> [UInt64: Double] {
    let lines = (study.axes[axis] ?? []).compactMap { value -> (doublings: Double, figures: [UInt64: Double])? in
      guard case .whole(let number) = value else { return nil }
      var values = place.values
      values[axis] = value
      return (log2(Double(number)), self(measure, at: StudyPoint.Place(values)))
    }
    let seeds = lines.first?.figures.keys.filter { seed in lines.allSatisfy { $0.figures[seed] != nil } } ?? []
    let slopes = seeds.compactMap { seed in
      LinearFit(x: lines.map(\.doublings), y: lines.compactMap { $0.figures[seed] }).map { (seed, $0.slope) }
    }
    return Dictionary(uniqueKeysWithValues: slopes)
  }
}
