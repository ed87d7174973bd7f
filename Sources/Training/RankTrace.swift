import Layers
import Measurement

/// What one rank notes for a trace: phases, its network's steps, its buckets.
final class RankTrace {
  let recorder: TraceRecorder
  private let layers: LayerTrace

  /// - Parameters:
  ///   - layers: steps of the network.
  ///   - nodes: of its model, after each of which MPI may be called.
  ///   - instructions: of its way back.
  ///   - microbatches: of this rank in a step, at most.
  init(_ window: TraceWindow, layers: Int, nodes: Int, instructions: Int, buckets: Int, microbatches: Int) {
    // Of a microbatch: load, forward, backward, each layer forward, and its way back; MPI after parts and nodes of the last.
    let events = 16 + microbatches * (3 + layers + instructions) + nodes + instructions + 2 * buckets
    recorder = TraceRecorder(steps: window.steps, capacity: min(window.steps.count * events, Self.most))
    self.layers = LayerTrace(recorder)
  }

  /// 48 MB.
  private static let most = 1 << 20

  /// For the network, in steps that are noted.
  var layersIfOn: (any NetworkObserver)? { recorder.isOn ? layers : nil }

  private final class LayerTrace: NetworkObserver {
    private let recorder: TraceRecorder
    private var start: UInt64 = 0

    init(_ recorder: TraceRecorder) { self.recorder = recorder }

    func begins() { start = MonotonicClock.now() }

    func ended(_ step: Int, _ part: NetworkPart) {
      recorder.note(part.kind, step, from: start, to: MonotonicClock.now())
    }
  }
}

extension NetworkPart {
  fileprivate var kind: TraceRecorder.Kind {
    switch self {
    case .forward: .forward
    case .backward: .backward
    case .parameters: .parameters
    case .input: .input
    }
  }
}
