import Configuration
import Studies
import SyntheticStudies
import Testing

@Suite("Trials")
struct TrialsTests {
  @Test("The product of the axes, seeds outermost, each point once")
  func order() {
    let trials = SyntheticStudy.study(ranks: [1, 2]).trials
    // 3 batches × 2 rules, less the base batch's second, × 2 seeds × 2 rank counts.
    #expect(trials.count == 5 * 2 * 2)
    #expect(Set(trials).count == trials.count)
    #expect(trials.prefix(10).allSatisfy { $0.seed == 1 })
    #expect(trials.prefix(5).allSatisfy { $0.ranks == 2 })
    #expect(trials.prefix(3).map(\.globalBatch) == [64, 256, 1024])
  }

  @Test("At the base batch every rule is the same trial")
  func canonical() {
    let trials = SyntheticStudy.study(scaling: ["linear", "sqrt"]).trials
    #expect(trials.filter { $0.globalBatch == 64 }.allSatisfy { $0.scaling == .none })
    #expect(trials.filter { $0.globalBatch == 64 }.count == 2)
    #expect(trials.filter { $0.globalBatch == 256 }.count == 4)
  }

  @Test(
    "A batch of each rank times the ranks is the global batch, and the study that is stored is the one that is read")
  func localBatches() throws {
    var study = SyntheticStudy.study(scaling: ["none"], seeds: [1], ranks: [1, 2, 3])
    study.axes[.globalBatch] = nil
    study.axes[.localBatch] = [.whole(64), .whole(128)]
    #expect(
      study.trials.map { [$0.ranks, $0.globalBatch] } == [
        [3, 192], [3, 384], [2, 128], [2, 256], [1, 64], [1, 128],
      ])
    #expect(study.trials.allSatisfy { $0.values[.localBatch] == nil })
    #expect(study.trials.compactMap { study.run(for: $0)?.microBatch } == [64, 128, 64, 128, 64, 128])
    let summary = StudySummary(study, study.trials.map { SyntheticStudy.record($0, of: study) })
    #expect(summary.missingTrials == 0 && summary.weakScaling.map(\.localBatch) == [64, 128])
    #expect(summary.weakScaling.allSatisfy { $0.entries.map(\.ranks) == [1, 2, 3] })
  }

  @Test("A value given twice on an axis is run once")
  func duplicates() {
    #expect(SyntheticStudy.study(globalBatch: [256, 256], scaling: ["none"], seeds: [1, 1]).trials.count == 1)
  }

  @Test("A trial's run has its batch, seed and rule, and a microbatch for the largest rank count")
  func run() throws {
    let study = SyntheticStudy.study(ranks: [1, 3], microBatchAtMost: 100)
    let run = try #require(study.run(for: Trial(globalBatch: 256, scaling: .linear, seed: 7, ranks: 1)))
    #expect(run.globalBatch == 256 && run.seed == 7 && run.learningRate.scaling == .linear)
    #expect(run.microBatch == 86)
    #expect(study.run(for: Trial(globalBatch: 1024, scaling: .none, seed: 7, ranks: 1))?.microBatch == 100)
    #expect(run.optimizer == study.run.optimizer)
  }

  @Test("No rank counts in the file mean all ranks of the job")
  func filled() {
    #expect(SyntheticStudy.study(ranks: nil).filled(jobRanks: 3).axes.ranks == [3])
    #expect(SyntheticStudy.study(ranks: [1, 2]).filled(jobRanks: 3).axes.ranks == [1, 2])
  }

  @Test("Nodes are whole")
  func cost() {
    let cost = SyntheticStudy.study().cost
    #expect(cost.nodes(ranks: 1) == 1 && cost.nodes(ranks: 2) == 1 && cost.nodes(ranks: 3) == 2)
    #expect(abs(cost.money(seconds: 1000, ranks: 3) - 2) < 1e-12)
  }

  @Test("Variants are an axis, and a trial's run is its variant's")
  func variants() throws {
    let study = SyntheticStudy.variants()
    #expect(study.trials.count == 2 * SyntheticStudy.study().trials.count)
    #expect(study.trials.prefix(5).allSatisfy { $0.variant == "plain" })
    var trial = study.trials[0]
    #expect(study.run(for: trial)?.optimizer.momentum == 0.9)
    trial.variant = "slow"
    #expect(study.run(for: trial)?.optimizer.momentum == 0)
    trial.variant = "unknown"
    #expect(study.run(for: trial) == nil)
  }

  @Test("A part's trials carry its name, and are run as its study says")
  func parts() throws {
    let study = SyntheticStudy.parts()
    let names = study.trials.map { $0.part ?? "none" }
    #expect(names == Array(repeating: "calls", count: 4) + Array(repeating: "batch", count: 20))
    #expect(study.trials.filter { $0.part == "calls" }.map(\.globalBatch) == [1, 5, 25, 125])
    #expect(study.trials.filter { $0.part == "calls" }.allSatisfy { $0.ranks == 1 })
    let call = try #require(study.trials.first { $0.part == "calls" && $0.globalBatch == 125 })
    // One call is one microbatch, however large.
    #expect(study.run(for: call)?.microBatch == 125)
    #expect(study.owner(of: call)?.calls != nil)
    #expect(study.owner(of: Trial(globalBatch: 1, scaling: .none, seed: 1, ranks: 1)) == nil)
    #expect(study.rankCounts == [2, 1])
    #expect(Set(study.trials).count == study.trials.count)
  }
}
