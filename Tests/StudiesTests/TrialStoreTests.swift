import Configuration
import Files
import Foundation
import Studies
import SyntheticStudies
import Testing

@Suite("Trial store")
struct TrialStoreTests {
  @Test("A new folder holds the study; finished trials are there after reopening")
  func resume() throws {
    try inFolder { folder in
      let study = SyntheticStudy.study()
      do {
        let store = try TrialStore(folder: folder + "/a/b", study: study)
        #expect(store.remaining == study.trials)
        try store.append(SyntheticStudy.record(study.trials[0], of: study))
        try store.append(SyntheticStudy.diverged(study.trials[1], of: study))
      }
      let store = try TrialStore(folder: folder + "/a/b", study: study)
      #expect(store.finished == Set(study.trials.prefix(2)))
      #expect(store.remaining == Array(study.trials.dropFirst(2)))
      #expect(store.notices.isEmpty)
      let stored = try StoredStudy(folder: folder + "/a/b")
      #expect(stored.study == study)
      #expect(stored.records.count == 2)
      #expect(stored.records[1].run.outcome == .diverged(step: 3, rank: 0, reason: "loss is not finite"))
    }
  }

  @Test("A torn last line is cut off with a notice, everything else is kept")
  func tornLine() throws {
    try inFolder { folder in
      let study = try write(3, in: folder)
      let path = folder + "/trials.jsonl"
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      try whole.dropLast(200).write(to: URL(fileURLWithPath: path))
      #expect(try StoredStudy(folder: folder).records.count == 2)
      #expect(try StoredStudy(folder: folder).notices.count == 1)
      do {
        let store = try TrialStore(folder: folder, study: study)
        #expect(store.notices.first?.contains("trials.jsonl:3") == true)
        #expect(store.finished.count == 2)
        try store.append(SyntheticStudy.record(study.trials[2], of: study))
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
      #expect(try TrialStore(folder: folder, study: study).notices.isEmpty)
    }
  }

  @Test("A last line that lacks only its line end is kept")
  func missingLineEnd() throws {
    try inFolder { folder in
      let study = try write(2, in: folder)
      let path = folder + "/trials.jsonl"
      try Data(contentsOf: URL(fileURLWithPath: path)).dropLast().write(to: URL(fileURLWithPath: path))
      do {
        let store = try TrialStore(folder: folder, study: study)
        #expect(store.finished.count == 2 && store.notices.isEmpty)
        try store.append(SyntheticStudy.record(study.trials[2], of: study))
      }
      #expect(try StoredStudy(folder: folder).records.count == 3)
    }
  }

  @Test("Another study's results are refused, with what differs and the remedy")
  func otherStudy() throws {
    try inFolder { folder in
      try write(1, in: folder)
      let error = #expect(throws: StudyError.self) {
        _ = try TrialStore(folder: folder, study: SyntheticStudy.study(momentum: 0.5))
      }
      #expect(error?.description.contains("run.optimizer.momentum is 0.9 there and 0.5 here") == true)
      #expect(error?.description.contains("--output") == true)
    }
  }

  @Test("A study without results gives way to another, unless jobs share it")
  func withoutResults() throws {
    try inFolder { folder in
      let other = SyntheticStudy.study(momentum: 0.5)
      _ = try TrialStore(folder: folder, study: SyntheticStudy.study())
      #expect(throws: StudyError.self) { _ = try TrialStore(folder: folder, study: other, share: StudyShare("1/2")) }
      #expect(try TrialStore(folder: folder, study: other).remaining == other.trials)
      #expect(try StoredStudy(folder: folder).study == other)
    }
  }

  @Test("More seeds and batches, another price, another target and another name are the same study")
  func extended() throws {
    try inFolder { folder in
      try write(1, in: folder)
      let wider = SyntheticStudy.study(
        name: "wider", globalBatch: [64, 256, 1024, 4096], seeds: [1, 2, 3], price: 9, target: 0.7)
      let store = try TrialStore(folder: folder, study: wider)
      #expect(store.finished.count == 1)
      #expect(store.remaining.count == wider.trials.count - 1)
      #expect(try StoredStudy(folder: folder).study == wider)
    }
  }

