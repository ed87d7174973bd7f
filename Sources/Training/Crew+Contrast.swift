import Batches
import Buffers
import Layers
import Measurement
import MessagePassing

/// The first round of a step whose loss sees the whole global batch: see `BoundNTXent`.
extension Crew {
  /// Visits of a step's microbatches: twice where a loss needs all outputs before the first gradient.
  func visits(rounds: Int) -> TrainingOrder.Visits {
    objective.ofWholeBatch == nil
      ? TrainingOrder.Visits() : TrainingOrder.Visits(views: experiment.views, rounds: rounds)
  }

  /// Forward passes over the rank's microbatches, and what follows from all ranks' projections; their next round may go
  /// backward. Nothing where the loss is each sample's own. Collective.
  func lookAtWholeBatch(_ step: StepPlan, from reader: BatchReader) throws {
    guard let loss = objective.ofWholeBatch else { return }
    try look(at: step, from: reader, loss) { batch in
      Pass(training: batch, views: experiment.views, alone: arena.accumulation.isAlone)
    } book: { phase, bytes in
      if let bytes { ledger.bookGather(bytes: bytes) } else { ledger.lap(phase) }
    }
  }

  /// - Parameters:
  ///   - pass: of a batch.
  ///   - book: told what the time since the last call was used for, with the bytes where that was an exchange.
  func look(
    at step: StepPlan, from reader: BatchReader, _ loss: BoundNTXent, pass makePass: (Batch) -> Pass,
    book: (Phase, _ exchangedBytes: Int?) -> Void
  ) throws {
    let mine = step.microbatches(of: rank, ranks: ranks)
    loss.begin(samples: step.globalBatch)
    for _ in 0..<mine.count * experiment.views {
      guard let batch = try reader.next() else { preconditionFailure("the reader ended before the plan") }
      book(.load, nil)
      let pass = makePass(batch)
      loss.note(try network.forward(batch.filledInputs, pass), pass)
      reader.recycle(batch)
      book(.forward, nil)
    }
    try gather(loss.units, of: step, book)
    for microbatch in mine { try loss.addUp(step.rows(ofMicrobatch: microbatch)) }
    book(.forward, nil)
    try gather(loss.logSums, of: step, book)
  }

  /// Every rank gets the rows of all samples' views, of which it has those of its own microbatches.
  private func gather(_ rows: Tensor, of step: StepPlan, _ book: (Phase, Int?) -> Void) throws {
    guard ranks > 1 else { return }
    let floats = rows.count / step.globalBatch
    let blocks = try communicator.blocks((0..<ranks).map { floats * step.samples(of: $0, ranks: ranks).count })
    _ = try communicator.startAllGather(Lease(rows), blocks).wait()
    book(.exchangeWire, blocks.counts[rank] * MemoryLayout<Float>.stride)
  }
}

extension StepPlan {
  /// A microbatch's samples by their places in the global batch.
  func rows(ofMicrobatch index: Int) -> Range<Int> {
    let positions = positions(ofMicrobatch: index)
    return positions.lowerBound - self.positions.lowerBound..<positions.upperBound - self.positions.lowerBound
  }

  /// A rank's samples by their places in the global batch.
  func samples(of rank: Int, ranks: Int) -> Range<Int> {
    let mine = microbatches(of: rank, ranks: ranks)
    return min(mine.lowerBound * microBatch, globalBatch)..<min(mine.upperBound * microBatch, globalBatch)
  }
}
