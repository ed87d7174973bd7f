import Batches
import Datasets

/// One rank's part of a whole data set, in rounds: in each, every rank takes a run of whole compute batches, so that the
/// predictions of a round lie side by side and few of them wait in memory. Batches are the same for any number of ranks.
package struct PredictionOrder: BatchOrder {
  /// Samples of one rank in one round, at least.
  static let samplesPerRound = 1 << 16

  let samples: Int
  let batch: Int
  private let rank: Int
  private let ranks: Int
  /// Batches of one rank in one round.
  private let batchesPerRound: Int
  private var round = 0
  private var position: Int

  package init(samples: Int, batch: Int, rank: Int, ranks: Int) {
    self.samples = samples
    self.batch = batch
    self.rank = rank
    self.ranks = ranks
    let batches = (samples + batch - 1) / batch
    batchesPerRound = max(1, min((Self.samplesPerRound + batch - 1) / batch, (batches + ranks - 1) / ranks))
    position = rank * batchesPerRound * batch
  }

  package var rounds: Int {
    let samplesOfAll = batchesPerRound * batch * ranks
    return (samples + samplesOfAll - 1) / samplesOfAll
  }

  /// The samples of a rank in a round; empty where there are none left.
  package func share(ofRank rank: Int, round: Int) -> Range<Int> {
    let size = batchesPerRound * batch
    let start = min((round * ranks + rank) * size, samples)
    return start..<min(start + size, samples)
  }

  package mutating func next(into batch: Batch) -> Bool {
    while round < rounds {
      let mine = share(ofRank: rank, round: round)
      if position < mine.upperBound {
        fill(batch, position..<min(position + self.batch, mine.upperBound))
        return true
      }
      round += 1
      position = share(ofRank: rank, round: round).lowerBound
    }
    return false
  }

  private mutating func fill(_ batch: Batch, _ range: Range<Int>) {
    for (row, sample) in range.enumerated() { batch.samples[row] = sample }
    batch.rows = range.count
    batch.place = Batch.Place()
    batch.place.globalBatch = samples
    batch.place.firstRowInGlobalBatch = range.lowerBound
    position = range.upperBound
  }
}
