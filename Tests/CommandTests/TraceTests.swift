import Foundation
import StoredFiles
import Testing
import Training

extension CommandTests {
  @Suite(.serialized) struct Traces {
    private static let run =
      "--set globalBatch=64 --set microBatch=16 --set model.widths=[64,32] --set steps=12 "
      + "--set execution.bucketBytes=65536"

    /// An event as any reader of the format sees it.
    private struct Event {
      let phase, name, category: String
      let process, track: Int
      /// In microseconds.
      let start, end: Double
      let id: String?
      let step: Int?

      init(_ fields: [String: Any]) throws {
        phase = try #require(fields["ph"] as? String)
        name = try #require(fields["name"] as? String)
        category = fields["cat"] as? String ?? ""
        process = try #require(fields["pid"] as? Int)
        track = try #require(fields["tid"] as? Int)
        start = fields["ts"] as? Double ?? 0
        end = start + (fields["dur"] as? Double ?? 0)
        id = (fields["id2"] as? [String: String])?["local"]
        step = (fields["args"] as? [String: Any])?["step"] as? Int
      }

      /// Rounding of a sum of two decimals aside.
      func holds(_ other: Event) -> Bool { start <= other.start + 1e-4 && other.end <= end + 1e-4 }
    }

    private struct Span {
      let process, step: Int
      let name: String
      let start, end: Double
    }

    private static func events(_ file: URL) throws -> [Event] {
      let root = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
      return try #require(root?["traceEvents"] as? [[String: Any]]).map(Event.init)
    }

    /// Begins and ends brought together, as a stack for each bucket: what is open last ends first.
    private static func spans(_ events: [Event]) throws -> [Span] {
      var open: [String: [Event]] = [:]
      var spans: [Span] = []
      for event in events where event.phase == "b" || event.phase == "e" {
        let key = "\(event.process) \(try #require(event.id))"
        if event.phase == "b" {
          open[key, default: []].append(event)
          continue
        }
        let last = open[key]?.popLast()
        let begin = try #require(last, "\(event.name) ends before it begins")
        #expect(begin.name == event.name && begin.start <= event.start)
        spans.append(
          Span(
            process: event.process, step: try #require(begin.step), name: event.name, start: begin.start,
            end: event.start))
      }
      #expect(open.values.allSatisfy { $0.isEmpty }, "something never ends")
      return spans
    }

    @Test func holdsAllRanksPhasesLayersAndBuckets() throws {
      let folder = try TemporaryFolder()
      let file = folder.file("trace.json")
      let (record, _) = try train(ranks: 2, "\(Self.run) --trace \(file.path) --trace-steps 4..6")
      let events = try Self.events(file)
      let buckets = (record.ledger.exchangedMessages + record.updates - 1) / record.updates
      #expect(buckets > 1)
      let spans = try Self.spans(events)
      for rank in 0..<2 {
        let mine = events.filter { $0.process == rank }
        let heads = mine.filter { $0.phase == "M" }.map(\.name)
        #expect(heads.contains("process_name") && heads.filter { $0 == "thread_name" }.count == 3)
        try Self.expectNesting(mine.filter { $0.phase == "X" && $0.track == 1 })
        for step in 4...6 {
          let own = mine.filter { $0.phase == "X" && $0.step == step }
          for phase in ["load", "forward", "backward", "exchange", "update"] {
            let count = own.filter { $0.category == "phase" && $0.name == phase }.count
            #expect(count == (["exchange", "update"].contains(phase) ? 1 : 2), "\(phase) of 2 microbatches")
          }
          for layer in ["dense1", "dense2", "dense3"] {
            #expect(own.filter { $0.category == "forward" && $0.name.hasPrefix(layer) }.count == 2, "\(layer)")
            #expect(own.contains { $0.category == "backward" && $0.name.hasPrefix(layer) }, "\(layer)")
          }
          let sent = spans.filter { $0.process == rank && $0.step == step && $0.name.hasPrefix("bucket") }
          #expect(Set(sent.map(\.name)).count == buckets && sent.count == buckets)
        }
        #expect(Set(mine.compactMap(\.step)) == [4, 5, 6])
      }
      try Self.expectOverlap(spans)
    }

    /// Stretches of one track lie in each other or apart.
    private static func expectNesting(_ slices: [Event]) throws {
      var open: [Event] = []
      for slice in slices {
        while let last = open.last, last.end <= slice.start + 1e-4 { open.removeLast() }
        #expect(
          slice.start <= slice.end && open.last?.holds(slice) != false,
          "\(slice) is not in \(String(describing: open.last))")
        open.append(slice)
      }
      #expect(slices.filter { $0.category == "step" }.map(\.name) == ["step 4", "step 5", "step 6"])
    }

    /// A sum over ranks is under way on all of them at once.
    private static func expectOverlap(_ spans: [Span]) throws {
      for span in spans where span.process == 0 && span.name.hasPrefix("bucket") {
        let other = try #require(spans.first { $0.process == 1 && $0.step == span.step && $0.name == span.name })
        #expect(span.start < other.end && other.start < span.end, "\(span) and \(other)")
      }
    }

