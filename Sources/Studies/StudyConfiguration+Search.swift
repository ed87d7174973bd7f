import Configuration
import Training

/// A study that searches has two phases at every place: trials of the settings, and with what was chosen by them its results, of
/// other seeds. Which results those are is known from the trials' records alone, so that a study that was stopped goes on.
extension StudyConfiguration {
  /// Where a search looks: a place of one of the study's parts, on as many ranks as there are, since they only execute it.
  struct SearchPlace: Hashable {
    let part: String?
    let values: AxisValues

    init(_ trial: Trial) { (part, values) = (trial.part, trial.values.without(.seed, .ranks)) }
  }

  /// Whether it, or a part of it, searches.
  package var searches: Bool { search != nil || (parts ?? []).contains { $0.study.search != nil } }

  /// Whether a trial tries a setting; false for what was chosen.
  package func isSearch(_ trial: Trial) -> Bool {
    guard trial.settings != nil, let search = owner(of: trial)?.search else { return false }
    return trial.seed == search.seed
  }

  /// Trials that need no other's outcome: those of settings, and all of parts that search for none.
  package var firstTrials: [Trial] {
    guard searches else { return trials }
    if let parts {
      return parts.flatMap { part in part.study.firstTrials.map { $0.placed(inPart: part.name) } }
    }
    guard let search else { return [] }
    let searched = searched
    return search.settings.flatMap { settings in
      searched.map { trial in
        var trial = trial.with(settings)
        trial.seed = search.seed
        return trial
      }
    }
  }

  /// The first result of each place where it searches: of a place's rank counts the largest.
  private var searched: [Trial] {
    var seen: Set<SearchPlace> = []
    return trials.filter { owner(of: $0)?.search != nil && seen.insert(SearchPlace($0)).inserted }
  }

  /// In the order of the results' trials; none in parts that do not search.
  var searchPlaces: [SearchPlace] { searched.map(SearchPlace.init) }

  /// What a search's records at each of its places decide.
  enum Choice: Equatable {
    /// Trials are missing.
    case open
    /// None came to its end.
    case nothing
    /// The number of a setting.
    case chosen(Int)
  }

  /// Of each place, in order, as a number: that of the chosen setting, else `open` or `nothing`.
  package func choices(_ records: [TrialRecord]) -> [Int] {
    let searching = records.filter { $0.round == nil && isSearch($0.trial) }
    let byPlace = Dictionary(grouping: searching) { SearchPlace($0.trial) }
    return searched.map { trial in
      guard let owner = owner(of: trial), let search = owner.search else { return Self.open }
      let place = SearchPlace(trial)
      switch SearchFinding(place.values, search, owner, byPlace[place] ?? []).choice {
      case .open: return Self.open
      case .nothing: return Self.nothing
      case .chosen(let number): return number
      }
    }
  }

  /// What stands for no number.
  private static let open = -1
  private static let nothing = -2

  /// The results' trials, as far as it is known with which settings they run.
  package func resultTrials(_ choices: [Int]) -> [Trial] {
    plannedResults(choices).filter { $0.settings != nil }
  }

  /// Of places without a choice yet they have no settings; where nothing can be chosen there are none.
  private func plannedResults(_ choices: [Int]) -> [Trial] {
    let searched = searched
    let choices = Dictionary(uniqueKeysWithValues: zip(searched.map(SearchPlace.init), choices))
    let tried = Dictionary(grouping: searched, by: \.part).mapValues { owner(of: $0[0])?.search?.settings ?? [] }
    return trials.compactMap { trial in
      guard let choice = choices[SearchPlace(trial)], choice != Self.nothing else { return nil }
      let settings = tried[trial.part] ?? []
      return settings.indices.contains(choice) ? trial.with(settings[choice]) : trial
    }
  }

  /// All trials, as far as they are known after these.
  package func plan(after records: [TrialRecord]) -> [Trial] { plan(searches ? choices(records) : []) }

  /// All trials, as far as they are known with these choices, of which a study that does not search has none.
  package func plan(_ choices: [Int]) -> [Trial] { searches ? firstTrials + plannedResults(choices) : trials }

  /// What the study found, each trial once: those of settings left out, and results without their settings, as trials of one place.
  /// Results of a setting that more trials replaced by another are left out.
  package func results(_ records: [TrialRecord]) -> [TrialRecord] {
    guard searches else { return records }
    let planned = Set(resultTrials(choices(records)))
    return records.compactMap { record in
      guard owner(of: record.trial)?.search != nil else { return record }
      guard planned.contains(record.trial) else { return nil }
      var record = record
      record.trial = record.trial.with(nil)
      return record
    }
  }

  /// What a share of the study takes or leaves whole: a trial, or where it searches a place with all of its trials and results, so
  /// that no job waits for another's.
  func shareUnits(_ trials: [Trial]) -> [Int] {
    guard searches else { return Array(trials.indices) }
    var (places, own, next) = ([SearchPlace: Int](), [Trial: Int](), 0)
    for trial in self.trials {
      let isSearched = owner(of: trial)?.search != nil
      if isSearched, places[SearchPlace(trial)] == nil {
        (places[SearchPlace(trial)], next) = (next, next + 1)
      } else if !isSearched {
        (own[trial], next) = (next, next + 1)
      }
    }
    return trials.map { own[$0] ?? places[SearchPlace($0)] ?? 0 }
  }
}
