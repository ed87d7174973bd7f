import Configuration

extension StudyConfiguration {
  /// Whether it, or a part of it, follows the loss between trials.
  var interpolates: Bool { interpolation != nil || (parts ?? []).contains { $0.study.interpolates } }

  /// The trial at the other end of each of these trials' ways, whose final weights are α = 0; those that have none are left out,
  /// as that end itself.
  func wayEnds(of trials: [Trial]) -> [Trial: Trial] {
    guard interpolates else { return [:] }
    let all = Set(self.trials)
    return trials.reduce(into: [:]) { ends, trial in
      guard let study = owner(of: trial), let towards = study.interpolation?.towards else { return }
      let end = Trial(study.canonical(trial.values.moved(to: towards.values)), part: trial.part)
      if end != trial, all.contains(end) { ends[trial] = end }
    }
  }

  /// The same trials, each after the end of its way.
  func withEndsFirst(_ trials: [Trial]) -> [Trial] {
    let ends = wayEnds(of: trials)
    guard !ends.isEmpty else { return trials }
    let own = Set(trials)
    return trials.flatMap { trial in [ends[trial].flatMap { own.contains($0) ? $0 : nil }, trial].compactMap { $0 } }
      .uniqued
  }

  /// Before anything runs: there are trials at the ends of ways, of the same model as those at the others.
  ///
  /// - Throws: `StudyError`.
  func checkInterpolation() throws {
    for part in parts ?? [] {
      do { try part.study.checkInterpolation() } catch { throw StudyError("part '\(part.name)': \(error)") }
    }
    guard interpolation != nil else { return }
    let ends = wayEnds(of: trials)
    guard !ends.isEmpty else {
      throw StudyError(
        "interpolation.towards leads no trial to another one of the study: name a value of every axis that the two differ in, "
          + "such as {variant: NAME, globalBatch: \(axes[.globalBatch]?.first.map { "\($0)" } ?? "64")}")
    }
    for (trial, end) in ends where run(for: trial)?.model != run(for: end)?.model {
      throw StudyError(
        "interpolation.towards: trials of \(trial.variant.map { "variant '\($0)'" } ?? "the study") have another model than those "
          + "that they are interpolated towards\(end.variant.map { ", '\($0)'" } ?? ""): one way leads between weights of one model"
      )
    }
  }
}
