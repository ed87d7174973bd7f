import Buffers
import Configuration
import Kernels
import Measurement
import MessagePassing

/// Sums the gradients of all ranks, in place, bucket by bucket. Overlap of communication with the backward pass lives
/// here and nowhere else.
///
/// A step: `beginStep`; `lastMicrobatchBegins` and `forwardGoesOn`, of use to models with tables only; `layerDone` after each
/// layer of each microbatch's backward pass; `finish`, which hands out the only value that an optimiser accepts. A rank
/// without a microbatch calls `contributeNothing` instead of `layerDone`.
public final class GradientExchange: GradientArrivals {
  /// The buckets and their order, the same on every rank.
  public private(set) var plan: BucketPlan
  /// About the size of a bucket.
  public private(set) var bucketBytes: Int
  private let layout: ParameterLayout
  private let layerRanges: [Range<Int>]
  private let communicator: Communicator
  private let arena: GradientArena
  /// How messages move on from the next step's first layer on; the same on all ranks. `thread` only where the exchange was
  /// made with it or `auto`, which stands for it until something else is set.
  public var overlap: ExecutionConfiguration.Overlap
  private var buckets: [any Bucket]
  private let narrow: NarrowWire?
  /// Of buckets that are summed in the memory that a host's ranks share; nil where each rank's arena is its own.
  private let reduction: (any SlicedReduction)?
  /// Of the weights that ranks of a host move together.
  private let share: NodeShare
  private let allowsParts: Bool
  private let precision: RunConfiguration.ExchangePrecision
  private let tables: TableExchange?
  /// Nil unless the overlap asks for it, and where there is nobody to talk to.
  private let progressThread: ProgressThread?
  /// Buckets before this one have started in this step.
  private var nextBucket = 0
  /// Buckets before this one are known to have finished in this step.
  private var oldestInFlight = 0

  /// Called with each layer's range of the arena and its gradients, of one microbatch alone, before they are added to
  /// others and leave: the place for norms of microbatches. Not called where microbatches are added in place.
  public var observer: ((Range<Int>, Span<Float>) -> Void)?

  /// Gets what happens to each bucket in the steps that it notes; nil where nobody watches.
  public var recorder: TraceRecorder? {
    didSet { watch() }
  }
  private var trace: ExchangeTrace?

  /// When each layer's gradients of this step were final, by the clock; 0 for those of no microbatch yet.
  public private(set) var layersDone: [UInt64]
  /// The same of each layer's first part, which may leave before the rest is known.
  public private(set) var firstPartsDone: [UInt64]
  /// Gradients in it; 0 for a layer whose gradients are all final at once.
  public private(set) var firstPartCounts: [Int]

  /// Exact sum of this step's terms on all ranks.
  private var exactSum = FixedPointSum(terms: 1)
  /// False where a gradient of this rank's microbatches of this step is too large for an exact sum.
  public private(set) var isExact = true
  /// The largest element of a microbatch's gradient in this step, either way of 0, with which sums are exact.
  public var largestTerm: Float { exactSum.largestTerm }

  /// When this step's first bucket left; nil before, and where there is nobody to send to.
  public private(set) var firstStart: UInt64?

  /// The computing thread's, that it spent on messages during this step's forward passes.
  public private(set) var nanosecondsWithinForward: UInt64 = 0
  /// The same of its backward passes.
  public private(set) var nanosecondsWithinBackward: UInt64 = 0
  /// The same for this step's parts, after `finish`.
  public private(set) var nanosecondsBetweenParts: UInt64 = 0
  /// When this step's last part arrived; nil where `finish` brought all.
  public private(set) var lastPart: UInt64?
  /// Signals may leave before any gradient, so that these may be handed out one by one.
  private let mayComeInParts: Bool

