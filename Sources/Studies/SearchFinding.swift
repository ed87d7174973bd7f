import Configuration
import Statistics
import Training

/// What a search found at one place of the axes, from its own trials alone.
public struct SearchFinding: OnAxes, Encodable, Equatable, Sendable {
  /// One setting that was tried.
  public struct Tried: Encodable, Equatable, Sendable {
    /// What was tried.
    public var settings: SearchSettings
    /// On the split that judges, in the unit of the study's quality; nil where the trial diverged.
    public var quality: Double?
    /// To the study's target; nil where it has none, or the trial did not reach it.
    public var updatesToTarget: Double?

    /// It counts as a trial like any other.
    public var diverged: Bool { quality == nil }
  }

  /// The place, on all axes but the seeds' and the ranks'.
  public var values: AxisValues
  /// Those that ran, in the order of the settings.
  public var tried: [Tried]
  /// Settings that did not run yet.
  public var missing: Int
  /// The index in `tried` of the setting that is taken; nil as long as trials are missing, and where none came to its end.
  public var chosen: Int?
  /// Keys whose chosen value is the least or the largest of all that were tried: a better one may lie beyond.
  public var atEdge: [String]
  /// Whether the fewest updates to the target decided, else the best quality.
  public var byTarget: Bool

  /// - Parameters:
  ///   - study: that searches; without parts.
  ///   - records: of the search's trials at this place.
  init(_ place: AxisValues, _ search: StudySearch, _ study: StudyConfiguration, _ records: [TrialRecord]) {
    let quality = JudgedQuality(
      study, hasArea: records.contains { $0.run.finalValidation?.known?.areaUnderCurve != nil })
    let bySettings = Dictionary(records.map { ($0.trial.settings, $0) }) { first, _ in first }
    let known = search.settings.compactMap { bySettings[$0] }
    values = place
    tried = known.compactMap { record in
      guard let settings = record.trial.settings else { return nil }
      let measures = record.measures(cost: study.cost, target: study.target)
      return Tried(
        settings: settings, quality: measures[quality.measure], updatesToTarget: measures[.updatesToTarget])
    }
    missing = search.trials - known.count
    byTarget = tried.contains { $0.updatesToTarget != nil }
    (chosen, atEdge) = (nil, [])
    guard missing == 0, let best = Self.best(tried, quality) else { return }
    chosen = best
    atEdge = search.ranges.map(\.key).filter { Self.isAtEdge($0, of: best, tried) }
  }

  /// The fewest updates to the target, and of equally few the best quality; where none reached it the best quality.
  private static func best(_ tried: [Tried], _ quality: JudgedQuality) -> Int? {
    let known = tried.indices.filter { !tried[$0].diverged }
    return known.min { a, b in
      let updates = (tried[a].updatesToTarget ?? .infinity, tried[b].updatesToTarget ?? .infinity)
      if updates.0 != updates.1 { return updates.0 < updates.1 }
      guard let first = tried[a].quality, let second = tried[b].quality else { return false }
      return quality.isBetter(first, second)
    }
  }

  private static func isAtEdge(_ key: String, of best: Int, _ tried: [Tried]) -> Bool {
    let values = tried.compactMap { $0.settings.values[key] }
    guard let value = tried[best].settings.values[key], let least = values.min(), let most = values.max() else {
      return false
    }
    return least < most && (value == least || value == most)
  }

  /// Of `StudyConfiguration.choices`.
  var choice: StudyConfiguration.Choice { chosen.map { .chosen($0) } ?? (missing == 0 ? .nothing : .open) }

  /// The setting that is taken.
  public var winner: Tried? { chosen.map { tried[$0] } }

  /// Trials that ended in figures that are no numbers.
  public var diverged: Int { tried.filter(\.diverged).count }
}

extension SearchFinding {
  /// At every place of a study without parts; nil where it does not search.
  static func all(_ study: StudyConfiguration, _ records: [TrialRecord]) -> [SearchFinding]? {
    guard let search = study.search else { return nil }
    let searching = records.filter { $0.round == nil && study.isSearch($0.trial) }
    let byPlace = Dictionary(grouping: searching) { $0.trial.values.without(.seed, .ranks) }
    return study.searchPlaces.map { SearchFinding($0.values, search, study, byPlace[$0.values] ?? []) }
  }
}
