import Configuration
import Foundation
import Statistics

/// How the time of a compute call grows with its examples: t(N) = a + bN, where a is the price of the call itself.
public struct CallCurve: OnAxes, Equatable, Sendable {
  /// The computation of a call.
  public enum Kind: String, Encodable, CaseIterable, Sendable {
    /// Forward.
    case prediction
    /// Forward, backward and update.
    case training

    var seconds: Measure { self == .prediction ? .predictionCallSeconds : .trainingCallSeconds }
    var cpuSeconds: Measure { self == .prediction ? .predictionCallCPUSeconds : .trainingCallCPUSeconds }
  }

  /// Calls of one size.
  public struct Point: Encodable, Equatable, Sendable {
    /// In each call.
    public var examples: Int
    /// Wall-clock of a call: medians over its repeats, estimated over seeds.
    public var seconds: Estimate
    /// CPU time of a call: means over its repeats, estimated over seeds.
    public var cpuSeconds: Estimate
    /// a ÷ (a + bN); nil where a came out below 0.
    public var overheadShare: Double?
  }

  /// The same examples in a fifth of the calls, each of five times as many.
  public struct Saving: Encodable, Equatable, Sendable {
    /// In each of the more calls.
    public var examples: Int
    /// Examples in each of the fewer calls.
    public var moreExamples: Int { examples * CallCurve.savingFactor }
    /// The share of CPU time saved: 1 − t(5N) ÷ 5t(N).
    public var measured: Double
    /// The same of a + bN.
    public var modelled: Double?
    /// Share a ÷ (a + bN) of the smaller call.
    public var overheadShare: Double?
  }

  /// How many times as many examples the fewer calls have.
  public static let savingFactor = 5

  /// The computation of the calls.
  public var kind: Kind
  /// Values on all axes of the execution but the examples of a call and the ranks.
  public var values: AxisValues
  /// Points in rising order of examples.
  public var points: [Point]
  /// Wall-clock against examples, by least relative squares.
  public var linear: LinearFit?
  /// cN^p.
  public var power: PowerFit?
  /// Wherever both sizes were timed.
  public var savings: [Saving]

  /// - Returns: nil where nothing was timed.
  init?(_ kind: Kind, _ values: AxisValues, _ places: [StudyPoint], _ records: [TrialRecord]) {
    let own = places.filter { $0.place.callCurve == values }.sorted { $0.place.globalBatch < $1.place.globalBatch }
    let trials = records.filter { $0.trial.callCurve == values }.compactMap { record in
      (kind == .prediction ? record.calls?.prediction : record.calls?.training).map {
        (Double(record.trial.globalBatch), $0.medianSeconds)
      }
    }
    self.kind = kind
    self.values = values
    let linear = LinearFit.relative(x: trials.map(\.0), y: trials.map(\.1))
    self.linear = linear
    power = PowerFit(x: trials.map(\.0), y: trials.map(\.1))
    let points = own.compactMap { place -> Point? in
      guard let seconds = place[kind.seconds], let cpu = place[kind.cpuSeconds] else { return nil }
      let share = linear?.interceptShare(at: Double(place.place.globalBatch))
      return Point(examples: place.place.globalBatch, seconds: seconds, cpuSeconds: cpu, overheadShare: share)
    }
    guard !points.isEmpty else { return nil }
    self.points = points
    savings = points.compactMap { Saving($0, among: points, linear) }
  }
}

extension OnAxes {
  /// The values that calls of one curve have in common.
  var callCurve: AxisValues { values.ofExecution.without(.globalBatch, .ranks) }
}

extension CallCurve: Encodable {
  private enum CodingKeys: String, CodingKey { case kind, points, linear, power, savings }

  /// The values beside the figures.
  public func encode(to encoder: any Encoder) throws {
    try values.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try container.encode(points, forKey: .points)
    try container.encodeIfPresent(linear, forKey: .linear)
    try container.encodeIfPresent(power, forKey: .power)
    try container.encode(savings, forKey: .savings)
  }
}

extension CallCurve.Saving {
  fileprivate init?(_ small: CallCurve.Point, among points: [CallCurve.Point], _ linear: LinearFit?) {
    let factor = CallCurve.savingFactor
    let (examples, isTooMany) = small.examples.multipliedReportingOverflow(by: factor)
    guard !isTooMany, let large = points.first(where: { $0.examples == examples }), small.cpuSeconds.value > 0 else {
      return nil
    }
    self.examples = small.examples
    measured = 1 - large.cpuSeconds.value / (Double(factor) * small.cpuSeconds.value)
    modelled = linear.map { 1 - $0(Double(large.examples)) / (Double(factor) * $0(Double(small.examples))) }
    overheadShare = small.overheadShare
  }
}

/// A figure of a call curve that a claim can ask for: `prediction.saving`.
public enum CallFigure: String, CaseIterable, Sendable {
  /// a, in seconds.
  case overheadSeconds
  /// b.
  case secondsPerExample
  /// R² of the line.
  case linearRSquared
  /// p of cN^p.
  case exponent
  /// R² of the power.
  case powerRSquared
  /// At a place's examples per call.
  case overheadShare
  /// At a place's examples per call, as measured.
  case saving
  /// As measured, where the fit's overhead is nearest to three fifths.
  case savingAtLargeOverhead
  /// Over all pairs: the largest distance between the saving that was measured and that of the fit.
  case savingMiss
  /// Over neighbouring sizes: the largest ratio of the time per example to that of the smaller call. Below 1: it falls.
  case timePerExampleGrowth

  /// - Parameter examples: nil for any, where the figure depends on it.
  func value(of curve: CallCurve, examples: Int?) -> Double? {
    switch self {
    case .overheadSeconds: curve.linear?.intercept
    case .secondsPerExample: curve.linear?.slope
    case .linearRSquared: curve.linear?.rSquared
    case .exponent: curve.power?.exponent
    case .powerRSquared: curve.power?.rSquared
    case .overheadShare: curve.points.first { $0.examples == examples }?.overheadShare
    case .saving: curve.savings.first { $0.examples == examples }?.measured
    case .savingAtLargeOverhead: curve.savingNearest(overheadShare: 0.6)
    case .savingMiss: curve.savings.compactMap { saving in saving.modelled.map { abs($0 - saving.measured) } }.max()
    case .timePerExampleGrowth:
      zip(curve.points, curve.points.dropFirst()).map { small, large in
        large.seconds.value / Double(large.examples) / (small.seconds.value / Double(small.examples))
      }.max()
    }
  }
}

extension CallCurve {
  fileprivate func savingNearest(overheadShare wanted: Double) -> Double? {
    savings.compactMap { saving in saving.overheadShare.map { (abs($0 - wanted), saving.measured) } }
      .min { $0.0 < $1.0 }?.1
  }
}