  /// Collective.
  ///
  /// - Parameters:
  ///   - communicator: duplicated, so that nothing else can mix with the exchange's messages.
  ///   - inParts: dense gradients may be handed out before all are reduced, where they leave as several buckets, or to each rank its
  ///     share alone; see `finish`.
  ///   - share: of the weights that ranks of a host move together.
  ///   - precision: of dense gradients on their way; tables travel as floats.
  ///   - errorFeedback: what rounding takes from a gradient is added to the next one; see `NarrowWire`.
  ///   - tables: the rank's own row-sparse gradients, where the model has tables.
  ///   - movesAllRows: an update moves rows of tables without a gradient too.
  ///   - countsOccurrences: the reduced tables say how often the global batch touches each row (`TouchedRows.occurrences`);
  ///     otherwise that need not be right.
  /// - Throws: `MPIError`.
  public init(
    _ arena: GradientArena, layout: ParameterLayout, communicator: Communicator, bucketBytes: Int,
    overlap: ExecutionConfiguration.Overlap, inParts: Bool = false,
    share: NodeShare = .whole, precision: RunConfiguration.ExchangePrecision = .float32, errorFeedback: Bool = false,
    tables: TableGradients? = nil,
    tableStrategy: ExecutionConfiguration.TableExchange = .auto,
    movesAllRows: Bool = false, countsOccurrences: Bool = false
  ) throws {
    self.arena = arena
    self.overlap = overlap == .auto ? .thread : overlap
    self.communicator = try communicator.duplicate()
    self.layout = layout
    self.bucketBytes = bucketBytes
    layerRanges = layout.layerRanges
    layersDone = Array(repeating: 0, count: layout.layerRanges.count)
    firstPartsDone = layersDone
    firstPartCounts = Array(repeating: 0, count: layout.layerRanges.count)
    progressThread =
      self.overlap == .thread && communicator.size > 1 ? try ProgressThread(beside: communicator) : nil
    // Until the last microbatch is added, nobody knows whether sums are exact.
    mayComeInParts = inParts && arena.accumulation == .inPlace && communicator.size > 1 && share.isWhole
    allowsParts = inParts
    self.share = share
    plan = Self.plan(layout, bucketBytes, signalsFirst: mayComeInParts)
    precondition(precision == .float32 || arena.accumulation != .exact, "sums that are exact travel as doubles")
    narrow = try precision.narrow.map { try NarrowWire($0, count: arena.all.count, errorFeedback: errorFeedback) }
    let shared = arena.shared(by: communicator.size)
    precondition(shared == nil || narrow == nil, "rounded gradients are not in shared memory")
    reduction = shared.map { memory -> any SlicedReduction in
      if arena.accumulation == .exact { return NodeReduction<Double>(memory, gradients: layout.denseCount) }
      return NodeReduction<Float>(memory, gradients: layout.denseCount)
    }
    self.precision = precision
    buckets = []
    self.tables = try tables.map {
      try TableExchange(
        $0, layout: layout, communicator: communicator, strategy: tableStrategy, countsOccurrences: countsOccurrences,
        accumulation: arena.accumulation,
        owners: RowOwners(
          share, tableRows: movesAllRows ? $0.tableRows : nil, isOneHost: share.node?.size == communicator.size))
    }
    cut(bucketBytes: bucketBytes)
  }

  private static func plan(_ layout: ParameterLayout, _ bucketBytes: Int, signalsFirst: Bool) -> BucketPlan {
    BucketPlan(layout, bucketBytes: bucketBytes, tail: GradientArena.tail, tailFirst: signalsFirst)
  }

  /// Goes on in buckets of about another size, from the next step on; the same on all ranks.
  public func cut(bucketBytes: Int) {
    precondition(nextBucket == 0, "buckets are cut anew within a step")
    self.bucketBytes = bucketBytes
    plan = Self.plan(layout, bucketBytes, signalsFirst: mayComeInParts)
    // The old ones' memory is given back before it is lent anew.
    buckets = []
    buckets = reduction?.cut(plan.buckets.map(\.range)) ?? plan.buckets.map { Self.bucket(arena, $0.range, narrow) }
    watch()
  }

  private func watch() { trace = recorder.map { ExchangeTrace($0, buckets: buckets.count) } }

  private var comesInParts: Bool { mayComeInParts && buckets.count > 1 }

  private static func bucket(_ arena: GradientArena, _ range: Range<Int>, _ narrow: NarrowWire?) -> any Bucket {
    if let narrow { return NarrowBucket(arena.exchanged.buffer, range, narrow) }
    guard let sums = arena.doubleSums else { return LeasedBucket(Lease(arena.exchanged.slice(range))) }
    return LeasedBucket(Lease(GradientArena.doubles(sums, range), owner: sums))
  }

  private var isAlone: Bool { communicator.size == 1 }

  /// Whether what rounding takes from the next gradients is owed to those after them: true unless they are not applied.
  public var remembersErrors: Bool {
    get { narrow?.remembersErrors ?? true }
    set { narrow?.remembersErrors = newValue }
  }

  /// What rounding took from this rank's gradients, to be added to its next ones: a rank's own, and part of what a run goes on from.
  /// nil where that is forgotten.
  package var owedErrors: Tensor? { narrow?.owed }

  /// Bytes of a gradient on its way.
  public var bytesPerElement: Int { Self.bytesPerElement(precision, arena.accumulation) }

