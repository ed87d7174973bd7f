import Buffers

/// Work that a network runs as one: a layer or a join, what is fused into it, and any reshapes before it.
struct FusedStep: Sendable {
  /// A value as a step takes or gives it. Reshapes move nothing, so several values may be the same numbers.
  struct Use: Sendable {
    /// The number of the value that holds the numbers.
    let value: Int
    /// Per sample.
    let shape: Shape
  }

  let work: Graph.Work
  /// The nodes that it does the work of, reshapes among them.
  let members: Range<Int>
  /// The member whose parameters, place and input it has.
  let index: Int
  let inputs: [Use]
  let output: Use
}

/// A graph cut into steps, in the order in which they run.
struct FusionPlan: Sendable {
  let graph: Graph
  private(set) var steps: [FusedStep] = []
  /// The model's output.
  private(set) var output: FusedStep.Use
  /// For each value, the one that holds its numbers.
  private var holders: [Int]
  /// For each value, how many nodes it goes into.
  private let readers: [Int]

  init(_ graph: Graph) {
    self.graph = graph
    holders = Array(0...graph.nodes.count)
    readers = graph.nodes.reduce(into: Array(repeating: 0, count: graph.nodes.count + 1)) { readers, node in
      for input in node.inputs { readers[input.number] += 1 }
    }
    output = FusedStep.Use(value: 0, shape: graph.output.shape)
    var first = 0
    while let step = next(from: first) {
      steps.append(step)
      first = step.members.upperBound
    }
    output = use(graph.output)
  }

  /// Reshapes behind the last step, which nothing runs.
  var rest: Range<Int> { (steps.last?.members.upperBound ?? 0)..<graph.nodes.count }

  private mutating func next(from first: Int) -> FusedStep? {
    var index = first
    while index < graph.nodes.count, graph.nodes[index].work.layer?.isReshape == true {
      holders[index + 1] = holders[graph.nodes[index].inputs[0].number]
      index += 1
    }
    guard index < graph.nodes.count else { return nil }
    let node = graph.nodes[index]
    let inputs = node.inputs.map(use)
    let (work, end) = fused(index)
    for inner in index + 1..<end { holders[inner] = end }
    return FusedStep(
      work: work, members: first..<end, index: index, inputs: inputs,
      output: FusedStep.Use(value: end, shape: graph.nodes[end - 1].output.shape))
  }

  /// The node's work together with that of those right behind it that nobody else reads from.
  private func fused(_ index: Int) -> (work: Graph.Work, end: Int) {
    var work = graph.nodes[index].work
    var end = index + 1
    while end < graph.nodes.count, readers[end] == 1, graph.nodes[end].inputs.map(\.number) == [end],
      let next = graph.nodes[end].work.layer,
      let both = work.fusing(next, input: graph.nodes[index].inputs[0].shape)
    {
      work = both
      end += 1
    }
    return (work, end)
  }

  private func use(_ value: Graph.Value) -> FusedStep.Use {
    FusedStep.Use(value: holders[value.number], shape: value.shape)
  }

  /// For each value, whether anything that learns comes before it: nobody asks for the gradient of data.
  var needsGradient: [Bool] {
    var needs = Array(repeating: false, count: graph.nodes.count + 1)
    for step in steps {
      needs[step.output.value] =
        step.inputs.contains { needs[$0.value] } || step.members.contains { !graph.nodes[$0].parameters.isEmpty }
    }
    return needs
  }
}

extension Graph.Work {
  fileprivate func fusing(_ next: any Layer, input: Shape) -> Graph.Work? {
    switch self {
    case .layer(let layer): layer.fusing(next, input: input).map { .layer($0) }
    case .join(let join): join.fusing(next).map { .join($0) }
    }
  }
}
