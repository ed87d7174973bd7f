extension RunConfiguration {
  /// Where global batches begin, each another than the one before; the first in epoch 0, and all within the run's epochs.
  public var batchStages: [(firstEpoch: Int, globalBatch: Int)] {
    var stages = [(firstEpoch: 0, globalBatch: globalBatch)]
    for epoch in batchSchedule?.milestones ?? [] where epoch < epochs {
      let batch = globalBatch(inEpoch: epoch)
      if batch != stages.last?.globalBatch { stages.append((epoch, batch)) }
    }
    return stages
  }

  /// Samples of an update in an epoch, from 0.
  public func globalBatch(inEpoch epoch: Int) -> Int {
    batchSchedule.map { $0.globalBatch(globalBatch, after: $0.milestones(passedIn: epoch)) } ?? globalBatch
  }

  /// What the batch's schedule multiplies the rate of an epoch by, besides the rate's own.
  public func rateFactor(inEpoch epoch: Int) -> Double {
    batchSchedule.map { $0.rateFactor(globalBatch, after: $0.milestones(passedIn: epoch)) } ?? 1
  }
}

extension ConfigurationNode {
  /// A run whose global batch may be a section, `{base: 128, milestones: [60], factor: 5}`: then `base` is the batch, and all
  /// else is `batchSchedule`.
  func withPlainGlobalBatch() throws -> ConfigurationNode {
    guard case .section(var entries) = content,
      let index = entries.firstIndex(where: { $0.key == RunKey.globalBatch.rawValue }),
      case .section(let parts) = entries[index].value.content
    else { return self }
    let schedule = RunKey.batchSchedule.rawValue
    if let other = entries.first(where: { $0.key == schedule }) {
      throw ConfigurationError(
        other.place, "'\(pathOf(schedule))' stands beside a section '\(entries[index].value.path)': give one of the two"
      )
    }
    var rest = entries.remove(at: index)
    rest.key = schedule
    rest.value.content = .section(parts.filter { $0.key != "base" })
    entries +=
      [rest]
      + parts.filter { $0.key == "base" }.map { base in
        Entry(key: RunKey.globalBatch.rawValue, place: base.place, value: base.value)
      }
    var plain = self
    plain.content = .section(entries)
    return plain
  }
}