  /// Bytes of each all-reduce of a step, in the order in which they are started.
  public static func messageBytes(
    _ layout: ParameterLayout, bucketBytes: Int, precision: RunConfiguration.ExchangePrecision,
    accumulation: Accumulation
  ) -> [Int] {
    BucketPlan(layout, bucketBytes: bucketBytes, tail: GradientArena.tail).buckets
      .map { $0.range.count * bytesPerElement(precision, accumulation) }
  }

  private static func bytesPerElement(
    _ precision: RunConfiguration.ExchangePrecision, _ accumulation: Accumulation
  ) -> Int {
    precision.narrow == nil ? accumulation.bytesPerElement : MemoryLayout<UInt16>.stride
  }

  /// Bytes that this rank hands to all-reduce in a step.
  public var bytesPerStep: Int { isAlone ? 0 : arena.all.count * bytesPerElement }
  /// All-reduce calls of this rank in a step.
  public var messagesPerStep: Int { isAlone ? 0 : buckets.count }

  /// Nil where the model has no tables, or the strategy is not `auto`, or there is nobody to exchange with.
  public var tableCosts: TableExchangeCosts? { tables?.costs }
  /// Traffic of the last finished step; nil where the model has no tables.
  public var tableTraffic: TableTraffic? { tables?.traffic }

  /// Forgets the last step's times and signals.
  /// - Parameters:
  ///   - microbatches: of the step, on all ranks.
  ///   - inParts: as `finish` will be asked for.
  public func beginStep(microbatches: Int, inParts: Bool = false) {
    let bringsOwn = inParts && allowsParts && !share.isWhole
    reduction?.keepsSlices = bringsOwn
    precondition(nextBucket == 0, "a step begins before all of the last one has arrived")
    firstStart = nil
    (nanosecondsWithinForward, nanosecondsWithinBackward) = (0, 0)
    nanosecondsBetweenParts = 0
    lastPart = nil
    isExact = true
    exactSum = FixedPointSum(terms: microbatches)
    tables?.beginStep(exactSum, bringsOwnRows: bringsOwn)
    arena.clearSignals()
  }

  /// The rows that the rank's last microbatch of a step touches are noted in the tables' gradients, and its forward pass
  /// begins: rows that only earlier microbatches touched may leave. Throws `MPIError`.
  public func lastMicrobatchBegins() throws {
    guard overlap != .none, let tables, !isAlone else { return }
    if overlap == .thread { progressThread?.resume() }
    try withinForward { try tables.lastMicrobatchBegins() }
  }

  /// Between layers of the rank's last forward pass of a step. Throws `MPIError`.
  public func forwardGoesOn() throws {
    guard overlap == .thread || overlap == .progress, let tables, !isAlone else { return }
    try withinForward { try tables.advance() }
  }

  private func withinForward(_ body: () throws -> Void) throws {
    let before = MonotonicClock.now()
    try body()
    nanosecondsWithinForward += MonotonicClock.now() - before
    trace?.note(.messages, from: before)
  }

  /// A layer's gradients of one microbatch are there; after the last microbatch every bucket that is now due starts, in
  /// plan order. Throws `MPIError`.
  public func layerDone(_ layer: Int, isFirstMicrobatch: Bool, isLastMicrobatch: Bool) throws {
    add(layerRanges[layer], isFirstMicrobatch: isFirstMicrobatch)
    let before = MonotonicClock.now()
    try tables?.layerDone(
      layer, isFirstMicrobatch: isFirstMicrobatch, isLastMicrobatch: isLastMicrobatch, overlap: overlap)
    guard isLastMicrobatch else { return }
    layersDone[layer] = before
    if firstPartCounts[layer] == 0 { firstPartsDone[layer] = before }
    if layer == 0 { sendSignals() }
    try startBuckets { $0.dueAfterLayer >= layer }
    nanosecondsWithinBackward += MonotonicClock.now() - before
    trace?.note(.messages, from: before)
  }

  /// So many of a layer's gradients, from its first on, are final for this microbatch; after the last microbatch what they
  /// complete starts. Throws `MPIError`.
  public func partDone(_ layer: Int, gradients: Int, isLastMicrobatch: Bool) throws {
    guard isLastMicrobatch, !arena.accumulation.isAlone, overlap != .none, !isAlone else { return }
    let before = MonotonicClock.now()
    if firstPartCounts[layer] == 0 || firstPartCounts[layer] == gradients {
      (firstPartCounts[layer], firstPartsDone[layer]) = (gradients, before)
    }
    let end = layerRanges[layer].lowerBound + gradients
    try startBuckets { $0.dueAfterLayer > layer || $0.range.upperBound <= end }
    nanosecondsWithinBackward += MonotonicClock.now() - before
    trace?.note(.messages, from: before)
  }

