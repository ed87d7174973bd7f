import MessagePassing

extension BinaryScores {
  /// Samples that each rank offers for each rank, from which the bounds between ranks are chosen.
  private static let offersPerRank = 64

  /// Over all ranks' scores. Collective; uses the scores up.
  ///
  /// A sample sort (Frazer and McKellar 1970): ranges of scores, about equally filled, go to one rank each, which sorts
  /// what it gets and counts pairs. Equal scores go to one rank. The counts are integers, and their sum is the same on
  /// any number of ranks: so are the bits of the area. A rank needs at most 16 bytes for each sample of its share while
  /// this runs, and more only where many samples have one score.
  ///
  /// - Parameter loss: mean log loss over all ranks, in nats.
  /// - Throws: `MPIError`.
  public consuming func metrics(loss: Double, _ communicator: Communicator) throws -> BinaryMetrics {
    // Counts are exact as doubles up to 2⁵³, and one message waits once.
    var totals = [Double(positives), Double(negatives), probabilities, hasNaN ? 1 : 0, positiveWeight, negativeWeight]
    try communicator.allReduce(inPlace: totals.mutableSpan, .sum)
    return BinaryMetrics(
      loss: loss, positives: Int(totals[0]), negatives: Int(totals[1]), positiveWeight: totals[4],
      negativeWeight: totals[5], probabilities: totals[2],
      orderedPairs: totals[3] > 0 ? nil : try orderedPairs(communicator))
  }

  private consuming func orderedPairs(_ communicator: Communicator) throws -> Int {
    sort()
    let bounds = try bounds(communicator)
    let positives = try Self.redistribute(positiveKeys, bounds, communicator)
    let negatives = try Self.redistribute(negativeKeys, bounds, communicator)
    let below = try communicator.allGather(negatives.count)[..<communicator.rank].reduce(0, +)
    let pairs = PairCount.orderedPairs(
      positives: positives[...], negatives: negatives[...], negativesBelow: below)
    return try communicator.allReduce(pairs, .sum)
  }

  /// The smallest key of each rank's range but the first's; the same on every rank.
  private func bounds(_ communicator: Communicator) throws -> [UInt32] {
    let size = communicator.size
    let offers = try communicator.allGather(offered(Self.offersPerRank * size)).flatMap { $0 }.sorted()
    return (1..<max(size, 1)).map { offers.isEmpty ? 0 : offers[$0 * offers.count / size] }
  }

  /// About `count` keys, evenly from both classes by their shares. The keys are sorted.
  private func offered(_ count: Int) -> [UInt32] {
    [positiveKeys, negativeKeys].flatMap { keys in
      let step = max(1, (positives + negatives) / count)
      return stride(from: keys.startIndex + min(step / 2, keys.count), to: keys.endIndex, by: step).map { keys[$0] }
    }
  }

  /// Sends each rank the sorted keys of its range and returns, sorted, what belongs here.
  private static func redistribute(
    _ keys: ArraySlice<UInt32>, _ bounds: [UInt32], _ communicator: Communicator
  ) throws -> [UInt32] {
    let ends = bounds.map { keys.firstPlace(notBelow: $0) } + [keys.endIndex]
    let sendCounts = zip([keys.startIndex] + ends, ends).map { $1 - $0 }
    var receiveCounts = [Int](repeating: 0, count: communicator.size)
    try communicator.allToAll(sendCounts.span, into: receiveCounts.mutableSpan)
    let (sending, receiving) = (try communicator.blocks(sendCounts), try communicator.blocks(receiveCounts))
    var mine = [UInt32](repeating: 0, count: receiving.total)
    try communicator.allToAll(keys.span, sending, into: mine.mutableSpan, receiving)
    mine.withUnsafeMutableBufferPointer { RadixSort.sort($0) }
    return mine
  }
}

extension ArraySlice<UInt32> {
  /// The place in rising values where those from `bound` on begin.
  fileprivate func firstPlace(notBelow bound: UInt32) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle] < bound { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
