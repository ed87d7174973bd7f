/// Told of a network's steps as they run, piece by piece: what it does must be quick.
public protocol NetworkObserver: AnyObject {
  /// A step is about to run.
  func begins()
  /// The step with this number (see `Network.stepNames`) has run.
  func ended(_ step: Int, _ part: NetworkPart)
}

/// The work of a network's step.
public enum NetworkPart: Sendable {
  case forward
  /// The whole way back.
  case backward
  /// What comes first of it, in one piece or several: the gradients of what is learnt.
  case parameters
  /// What comes last of it: the gradient of the input.
  case input
}

extension Network {
  /// Instructions of the way back, an upper bound of what an observer is told of it.
  public var backwardInstructions: Int { plan.backward?.instructions.count ?? 0 }

  /// Names of the layers or joins that do the steps' work, with what is fused into them; in forward order.
  public var stepNames: [String] { plan.fusion.steps.map { model.graph.nodes[$0.index].place.name } }
}

extension BackwardProgram.Instruction {
  /// Says that a layer's work is done; copies and sums between layers are nobody's.
  func tell(_ observer: any NetworkObserver) {
    switch self {
    case .layer(let step, _, _, _): observer.ended(step, .backward)
    case .parameters(let step, _, _, _): observer.ended(step, .parameters)
    case .input(let step, _, _, _): observer.ended(step, .input)
    case .rectify, .copy, .add, .extract, .done: return
    }
  }
}
