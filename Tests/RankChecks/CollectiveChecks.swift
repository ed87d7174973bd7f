import Buffers
import MessagePassing

let collectiveChecks = [
  RankCheck("barrier") { world in
    for _ in 0..<10 { try world.barrier() }
    try world.startBarrier().wait()
    try world.politeBarrier()
  },
  RankCheck("a barrier holds until the last rank comes") { world in
    let last = world.size - 1
    if last > 0, world.rank == last { _ = try world.receive(Int.self, from: 0) }
    var barrier = try world.startBarrier()
    if last > 0, world.rank == 0 {
      for _ in 0..<100 { try expect(try !barrier.test(), "passed before the last rank came") }
      try world.send(1, to: last)
    }
    try barrier.wait()
  },
  RankCheck("broadcast from every root") { world in
    for root in 0..<world.size {
      var values: [Double] = samples(world.rank, 100)
      try world.broadcast(values.mutableSpan, root: root)
      try expectEqual(values, samples(root, 100))
      try expectEqual(try world.broadcast(world.rank + 1, root: root), root + 1)
    }
  },
  RankCheck("broadcast of unknown length") { world in
    for root in 0..<world.size {
      let bytes = [UInt8](repeating: UInt8(world.rank), count: 1000 * world.rank)
      try expectEqual(try world.broadcast(bytes, root: root), [UInt8](repeating: UInt8(root), count: 1000 * root))
      let text = world.rank == root ? "Übergröße \(root) 🙂" : "other"
      try expectEqual(try world.broadcast(text, root: root), "Übergröße \(root) 🙂")
      try expectEqual(try world.broadcast(world.rank == root ? "" : "other", root: root), "")
    }
  },
  RankCheck("all-reduce in place") { world in
    let tensor = Tensor(samples(world.rank, 1000), shape: Shape(10, 100))
    try world.allReduce(inPlace: tensor.buffer.mutableSpan, .sum)
    try expectEqual(tensor.values, reduced(world.size, 1000, +))
  },
  RankCheck("a rank reduces on its own") { world in
    let (values, sums): ([Float], [Float]) = (samples(world.rank, 1000), samples(world.rank + 1, 1000))
    var result = sums
    try world.reduceLocally(values.span, into: result.mutableSpan, .sum)
    try expectEqual(result, zip(values, sums).map { $0 + $1 })
  },
  RankCheck("all-reduce of part of an array") { world in
    let tensor = Tensor(samples(world.rank, 100), shape: Shape(100))
    try world.allReduce(inPlace: tensor.slice(20..<30).buffer.mutableSpan, .sum)
    let (before, after): ([Float], [Float]) = (samples(world.rank, 100), reduced(world.size, 100, +))
    try expectEqual(tensor.values, Array(before[..<20] + after[20..<30] + before[30...]))
  },
  RankCheck("all-reduce of every type") { world in
    try checkReductions(world, Float.self)
    try checkReductions(world, Double.self)
    try checkReductions(world, Int.self)
    try checkReductions(world, Int8.self, products: false)
    try checkReductions(world, Int16.self)
    try checkReductions(world, Int32.self)
    try checkReductions(world, Int64.self)
    try checkReductions(world, UInt8.self, products: false)
    try checkReductions(world, UInt16.self)
    try checkReductions(world, UInt32.self)
    try checkReductions(world, UInt64.self)
  },
  RankCheck("all-reduce of signs, bits and truth") { world in
    let size = world.size
    try expectEqual(try world.allReduce(-1 - world.rank, .minimum), -size, "negative Int")
    try expectEqual(try world.allReduce(Int8(-1 - world.rank), .minimum), Int8(-size), "negative Int8")
    try expectEqual(try world.allReduce(UInt8(255 - world.rank), .maximum), 255, "large UInt8")
    try expectEqual(try world.allReduce(UInt64.max - UInt64(world.rank), .maximum), .max, "large UInt64")
    try expectEqual(try world.allReduce(1 << world.rank, .bitwiseOr), (1 << size) - 1, "or")
    try expectEqual(try world.allReduce(7 - (1 << world.rank) & 7, .bitwiseAnd), [6, 4, 0, 0][size - 1], "and")
    try expectEqual(try world.allReduce(1 << world.rank | 16, .bitwiseXor) & 16, size % 2 * 16, "exclusive or")
    try expectEqual(try world.allReduce(world.rank, .logicalAnd), 0, "all")
    try expectEqual(try world.allReduce(world.rank, .logicalOr), size > 1 ? 1 : 0, "any")
  },
  RankCheck("reduce to every root") { world in
    for root in 0..<world.size {
      let own: [Float] = samples(world.rank, 50)
      var (values, result) = (own, [Float](repeating: -1, count: world.rank == root ? 50 : 0))
      try world.reduce(inPlace: values.mutableSpan, .sum, root: root)
      try expectEqual(values, world.rank == root ? reduced(world.size, 50, +) : own, "in place")
      try world.reduce(own.span, into: result.mutableSpan, .maximum, root: root)
      try expectEqual(result, world.rank == root ? reduced(world.size, 50, max) : [], "out of place")
      let sum = try world.reduce(world.rank, .sum, root: root)
      try expectEqual(sum, world.rank == root ? world.size * (world.size - 1) / 2 : nil, "scalar")
    }
  },
  RankCheck("reduce-scatter") { world in
    let own: [Int32] = samples(world.rank, 10 * world.size)
    let expected: [Int32] = reduced(world.size, 10 * world.size, +)
    var result = [Int32](repeating: -1, count: 10)
    try world.reduceScatter(own.span, into: result.mutableSpan, .sum)
    try expectEqual(result, Array(expected[10 * world.rank..<10 * world.rank + 10]))
  },
  RankCheck("reduce-scatter with blocks of different length") { world in
    let blocks = try world.blocks((0..<world.size).map { 3 * $0 })
    let own: [Double] = samples(world.rank, blocks.total)
    let expected: [Double] = reduced(world.size, blocks.total, +)
    var result = [Double](repeating: -1, count: 3 * world.rank)
    try world.reduceScatter(own.span, into: result.mutableSpan, blocks, .sum)
    try expectEqual(result, Array(expected[blocks.range(of: world.rank)]))
  },
  RankCheck("nothing at all is sent without harm") { world in
    var empty: [Float] = []
    try world.allReduce(inPlace: empty.mutableSpan, .sum)
    try world.broadcast(empty.mutableSpan)
    try world.reduce(inPlace: empty.mutableSpan, .sum)
    try expectEqual(try world.allGather([Float]()), Array(repeating: [], count: world.size))
    try expectEqual(try world.startAllReduce(Lease([Float]()), .sum).wait().count, 0)
  },
  RankCheck("long messages in pieces") { world in
    let world = try world.duplicate(largestCount: 7)
    for count in [6, 7, 8, 14, 50] {
      let own: [Float] = samples(world.rank, count)
      var values = own
      try world.allReduce(inPlace: values.mutableSpan, .sum)
      try expectEqual(values, reduced(world.size, count, +), "all-reduce in place of \(count)")
      try world.allReduce(own.span, into: values.mutableSpan, .maximum)
      try expectEqual(values, reduced(world.size, count, max), "all-reduce of \(count)")
      values = own
      try world.reduce(inPlace: values.mutableSpan, .sum, root: world.size - 1)
      try expectEqual(values, world.rank == world.size - 1 ? reduced(world.size, count, +) : own, "reduce of \(count)")
      values = own
      try world.broadcast(values.mutableSpan, root: world.size - 1)
      try expectEqual(values, samples(world.size - 1, count), "broadcast of \(count)")
    }
    try expectEqual(try world.broadcast("a text longer than seven bytes"), "a text longer than seven bytes")
  },
]

private func checkReductions<Element: MessageElement & Numeric & Comparable>(
  _ world: Communicator, _: Element.Type, products: Bool = true
) throws {
  try checkReduction(world, .sum, Element.self, +)
  try checkReduction(world, .minimum, Element.self, min)
  try checkReduction(world, .maximum, Element.self, max)
  if products { try checkReduction(world, .product, Element.self, *) }
}

private func checkReduction<Element: MessageElement & Numeric>(
  _ world: Communicator, _ reduction: Reduction, _: Element.Type, _ combine: (Element, Element) -> Element
) throws {
  let own: [Element] = samples(world.rank, 23)
  let expected: [Element] = reduced(world.size, 23, combine)
  let what = "\(reduction) of \(Element.self)"
  var (values, result) = (own, [Element](repeating: .zero, count: 23))
  try world.allReduce(own.span, into: result.mutableSpan, reduction)
  try expectEqual(result, expected, what)
  try world.allReduce(inPlace: values.mutableSpan, reduction)
  try expectEqual(values, expected, "\(what) in place")
  try expectEqual(try world.allReduce(own[5], reduction), expected[5], "\(what), one value")
}
