import Foundation
import Studies
import Testing
import Training

extension CommandTests {
  /// `lockstep sharpness` and `lockstep interpolate` on runs of a second.
  @Suite(.serialized) struct Landscape {
    private static let small =
      "--set model.widths=[12,8] --set model.batchNorm=true --set model.dropout=0.2 --set data.limit=600 --set globalBatch=60"
      + " --set epochs=2"
    private static let quick = "--subspace 5 --iterations 2 --hessian-iterations 2 --epsilon 1e-3 --quiet"

    private struct Row {
      var cells: [String: String]
      subscript(_ column: String) -> Double? { cells[column].flatMap { Double($0) } }
    }

    /// Texts with commas, such as commands, stand behind all that is looked at.
    private func rows(_ folder: TemporaryFolder, _ name: String) -> [Row] {
      let lines = folder.text(of: name).components(separatedBy: "\r\n").map { $0.components(separatedBy: ",") }
      return lines.dropFirst().filter { $0.count >= lines[0].count }.map { line in
        Row(cells: Dictionary(zip(lines[0], line), uniquingKeysWith: { first, _ in first }))
      }
    }

    @Test func sharpnessOnAnyRanksIsThatOfOne() throws {
      let (_, run) = try train(ranks: 1, Self.small)
      let found = try [1, 3].map { ranks in
        let folder = try TemporaryFolder()
        let result = try Shell.lockstep(
          ranks: ranks, "sharpness \(run.path) \(Self.quick) --batch 250 --output \(folder.path)")
        try #require(result.status == 0, "\(result.text)")
        #expect(result.output.contains("statistics of each batch of 200"), "\(result.text)")
        #expect(Shell.fileExists(folder.file("sharpness.json")))
        return rows(folder, "sharpness.csv")
      }
      try #require(found[0].count == 2 && found[1].count == 2)
      for (one, many) in zip(found[0], found[1]) {
        for column in ["loss", "phi", "phiBySigns", "adaptiveSharpness", "topEigenvalue", "gradientNorm"] {
          let (a, b) = (try #require(one[column]), try #require(many[column]))
          #expect(b != 0 && abs(a - b) < 1e-2 * abs(b), "\(column): \(a) and \(b)")
        }
        #expect(one["iterations"] == 2 && one["samples"] == 600 && one["batch"] == 200)
      }
      #expect(found[0][0]["dimensions"] == nil && found[0][1]["dimensions"] == 5)
    }

    @Test func interpolationsEndsAreWhatEvaluateSays() throws {
      let runs = try [1, 2].map { try train(ranks: 1, "\(Self.small) --set seed=\($0)").folder }
      for (ranks, statistics) in [(1, "running"), (2, "batch")] {
        let folder = try TemporaryFolder()
        let result = try Shell.lockstep(
          ranks: ranks,
          "interpolate \(runs[0].path) \(runs[1].path) --points 4 --curved --statistics \(statistics) --output \(folder.path)"
        )
        try #require(result.status == 0, "\(result.text)")
        for file in ["report.html", "report.md", "interpolation.json", "figures/interpolation-straight-1.svg"] {
          #expect(Shell.fileExists(folder.file(file)), "\(file)")
        }
        let places = rows(folder, "interpolation.csv")
        #expect(places.map { $0["alpha"] } == [-1, 0, 1, 2, -1, 0, 1, 2])
        guard statistics == "running" else { continue }
        for (place, run) in [(2, runs[0]), (1, runs[1])] {
          let quality = try RunRecord.read(run.file("run.json")).epochs.last?.validation
          let loss = try #require(quality?.loss)
          #expect(abs(try #require(places[place]["testLoss"]) - loss) < 1e-6 * loss)
          #expect(places[place]["testAccuracy"] == quality?.accuracy)
        }
      }
    }

    @Test func aStudyLooksAroundItsTrialsByOneFunction() throws {
      let folder = try TemporaryFolder()
      let look = "--set 'sharpness={subspace: 3, iterations: 2, hessianIterations: 2, epsilon: [0.01]}'"
      let result = try Shell.lockstep(
        ranks: 2, "\(smallStudy) --set axes.seed=[1] --set run.epochs=1 \(look) --output \(folder.path)")
      try #require(result.status == 0, "\(result.text)")
      let records = try StoredStudy(folder: folder.path).records
      try #require(records.count == 3)
      for record in records {
        let figures = try #require(record.sharpness)
        #expect(figures.keskar.map(\.dimensions) == [nil, 3] && figures.keskar[0].iterations == 2)
        // Without dropout, of the final weights: no running mean of the epoch.
        #expect(figures.loss > 0 && figures.loss < record.run.epochs[0].training.loss)
      }
      let trials = rows(folder, "results.csv")
      #expect(trials.map { $0["sharpness"] } == records.map { $0.sharpness?.keskar[0].phi })
      #expect(trials.allSatisfy { $0["topEigenvalue"] != nil && $0["adaptiveSharpness"] != nil })
      // Without the section, the same trials are kept, and those to come are not looked at.
      let more = try Shell.lockstep(
        ranks: 2, "\(smallStudy) --set axes.seed=[1,2] --set run.epochs=1 --output \(folder.path)")
      #expect(more.status == 0, "\(more.text)")
      #expect(try StoredStudy(folder: folder.path).records.count { $0.sharpness == nil } == 3)
    }

    private static let way = "--set 'interpolation={towards: {globalBatch: 64, scaling: none}, points: 4}'"

    private static func order(_ trial: Trial) -> String { "\(trial.seed) \(trial.globalBatch) \(trial.scaling)" }

    @Test func aStudyFollowsTheWayBetweenItsTrials() throws {
      let found = try [1, 3].map { ranks in
        let folder = try TemporaryFolder()
        let result = try Shell.lockstep(
          ranks: ranks,
          "\(smallStudy) --set axes.seed=[1,2] --set axes.ranks=[\(ranks)] --set microBatchAtMost=20 --set run.evaluation.trainingSet=true --set run.execution.summation=reproducible"
            + " \(Self.way) --output \(folder.path)")
        try #require(result.status == 0, "\(result.text)")
        let records = try StoredStudy(folder: folder.path).records
        for record in records where record.trial.globalBatch != 64 {
          let end = try #require(records.first { $0.trial.globalBatch == 64 && $0.trial.seed == record.trial.seed })
          let places = try #require(record.interpolation).places
          #expect(places.map(\.alpha) == [-1, 0, 1, 2])
          // The ends are the two runs: without batch norm and dropout a model is one function.
          for (place, run) in [(places[1], end.run), (places[2], record.run)] {
            let loss = try #require(run.finalTraining?.loss)
            #expect(abs(place.training.loss - loss) < 1e-5 * loss)
            #expect(place.heldOut.accuracy == run.finalValidation?.accuracy)
          }
        }
        let trials = rows(folder, "results.csv")
        #expect(trials.allSatisfy { ($0["lossBarrier"] == nil) == ($0["globalBatch"] == 64) })
        #expect(folder.text(of: "report.html").contains("Interpolation"))
        return records.sorted { Self.order($0.trial) < Self.order($1.trial) }.compactMap(\.interpolation)
      }
      try #require(found[0].count == 4 && found[0].count == found[1].count)
      for (one, many) in zip(found[0], found[1]) {
        for (a, b) in zip(one.places, many.places) {
          #expect(abs(a.training.loss - b.training.loss) < 1e-6 * a.training.loss)
        }
      }
    }

    @Test func weightsAtTheOtherEndMustBeThere() throws {
      let folder = try TemporaryFolder()
      let study = "\(smallStudy) --set run.epochs=1 --output \(folder.path)"
      let first = try Shell.lockstep(ranks: 1, "\(study) --set axes.seed=[1] \(Self.way)")
      try #require(first.status == 0, "\(first.text)")
      try FileManager.default.removeItem(at: folder.file("weights"))
      let added = try Shell.lockstep(
        ranks: 1, "\(study) --set axes.seed=[1] --set 'axes.globalBatch=[64,256,512]' \(Self.way)")
      expectOneError(added, ["weights/", "is missing", "give another folder"])
      for (towards, words) in [
        ("{globalBatch: 65}", "leads no trial to another one"), ("{globalBatch: 64, ranks: 3}", "leads no trial"),
      ] {
        let other = try TemporaryFolder()
        let result = try Shell.lockstep(
          ranks: 1, "\(smallStudy) --set 'interpolation={towards: \(towards)}' --output \(other.path)")
        expectOneError(result, [words])
      }
      let share = try Shell.lockstep(ranks: 1, "\(study) \(Self.way) --share 1/2")
      expectOneError(share, ["--share", "as one job"])
    }

    @Test func differentModelsAreNamedByTheFirstLayer() throws {
      let runs = try [8, 9].map {
        try train(ranks: 1, "\(Self.small) --set 'model.widths=[12,\($0)]'").folder
      }
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 2, "interpolate \(runs[0].path) \(runs[1].path) --quiet --output \(folder.path)")
      expectOneError(result, [runs[0].path, runs[1].path, "the first layer that differs is dense2", "one model"])
    }

