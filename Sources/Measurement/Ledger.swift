import Statistics

/// One rank's account of an interval, in double entry: `lap` books the time since the last lap under one phase, so no
/// moment is booked twice or left out.
///
/// Booking a lap reads the clock and adds two numbers; nothing is allocated and nobody is asked.
public struct Ledger {
  /// One step's exchange as this rank saw it, in nanoseconds.
  public struct Exchange: Sendable {
    /// When this rank had nothing left to do but wait for the exchange.
    public let arrival: UInt64
    /// The step that it belongs to, from 0.
    let step: Int
    /// From then until the sum was here, without what was computed meanwhile.
    public fileprivate(set) var exposed: UInt64
  }

  /// Time booked, in nanoseconds, by `Phase.rawValue`.
  private var booked = [UInt64](repeating: 0, count: Phase.allCases.count)
  private var last: UInt64
  private let start: UInt64
  private let cpuAtStart = ProcessUsage.cpuSeconds()
  private let systemAtStart = SystemUse()

  /// In step order, a step's last being that of its gradients.
  public private(set) var exchanges: [Exchange] = []
  /// Exchanges of gradients so far.
  private var exchangedSteps = 0
  /// Nanoseconds of gathers since the last exchange of gradients.
  private var gathered: UInt64 = 0
  private var exchangeTotal: UInt64 = 0
  private var lastExchangeEnd: UInt64 = 0
  /// That this rank handed to all-reduce, and to gathers within steps.
  public private(set) var exchangedBytes = 0
  /// All-reduce calls of this rank, and gathers within steps.
  public private(set) var exchangedMessages = 0
  /// Traffic of row-sparse gradients; zeros where there are none.
  public private(set) var tableTraffic = TableTraffic()
  /// Load to update, in seconds, in step order.
  public private(set) var stepSeconds: [Double] = []
  /// Samples of this rank, in finished steps.
  public private(set) var samples = 0
  private var stepStart: UInt64

  /// Of the step whose exchange was booked last, and of what came before it since the exchange before.
  public private(set) var lastStep = StepSeconds.zero
  /// As `booked`, when the exchange before had been booked.
  private var bookedBefore: [UInt64]
  /// Gets every lap; nil where nobody watches.
  private let recorder: TraceRecorder?

  /// - Parameter steps: room for so many, so that booking one allocates nothing.
  public init(steps: Int, recorder: TraceRecorder? = nil, now: UInt64 = MonotonicClock.now()) {
    self.recorder = recorder
    bookedBefore = Array(repeating: 0, count: Phase.allCases.count)
    start = now
    last = now
    stepStart = now
    exchanges.reserveCapacity(steps)
    stepSeconds.reserveCapacity(steps)
  }

  /// Books the time since the last lap.
  @discardableResult
  public mutating func lap(_ phase: Phase, now: UInt64 = MonotonicClock.now()) -> UInt64 {
    booked[phase.rawValue] += now - last
    recorder?.note(.phase, phase.rawValue, from: last, to: now)
    last = now
    return now
  }

  /// Moves time that was booked with other time to the phase that it belongs to.
  /// - Parameter nanoseconds: no more than is booked under the first phase, or all of that.
  public mutating func rebook(_ nanoseconds: UInt64, from booked: Phase, to phase: Phase) {
    let moved = min(nanoseconds, self.booked[booked.rawValue])
    self.booked[booked.rawValue] -= moved
    self.booked[phase.rawValue] += moved
  }

  /// A step's time counts from the last lap.
  public mutating func beginStep() { stepStart = last }

  /// The step ended with the last lap; `samples` are this rank's of it.
  public mutating func endStep(samples: Int) {
    recorder?.note(.step, 0, from: stepStart, to: last)
    stepSeconds.append(Double(last - stepStart) * 1e-9)
    self.samples += samples
  }

  /// Books the time since the last lap as a gather that the step went on from, as wire until `settle` knows who was late.
  ///
  /// - Parameter bytes: that this rank handed over.
  public mutating func bookGather(bytes: Int, now: UInt64 = MonotonicClock.now()) {
    exchanges.append(Exchange(arrival: last, step: exchangedSteps, exposed: now - last))
    exchangeTotal += now - last
    gathered += now - last
    exchangedBytes += bytes
    exchangedMessages += 1
    lap(.exchangeWire, now: now)
  }

  /// Books a finished exchange, all of it as wire until `settle` knows who was late.
  ///
  /// - Parameters:
  ///   - firstStart: when its first bucket left; nil where nothing was sent.
  ///   - bytes: and `messages`: of the dense gradients.
  ///   - tables: of the row-sparse ones.
  public mutating func bookExchange(
    firstStart: UInt64?, bytes: Int, messages: Int, tables: TableTraffic? = nil, now: UInt64 = MonotonicClock.now()
  ) {
    noteStep(exposed: now - last)
    exchanges.append(Exchange(arrival: last, step: exchangedSteps, exposed: now - last))
    exchangedSteps += 1
    exchangeTotal += now - min(firstStart ?? last, last)
    lastExchangeEnd = now
    exchangedBytes += bytes
    exchangedMessages += messages
    if let tables { tableTraffic += tables }
    lap(.exchangeWire, now: now)
    for phase in booked.indices { bookedBefore[phase] = booked[phase] }
  }

  /// What was booked since the exchange before, without copying an array.
  private mutating func noteStep(exposed: UInt64) {
    func seconds(_ phase: Phase) -> Float { Float(booked[phase.rawValue] - bookedBefore[phase.rawValue]) * 1e-9 }
    lastStep = StepSeconds(
      update: seconds(.update), other: seconds(.other), load: seconds(.load), forward: seconds(.forward),
      backward: seconds(.backward), messages: max(0, seconds(.exchangeWire) - Float(gathered) * 1e-9),
      wire: Float(exposed + gathered) * 1e-9)
    gathered = 0
  }

