import Batches
import Buffers
import Foundation
import Testing

/// Sample n is the number n, of class n mod 3. Fails at one sample, if told to.
struct Numbers: Dataset {
  struct Failure: Error {}

  let name = "numbers"
  let count: Int
  let inputShape = Shape(1)
  let classes = 3
  var failsAt: Int?
  var delay: UInt32 = 0

  func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
    if delay > 0 { usleep(delay) }
    for (row, sample) in samples.enumerated() {
      if sample == failsAt { throw Failure() }
      batch.inputs.buffer[row] = Float(sample)
      batch.labels[row] = Int32(sample % classes)
    }
  }
}

@Suite struct BatchReaderTests {
  /// The time limits are for a hang; all of this takes milliseconds, but a test waits for its turn beside long ones of commands.
  @Test(.timeLimit(.minutes(10)), arguments: [0, 1, 2, 7], [0, 100] as [UInt32])
  func batchesComeInOrderThroughAllEpochs(depth: Int, delay: UInt32) throws {
    let plan = try BatchPlan(samples: 100, globalBatch: 30, microBatch: 8)
    let order = TrainingOrder(plan: plan, seed: 3, rank: 1, ranks: 2, steps: 0..<20)
    let reader = try BatchReader(dataset: Numbers(count: 100, delay: delay), order: order, capacity: 8, depth: depth)
    var expected = order
    let batch = Batch(inputShape: Shape(1), capacity: 8)
    var batches: Set<ObjectIdentifier> = []
    while expected.next(into: batch) {
      let read = try #require(try reader.next())
      #expect(Array(read.filledSamples) == Array(batch.filledSamples))
      #expect(read.filledInputs.values == batch.filledSamples.map(Float.init))
      #expect(read.filledLabels.map(Int.init) == batch.filledSamples.map { $0 % 3 })
      #expect(read.place == batch.place)
      batches.insert(ObjectIdentifier(read))
      reader.recycle(read)
    }
    #expect(try reader.next() == nil)
    #expect(try reader.next() == nil)
    #expect(batches.count <= depth + 1)
  }

  @Test(.timeLimit(.minutes(10))) func severalBatchesMayBeInUse() throws {
    let order = EvaluationOrder(samples: 10, batchSize: 2, rank: 0, ranks: 1)
    let reader = try BatchReader(dataset: Numbers(count: 10), order: order, capacity: 2, depth: 2)
    let first = try #require(try reader.next())
    let second = try #require(try reader.next())
    #expect(first.filledInputs.values + second.filledInputs.values == [0, 1, 2, 3])
    reader.recycle(second)
    reader.recycle(first)
    #expect(try reader.next()?.filledInputs.values == [4, 5])
  }

  @Test(.timeLimit(.minutes(10))) func stopsAtAnyPoint() throws {
    let plan = try BatchPlan(samples: 100, globalBatch: 10, microBatch: 5)
    for taken in 0..<50 {
      let order = TrainingOrder(plan: plan, seed: 3, rank: 0, ranks: 1, steps: 0..<Int.max)
      let reader = try BatchReader(dataset: Numbers(count: 100), order: order, capacity: 5, depth: 1 + taken % 4)
      for index in 0..<taken {
        let batch = try #require(try reader.next())
        if index < taken - 1 { reader.recycle(batch) }
      }
    }
  }

  @Test(.timeLimit(.minutes(10)), arguments: [0, 4]) func errorComesAfterWhatWasReadBeforeIt(depth: Int) throws {
    let order = EvaluationOrder(samples: 100, batchSize: 10, rank: 0, ranks: 1)
    let reader = try BatchReader(dataset: Numbers(count: 100, failsAt: 35), order: order, capacity: 10, depth: depth)
    for _ in 0..<3 { reader.recycle(try #require(try reader.next())) }
    #expect(throws: Numbers.Failure.self) { try reader.next() }
    #expect(throws: Numbers.Failure.self) { try reader.next() }
  }
}