    @Test func weightsThatAreNotFiniteAreRefused() throws {
      let (_, run) = try train(ranks: 1, Self.small)
      // Whatever made them so: without manifest and hash the file is taken as it is.
      var weights = try Data(contentsOf: run.file("weights.safetensors"))
      weights.replaceSubrange(weights.count - 4..<weights.count, with: [0, 0, 0xC0, 0x7F])
      try weights.write(to: run.file("weights.safetensors"))
      try FileManager.default.removeItem(at: run.file("manifest.json"))
      let model = try JSONSerialization.jsonObject(with: Data(contentsOf: run.file("model.json")))
      var described = try #require(model as? [String: Any])
      described["weightsSHA256"] = nil
      try JSONSerialization.data(withJSONObject: described).write(to: run.file("model.json"))
      let result = try Shell.lockstep(ranks: 2, "sharpness \(run.path) \(Self.quick)")
      expectOneError(result, [run.path, "the weights are not finite", "holds nan at place", "evaluation.keep best"])
    }

    @Test func resultsOfOthersAreNotReplaced() throws {
      let (_, run) = try train(ranks: 1, Self.small)
      for command in ["sharpness \(run.path)", "interpolate \(run.path) \(run.path)"] {
        let result = try Shell.lockstep(ranks: 1, "\(command) --quiet --output \(run.path)")
        expectOneError(result, ["holds a model", "another --output"])
      }
    }

    @Test(arguments: [
      ("sharpness nowhere", "nowhere/model.json: cannot be read"), ("sharpness x --epsilon 0", "--epsilon is 0"),
      ("sharpness x --iterations 0", "--iterations is 0, but must be from 1"),
      ("sharpness x --rho -1", "--rho"), ("sharpness x --subspace 0 --subspace-only", "leaves nothing"),
      ("sharpness x --statistics running --batch 5", "--batch means nothing"),
      ("sharpness x --statistics mean", "mean"), ("sharpness x --batch 0", "--batch is 0"),
      ("interpolate x y --points 1 --output z", "--points is 1, but must be from 2"),
    ])
    func wrongFlags(_ command: String, _ words: String) throws {
      expectOneError(try Shell.lockstep(ranks: 2, command), [words])
    }
  }
}
