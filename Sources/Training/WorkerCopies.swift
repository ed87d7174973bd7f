import Batches
import Buffers
import Kernels
import MessagePassing

/// The weights and the optimiser's memory of each of a rank's workers, while they go by themselves.
///
/// A run's state is one worker's at a time, the resident's; those of the others are parked here and change places with it. When
/// workers come together, the state is the mean of all of them, on every rank: whatever a run keeps, shows or hands over is that.
final class WorkerCopies {
  private let group: WorkerGroup
  /// The run's, in which the resident's are.
  private let arrays: [Tensor]
  /// By slot.
  private var parked: [Int: [Tensor]] = [:]
  private var resident = 0
  /// All arrays of a worker or, fast, of a rank's workers, and behind them how many have met each obstacle.
  private let packed: Tensor
  /// As `packed`, of all workers; nil where sums may depend on their order.
  private let sums: AlignedMemory?
  /// Whether workers go by themselves just now.
  private(set) var areApart = false
  /// The gravest that this rank's workers have met since they parted.
  private var obstacle: StepOutcome?

  /// - Parameter exact: the mean has the same bits on any number of ranks, for as many messages as there are workers.
  init(_ state: RunState, _ group: WorkerGroup, exact: Bool) {
    self.group = group
    arrays = [state.weights.slice(0..<state.layout.denseCount)] + state.optimizer.state.map(\.arena)
    let count = Self.count(arrays)
    packed = Tensor(Shape(count))
    sums = exact ? AlignedMemory(byteCount: count * MemoryLayout<Double>.stride) : nil
  }

  private static func count(_ arrays: [Tensor]) -> Int {
    arrays.reduce(StepOutcome.obstacles.count) { $0 + $1.count }
  }

  func note(_ obstacle: StepOutcome?) { self.obstacle = StepOutcome.graver(self.obstacle, obstacle) }

  /// Every worker starts from the run's state, where they are not apart yet.
  func part() {
    guard !areApart else { return }
    areApart = true
    obstacle = nil
    resident = 0
    for slot in 1..<max(group.slots, 1) {
      let own = parked[slot] ?? arrays.map { Tensor($0.shape) }
      for (copy, array) in zip(own, arrays) { copy.copy(from: array) }
      parked[slot] = own
    }
  }

  /// Makes the run's state that of a worker of this rank.
  func bring(slot: Int) {
    guard slot != resident, let own = parked.removeValue(forKey: slot) else { return }
    for (array, copy) in zip(arrays, own) { array.exchangeContents(with: copy) }
    parked[resident] = own
    resident = slot
  }

  /// Makes the run's state the mean of all workers'. Collective.
  ///
  /// - Returns: the gravest obstacle that any worker has met, and how many messages a rank sent, of how many bytes.
  func average(_ communicator: Communicator) throws -> (obstacle: StepOutcome?, messages: Int, bytes: Int) {
    let sent = try sums.map { try addInOrder(into: $0, communicator) } ?? addFast(communicator)
    unpack()
    // Memory of the parked is numbered by slot anew.
    parked = Dictionary(uniqueKeysWithValues: zip(1..., parked.sorted { $0.key < $1.key }.map(\.value)))
    areApart = false
    let met = StepOutcome.obstacles.enumerated().last {
      packed.buffer[packed.count - StepOutcome.obstacles.count + $0.offset] > 0
    }
    return (met?.element, sent, sent * packed.count * MemoryLayout<Float>.stride)
  }

  /// Every rank's own workers are added first: one message.
  private func addFast(_ communicator: Communicator) throws -> Int {
    packed.fill(0)
    // Ranks of a group have the same workers.
    if group.rank == 0 { for slot in 0..<group.slots { add(slot: slot) } }
    guard communicator.size > 1 else { return 0 }
    try communicator.allReduce(inPlace: packed.buffer.mutableSpan, .sum)
    return 1
  }

  /// Every worker's arrays travel to all ranks, and are added in the workers' order.
  private func addInOrder(into sums: AlignedMemory, _ communicator: Communicator) throws -> Int {
    let start = sums.baseAddress.assumingMemoryBound(to: Double.self)
    let total = UnsafeMutableBufferPointer(start: start, count: packed.count)
    total.update(repeating: 0)
    for worker in 0..<group.workers {
      let (slot, number) = worker.quotientAndRemainder(dividingBy: group.groups)
      packed.fill(0)
      if number == group.number { add(slot: slot) }
      if group.groups > 1 {
        try communicator.broadcast(packed.buffer.mutableSpan, root: number * group.ranks)
      }
      for index in total.indices { total[index] += Double(packed.buffer[index]) }
    }
    for index in total.indices { packed.buffer[index] = Float(total[index]) }
    return group.groups > 1 ? group.workers : 0
  }

  private func add(slot: Int) {
    var place = 0
    for array in slot == resident ? arrays : parked[slot] ?? [] {
      var target = packed.buffer.extracting(place..<place + array.count).mutableSpan
      Arithmetic.add(array.buffer.span, to: &target)
      place += array.count
    }
    // Each rank's once.
    guard slot == 0, let index = StepOutcome.obstacles.firstIndex(where: { $0 == obstacle }) else { return }
    packed.buffer[packed.count - StepOutcome.obstacles.count + index] = 1
  }

  private func unpack() {
    var place = 0
    for array in arrays {
      for index in array.buffer.indices { array.buffer[index] = packed.buffer[place + index] / Float(group.workers) }
      place += array.count
    }
  }
}