  @Test("Variants and parts may come and go; one that changed is another study")
  func variantsAndParts() throws {
    try inFolder { folder in
      let study = SyntheticStudy.parts()
      let records = SyntheticStudy.partRecords(of: study)
      do {
        let store = try TrialStore(folder: folder, study: study)
        for record in records.prefix(6) { try store.append(record) }
      }
      let back = try StoredStudy(folder: folder)
      #expect(back.study == study && back.records[0].calls == records[0].calls)
      var shorter = study
      shorter.parts?.removeFirst()
      #expect(try TrialStore(folder: folder, study: shorter).remaining.count == shorter.trials.count - 2)
      var grown = study
      grown.parts?[1].study.variants?.append(StudyVariant(name: "third", run: study.run))
      #expect(try TrialStore(folder: folder, study: grown).remaining.count == grown.trials.count - 6)
      var changed = study
      changed.parts?[1].study.variants?[1].run.optimizer.momentum = 0.5
      let error = #expect(throws: StudyError.self) { _ = try TrialStore(folder: folder, study: changed) }
      #expect(
        error?.description.contains("parts.batch.variants.slow.optimizer.momentum is 0 there and 0.5 here") == true)
    }
  }

  @Test("A larger rank count that would change finished trials' microbatches is refused")
  func moreRanks() throws {
    try inFolder { folder in
      try write(1, in: folder)
      let error = #expect(throws: StudyError.self) {
        _ = try TrialStore(folder: folder, study: SyntheticStudy.study(ranks: [2, 4]))
      }
      #expect(error?.description.contains("microbatches of 32") == true)
      // One rank less changes nothing: the largest count is still 2.
      _ = try TrialStore(folder: folder, study: SyntheticStudy.study(ranks: [1, 2]))
    }
  }

  @Test("A malformed line in the middle names file and line")
  func malformed() throws {
    try inFolder { folder in
      let study = try write(3, in: folder)
      let path = folder + "/trials.jsonl"
      var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
      lines[1] = #"{"trial": {"globalBatch": 64}}"#
      try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
      let error = #expect(throws: ConfigurationError.self) { _ = try TrialStore(folder: folder, study: study) }
      #expect(error?.description.contains("trials.jsonl:2: missing key 'trial.scaling'") == true)
    }
  }

  @Test("A trial that is there twice is an error")
  func twice() throws {
    try inFolder { folder in
      let study = try write(1, in: folder)
      let path = folder + "/trials.jsonl"
      let line = try String(contentsOfFile: path, encoding: .utf8)
      try (line + line).write(toFile: path, atomically: true, encoding: .utf8)
      let error = #expect(throws: StudyError.self) { _ = try TrialStore(folder: folder, study: study) }
      #expect(error?.description.contains("trials.jsonl:2: the same trial is already on line 1") == true)
    }
  }

  @Test("Results without their study, and an edited study, are errors")
  func unknownOrEdited() throws {
    try inFolder { folder in
      let study = try write(1, in: folder)
      let path = folder + "/study.json"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try text.replacingOccurrences(of: #""momentum" : 0.9"#, with: #""momentum" : 0.8"#)
        .write(toFile: path, atomically: true, encoding: .utf8)
      let edited = #expect(throws: StudyError.self) { _ = try TrialStore(folder: folder, study: study) }
      #expect(edited?.description.contains("changed by hand") == true)
      try FileManager.default.removeItem(atPath: path)
      let lost = #expect(throws: StudyError.self) { _ = try TrialStore(folder: folder, study: study) }
      #expect(lost?.description.contains("without study.json") == true)
      let report = #expect(throws: StudyError.self) { _ = try StoredStudy(folder: folder) }
      #expect(report?.description.contains("holds no study.json") == true)
    }
  }

  @Test("Shares are every trial once; each is kept apart and known to all")
  func shares() throws {
    try inFolder { folder in
      let study = SyntheticStudy.study()
      let shares = try (1...3).map { try StudyShare("\($0)/3") }
      do {
        let stores = try shares.map { try TrialStore(folder: folder, study: study, share: $0) }
        #expect(stores.flatMap(\.remaining).count == study.trials.count)
        #expect(Set(stores.flatMap(\.remaining)) == Set(study.trials))
        #expect(stores.allSatisfy { abs($0.trials.count - study.trials.count / 3) <= 1 })
        for store in stores.dropLast() {
          for trial in store.remaining { try store.append(SyntheticStudy.record(trial, of: study)) }
        }
        // Neither the whole study nor a share that runs can be had twice.
        #expect(throws: FileError.self) { _ = try TrialStore(folder: folder, study: study) }
        #expect(throws: FileError.self) { _ = try TrialStore(folder: folder, study: study, share: shares[0]) }
        withExtendedLifetime(stores) {}
      }
      #expect(try StoredStudy(folder: folder).missing.count == study.trials.count / 3)
      // Whoever goes on, in whichever way the rest is shared, does what is left.
      let half = try TrialStore(folder: folder, study: study, share: StudyShare("2/2"))
      #expect(half.remaining.count < half.trials.count)
      try half.remaining.forEach { try half.append(SyntheticStudy.record($0, of: study)) }
      let rest = try StoredStudy(folder: folder).missing
      #expect(try TrialStore(folder: folder, study: study, share: StudyShare("1/2")).remaining == rest)
      _ = half
    }
  }

  @Test("A study without shares goes on with the rest, and the results are one")
  func sharesAndWhole() throws {
    try inFolder { folder in
      let study = SyntheticStudy.study()
      do {
        let share = try TrialStore(folder: folder, study: study, share: StudyShare("2/2"))
        for trial in share.remaining { try share.append(SyntheticStudy.record(trial, of: study)) }
      }
      let whole = try TrialStore(folder: folder, study: study)
      #expect(whole.remaining.count + whole.finished.count == study.trials.count && !whole.finished.isEmpty)
      for trial in whole.remaining { try whole.append(SyntheticStudy.record(trial, of: study)) }
      let stored = try StoredStudy(folder: folder)
      #expect(stored.missing.isEmpty && stored.records.count == study.trials.count)
      // Run twice, by jobs that shared the study in different ways at the same time: it counts once.
      let lines = try String(contentsOfFile: folder + "/trials.jsonl", encoding: .utf8)
      try lines.write(toFile: folder + "/share-2-of-2/trials.jsonl", atomically: true, encoding: .utf8)
      #expect(try StoredStudy(folder: folder).records.count == whole.trials.count - study.trials.count / 2)
    }
  }

  @Test("A share that is none", arguments: ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1/100001", "/"])
  func noShare(text: String) {
    let error = #expect(throws: StudyError.self) { _ = try StudyShare(text) }
    #expect(error?.description.contains("such as 2/4") == true)
  }

  @Test("Two studies cannot write to one folder at a time")
  func locked() throws {
    try inFolder { folder in
      let study = SyntheticStudy.study()
      let first = try TrialStore(folder: folder, study: study)
      let error = #expect(throws: FileError.self) { _ = try TrialStore(folder: folder, study: study) }
      #expect(error?.description.contains("in use by process \(getpid()) on ") == true)
      withExtendedLifetime(first) {}
    }
  }

  @Test("A file in the folder's way is an error with a remedy")
  func fileInTheWay() throws {
    try inFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      let error = #expect(throws: FileError.self) {
        _ = try TrialStore(folder: folder + "/file/out", study: SyntheticStudy.study())
      }
      #expect(error?.description.contains("/file/out: Not a directory; a file is in the way") == true)
    }
  }

  @Test("Figures that are not finite survive the file")
  func notFinite() throws {
    try inFolder { folder in
      let study = SyntheticStudy.study()
      var record = SyntheticStudy.record(study.trials[0], of: study)
      record.run.epochs[0].training.loss = .nan
      record.run.epochs[1].training.loss = .infinity
      try TrialStore(folder: folder, study: study).append(record)
      let back = try #require(StoredStudy(folder: folder).records.first)
      #expect(back.run.epochs[0].training.loss.isNaN)
      #expect(back.run.epochs[1].training.loss == .infinity)
    }
  }

  @discardableResult
  private func write(_ count: Int, in folder: String) throws -> StudyConfiguration {
    let study = SyntheticStudy.study()
    let store = try TrialStore(folder: folder, study: study)
    for trial in study.trials.prefix(count) { try store.append(SyntheticStudy.record(trial, of: study)) }
    return study
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }
}