    /// One rank sends nothing, and evaluation follows the last step.
    @Test func ofOneRankHasNoBuckets() throws {
      let folder = try TemporaryFolder()
      let file = folder.file("trace.json")
      _ = try train(ranks: 1, "\(Self.run) --trace \(file.path)")
      let events = try Self.events(file)
      #expect(Set(events.compactMap(\.step)) == Set(3...12))
      #expect(!events.contains { $0.category == "bucket" } && events.contains { $0.name == "evaluate" })
    }

    @Test(
      arguments: [
        ("--trace OUT/none/trace.json", "OUT/none/trace.json"), ("--trace OUT", "this is a folder"),
        ("--trace OUT/t.json --trace-steps 10..13", "the run has 12 steps"),
        ("--trace OUT/t.json --trace-steps 5..4", "not two steps"), ("--trace-steps 3..4", "without --trace"),
      ])
    func whatCannotBeTracedIsSaidBeforeTraining(flags: String, words: String) throws {
      let folder = try TemporaryFolder()
      let results = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 2,
        "train \(smallRun) \(Self.run) \(flags.replacingOccurrences(of: "OUT", with: folder.path)) --output \(results.path)"
      )
      expectOneError(result, [words.replacingOccurrences(of: "OUT", with: folder.path)])
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(!Shell.fileExists(results.file("run.json")) && left.isEmpty, "\(left)")
    }
  }

  @Suite(.serialized) struct WhatIfs {
    private static let run = "--set globalBatch=64 --set microBatch=16 --set model.widths=[64,32] --set steps=12"

    /// What leaves early is to be seen in the account: without it a slower network is said to cost more than it does.
    @Test func theFirstPartOfALargeLayerIsFinalBeforeTheLayer() throws {
      let (_, folder) = try train(
        ranks: 2,
        "--set globalBatch=64 --set microBatch=32 --set model.widths=[2048] --set steps=4 --set execution.overlap=start"
      )
      let layers = try SavedModel(folder.path).runSteps().layers.filter { $0.floats > 0 }
      let part = try #require(layers[0].firstPart)
      #expect(0 < part.floats && part.floats < layers[0].floats && part.ready > layers[0].ready, "\(layers)")
      #expect(layers[1].firstPart == nil, "a small layer comes at once")
    }

    @Test func aRunOfTwoRanksIsLookedAtAgain() throws {
      let (record, folder) = try train(ranks: 2, Self.run)
      let steps = try SavedModel(folder.path).runSteps()
      #expect(steps.firstStep == 2 && steps.steps == 11 && steps.stepsPerRow == 1 && steps.ranks.count == 2)
      #expect(steps.ranks.allSatisfy { $0.microbatches == 2 && !$0.host.isEmpty })
      // All but the first step, and what follows the last exchange.
      #expect(steps.seconds > 0 && steps.seconds < record.ledger.elapsed.maximum)
      let total = steps.ranks.map { $0.rows.reduce(0) { $0 + $1.total } }
      // Steps of half a millisecond: what a busy machine takes in between may be as long.
      #expect(abs(total[0] - total[1]) < 0.3 * total[0] + 0.005, "ranks go in step: \(total)")
      let names = steps.layers.filter { $0.floats > 0 }.map(\.name)
      #expect(names == ["dense1", "dense2", "dense3"])
      let result = try Shell.run("\(Shell.lockstep) what-if \(folder.path) --network-speed 4 --bucket-bytes 65536")
      #expect(result.status == 0, "\(result.text)")
      for words in ["11 steps", "As it was", "Without the slowest", "Network 4 times", "Buckets of"] {
        #expect(result.output.contains(words), "\(result.text)")
      }
    }

    @Test func whatCannotBeLookedAtIsSaid() throws {
      let (_, one) = try train(ranks: 1, Self.run)
      expectOneError(try Shell.run("\(Shell.lockstep) what-if \(one.path)"), ["had one rank"])
      let before = StoredFiles.file("saved").path
      expectOneError(try Shell.run("\(Shell.lockstep) what-if \(before)"), ["no steps.json", "train again"])
      try Shell.run("sed -i s/firstStep/firstStop/ \(one.path)/steps.json")
      expectOneError(try Shell.run("\(Shell.lockstep) what-if \(one.path)"), ["steps.json", "damaged"])
      try Shell.run("rm \(one.path)/manifest.json")
      expectOneError(try Shell.run("\(Shell.lockstep) what-if \(one.path)"), ["steps.json:1", "firstStop"])
      expectOneError(try Shell.run("\(Shell.lockstep) what-if /nowhere"), ["/nowhere/run.json"])
      expectOneError(
        try Shell.run("\(Shell.lockstep) what-if \(one.path) --network-speed 10000000"),
        ["'10000000' is no number above 0 and up to 1000000"])
      for flags in ["--network-speed 0", "--network-speed x", "--bucket-bytes 0"] {
        #expect(try Shell.run("\(Shell.lockstep) what-if \(one.path) \(flags)").failed)
      }
    }
  }
}