  private func startBuckets(_ isDue: (BucketPlan.Bucket) -> Bool) throws {
    guard overlap != .none, !isAlone else { return }
    while nextBucket < buckets.count, isDue(plan.buckets[nextBucket]) || isSignals(nextBucket) {
      try startNextBucket()
    }
    // What is shared no thread but this one moves on.
    if overlap == .progress || reduction != nil && overlap == .thread { try progress() }
  }

  /// Signals that leave first are known before the backward pass begins.
  private func isSignals(_ bucket: Int) -> Bool { comesInParts && bucket == 0 }

  private func add(_ range: Range<Int>, isFirstMicrobatch: Bool) {
    guard arena.accumulation.isAlone, !range.isEmpty else { return }
    observer?(range, arena.all.buffer.extracting(range).span)
    if !arena.accumulate(range, overwrite: isFirstMicrobatch, exactSum) { isExact = false }
  }

  /// Signals travel with the first layer's gradients: by then all is known that this rank has to say.
  private func sendSignals() {
    if !isExact || tables?.isExact == false {
      isExact = false
      arena.raise(.inexact)
    }
    _ = arena.accumulate(arena.gradients.count..<arena.all.count, overwrite: true, exactSum)
  }

  /// For a rank that has no microbatch in this step: it takes part in every all-reduce with zeros.
  public func contributeNothing() {
    arena.gradients.fill(0)
    _ = arena.accumulate(0..<arena.all.count, overwrite: true, exactSum)
    tables?.contributeNothing()
  }

  /// Blocks until the sums over all ranks are in the arena. Throws `MPIError`.
  ///
  /// - Parameter inParts: where the exchange was made for it, only until signals and tables are there, or with this rank's share alone.
  ///   What it returns must then be asked for all its parts before the next step.
  public func finish(inParts: Bool = false) throws -> ReducedGradients {
    // From here on this thread is within MPI itself.
    progressThread?.pause()
    if overlap == .thread, progressThread != nil { trace?.note(.progressThread, from: firstStart) }
    while nextBucket < buckets.count, !isAlone { try startNextBucket() }
    // Buckets progress while the tables' messages are waited for.
    let reducedTables = try tables?.finish()
    if let start = tables?.firstStart {
      firstStart = min(start, firstStart ?? start)
      trace?.note(.tables, from: start)
    }
    oldestInFlight = 0
    if inParts, comesInParts {
      try finishOldest()
      return ReducedGradients(arena: arena.gradients, tables: reducedTables, arrivals: self, share: share)
    }
    while oldestInFlight < nextBucket { try finishOldest() }
    endStep()
    let ownParts = reduction.flatMap { $0.keepsSlices ? $0.ownParts : nil }
    arena.collect(ownParts)
    return ReducedGradients(
      arena: arena.gradients, tables: reducedTables, share: share, ownParts: ownParts,
      hasOwnRowsOnly: tables?.isOwnRowsOnly ?? false)
  }

  /// Blocks until the next bucket's sums are there.
  package func next() throws -> Range<Int>? {
    guard oldestInFlight < nextBucket else {
      endStep()
      return nil
    }
    let before = MonotonicClock.now()
    let range = plan.buckets[oldestInFlight].range
    try finishOldest()
    let now = MonotonicClock.now()
    nanosecondsBetweenParts += now - before
    lastPart = now
    return range
  }

  private func finishOldest() throws {
    let oldest = buckets[oldestInFlight]
    if let trace { try trace.waiting(for: oldestInFlight) { try oldest.finish() } } else { try oldest.finish() }
    oldestInFlight += 1
  }

  private func endStep() { (nextBucket, oldestInFlight) = (0, 0) }

  private func startNextBucket() throws {
    if firstStart == nil {
      firstStart = MonotonicClock.now()
      if overlap == .thread { progressThread?.resume() }
    }
    trace?.isSetOff(nextBucket)
    try buckets[nextBucket].start(on: communicator)
    nextBucket += 1
  }

  private func progress() throws {
    while oldestInFlight < nextBucket, try buckets[oldestInFlight].test() {
      trace?.isBack(oldestInFlight)
      oldestInFlight += 1
    }
  }
}

extension RunConfiguration.ExchangePrecision {
  /// Nil for floats as they are.
  fileprivate var narrow: NarrowFloat? {
    switch self {
    case .float32: nil
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }
}
