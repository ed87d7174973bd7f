import Batches
import Buffers
import Testing

@Suite struct EvaluationOrderTests {
  /// Every rank goes through so many rounds, so that all meet after the last sample.
  @Test(arguments: [1, 2, 3, 4, 20], [1, 4, 5, 12, 13, 14])
  func mostBatchesAreThoseOfTheRankThatHasMost(ranks: Int, samples: Int) {
    let batch = Batch(inputShape: Shape(1), capacity: 4)
    let counts = (0..<ranks).map { rank in
      var order = EvaluationOrder(samples: samples, batchSize: 4, rank: rank, ranks: ranks)
      var count = 0
      while order.next(into: batch) { count += 1 }
      return count
    }
    for rank in 0..<ranks {
      let order = EvaluationOrder(samples: samples, batchSize: 4, rank: rank, ranks: ranks)
      #expect(order.mostBatches == counts.max())
    }
  }
}
