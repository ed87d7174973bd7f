/// Projected ascent by the gradient's signs: z ← clip(z + 2.5 · h ÷ steps · sign ∇f(z)), h being the box's half widths, the
/// step that Madry et al. (ICLR 2018) take for as many. Cheap, needs no scale, and a lower bound of the maximum.
struct SignAscent {
  let box: Box
  let steps: Int

  /// - Parameter start: as `Box.start` gives it.
  func maximum(of function: some DifferentiableFunction, from start: Box.Start, middle: Double) throws -> Ascent {
    var ascent = Ascent(start: middle)
    guard start.value.isFinite, start.gradient.allSatisfy(\.isFinite) else {
      ascent.end = .notFinite
      return ascent
    }
    if start.isDrawn { _ = ascent.note(start.value, gradient: start.gradient) }
    var (point, gradient) = (start.point, start.gradient)
    while ascent.iterations < steps {
      guard move(&point, along: gradient) else {
        ascent.end = .stationary
        break
      }
      let value = try function.value(at: point, gradient: &gradient)
      guard ascent.note(value, gradient: gradient) else { break }
      ascent.iterations += 1
    }
    return ascent
  }

  /// False where the step changes nothing.
  private func move(_ point: inout [Double], along gradient: [Double]) -> Bool {
    let share = 2.5 / Double(steps)
    var isMoved = false
    for index in point.indices where gradient[index] != 0 {
      let half = box.halfWidths[index]
      let moved = max(-half, min(half, point[index] + (gradient[index] > 0 ? share : -share) * half))
      isMoved = isMoved || moved != point[index]
      point[index] = moved
    }
    return isMoved
  }
}
