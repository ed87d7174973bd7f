/// eˣ in a form that the compiler vectorises: within 2 units in the last place over the normal range, 0 below it,
/// infinity above it, NaN for NaN.
@inline(__always)
func exponential(_ x: Float) -> Float {
  // x = n·ln 2 + r with |r| ≤ ln 2 / 2; eˣ = 2ⁿ·eʳ. Adding and taking away 1.5·2²³ rounds to an integer.
  let bounded = x < -87 ? -87 : (x > 88 ? 88 : x)
  let shifted = Float(0x1.8p23).addingProduct(bounded, 0x1.715476p0)
  let n = shifted - 0x1.8p23
  // ln 2 in two parts, so that n·ln 2 loses nothing.
  var r = bounded.addingProduct(n, -0x1.62e400p-1)
  r = r.addingProduct(n, -0x1.7f7d1cp-20)
  // Taylor to the 7th power: the next term is below 2⁻²⁷ for |r| ≤ 0.347.
  var sum = Float(1 / 720.0).addingProduct(r, 1 / 5040.0)
  sum = Float(1 / 120.0).addingProduct(r, sum)
  sum = Float(1 / 24.0).addingProduct(r, sum)
  sum = Float(1 / 6.0).addingProduct(r, sum)
  sum = Float(0.5).addingProduct(r, sum)
  sum = Float(1).addingProduct(r, sum)
  sum = Float(1).addingProduct(r, sum)
  // n sits in the low bits of `shifted`; moved up, it is the exponent of 2ⁿ.
  let power = Float(bitPattern: (shifted.bitPattern &+ 127) &<< 23)
  let value = sum * power
  return x < -87 ? 0 : (x > 88 ? .infinity : value)
}