  /// Books the rest of the last exchange, whose sums came in parts between updates: waiting for them was booked as update.
  ///
  /// - Parameters:
  ///   - nanoseconds: waited for parts.
  ///   - end: when the last one was here.
  public mutating func bookParts(_ nanoseconds: UInt64, until end: UInt64) {
    rebook(nanoseconds, from: .update, to: .exchangeWire)
    // It is the booked step's, not the next one's.
    bookedBefore[Phase.exchangeWire.rawValue] += nanoseconds
    exchanges[exchanges.count - 1].exposed += nanoseconds
    exchangeTotal += end - min(lastExchangeEnd, end)
    lastExchangeEnd = end
  }

  /// Moves the time that this rank spent waiting for later ranks from wire to wait.
  /// - Parameters:
  ///   - latestArrivals: for each of `exchanges`, when the last rank arrived, on this rank's clock.
  ///   - waited: gets each step's wait, in nanoseconds.
  public mutating func settle(latestArrivals: [UInt64], waited: (_ step: Int, UInt64) -> Void = { _, _ in }) {
    precondition(
      latestArrivals.count == exchanges.count, "\(latestArrivals.count) arrivals for \(exchanges.count) exchanges")
    for (exchange, latest) in zip(exchanges, latestArrivals) where latest > exchange.arrival {
      let wait = min(latest - exchange.arrival, exchange.exposed)
      booked[Phase.exchangeWire.rawValue] -= wait
      // These exchanges were all booked before.
      bookedBefore[Phase.exchangeWire.rawValue] -= wait
      booked[Phase.exchangeWait.rawValue] += wait
      waited(exchange.step, wait)
    }
  }

  /// Booked under a phase so far.
  public func seconds(_ phase: Phase) -> Double { Double(booked[phase.rawValue]) * 1e-9 }

  /// Until the last lap.
  public var elapsedSeconds: Double { Double(last - start) * 1e-9 }

  /// This rank's figures in a fixed order, to be gathered over ranks and handed to `LedgerSummary(ranks:)`.
  public var figures: [Double] {
    Phase.allCases.map(seconds) + [
      elapsedSeconds, Double(exchangeTotal) * 1e-9, ProcessUsage.cpuSeconds() - cpuAtStart,
      ProcessUsage.peakMemoryBytes(),
      Double(exchangedBytes), Double(exchangedMessages), Double(stepSeconds.count), Double(samples),
    ] + tableTraffic.figures + SystemUse().figures(since: systemAtStart)
  }
}

extension LedgerSummary {
  /// Where those of `TableTraffic` begin among `Ledger.figures`.
  private static let tableFigures = Phase.allCases.count + 8

  /// - Parameter ranks: each rank's `Ledger.figures`.
  public init(ranks: [[Double]]) {
    let phaseCount = Phase.allCases.count
    func spread(_ index: Int) -> Spread { Spread(ranks.map { $0[phaseCount + index] }) }
    func largest(_ index: Int) -> Int { Int(spread(index).maximum) }
    let exposed = ranks.map { $0[Phase.exchangeWait.rawValue] + $0[Phase.exchangeWire.rawValue] }
    self.init(
      phases: Dictionary(
        uniqueKeysWithValues: Phase.allCases.map { phase in (phase.name, Spread(ranks.map { $0[phase.rawValue] })) }),
      elapsed: spread(0), exchangeTotal: spread(1), exchangeExposed: Spread(exposed), exchangedBytes: largest(4),
      exchangedMessages: largest(5), cpuSeconds: spread(2), peakMemoryBytes: spread(3), steps: largest(6),
      samples: Int(ranks.reduce(0) { $0 + $1[phaseCount + 7] }))
    let tableFigures = Self.tableFigures..<Self.tableFigures + TableTraffic().figures.count
    let traffic = TableTrafficSummary(ranks: ranks.map { Array($0[tableFigures]) })
    tables = traffic.mergedRows > 0 ? traffic : nil
    let isUseful = Phase.allCases.filter { ![.evaluate, .checkpoint, .exchangeWait, .exchangeWire].contains($0) }
    let computed = ranks.map { rank in isUseful.reduce(0) { $0 + rank[$1.rawValue] } }
    useful = UsefulTime(mean: computed.reduce(0, +) / Double(computed.count), maximum: computed.max()!)
    disturbance = Disturbance(ranks: ranks.map { $0[tableFigures.upperBound...] })
  }

  /// The account of several intervals as one. A spread over ranks of a sum is not the sum of spreads, so this adds each
  /// rank's figures first.
  /// - Parameter intervals: for each interval, each rank's `Ledger.figures`. Where some had fewer ranks, those that others
  ///   had besides add nothing to them.
  public init(summing intervals: [[[Double]]]) {
    precondition(!intervals.isEmpty, "a summary of no intervals")
    let peak = Phase.allCases.count + 3
    let mergedRows = Self.tableFigures + TableTraffic.mergedRowsFigure
    let ranks = (0..<intervals.map(\.count).max()!).map { rank in
      intervals[0][0].indices.map { index in
        // Their mean over ranks is what counts, of each interval's own.
        if index == mergedRows { return intervals.reduce(0) { $0 + $1.mean(of: index) } }
        let figures = intervals.compactMap { rank < $0.count ? $0[rank][index] : nil }
        return index == peak ? figures.max()! : figures.reduce(0, +)
      }
    }
    self.init(ranks: ranks)
  }
}

extension [[Double]] {
  /// Of one figure, over ranks.
  func mean(of index: Int) -> Double { reduce(0) { $0 + $1[index] } / Double(count) }
}
