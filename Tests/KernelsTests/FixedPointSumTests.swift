import Kernels
import Testing

@Suite struct FixedPointSumTests {
  /// Numbers of very different sizes, whose float sum depends on the order.
  private let values: [Float] = [1e3, -1e-7, 3.14159, -1e3, 2e-6, 0.1, -3.3333, 1e-12, 4095.5, 7e-4]

  private func sum(_ values: [Float]) -> Double {
    var sums = [0.0]
    for (index, value) in values.enumerated() {
      var target = sums.mutableSpan
      FixedPointSum.add([value].span, to: &target, overwrite: index == 0)
    }
    return sums[0]
  }

  @Test func sumIsTheSameInAnyOrder() {
    var generator = SystemRandomNumberGenerator()
    let expected = sum(values)
    for _ in 0..<200 { #expect(sum(values.shuffled(using: &generator)) == expected) }
    #expect(Set((0..<200).map { _ in values.shuffled().reduce(0, +) }).count > 1, "floats would not have needed it")
  }

  @Test func partialSumsAddUpToTheSame() {
    for split in 1..<values.count {
      #expect(sum(Array(values[..<split])) + sum(Array(values[split...])) == sum(values))
    }
  }

  @Test func roundsToTheQuantum() {
    #expect(sum([Float(FixedPointSum.quantum)]) == FixedPointSum.quantum)
    #expect(sum([Float(FixedPointSum.quantum * 0.4)]) == 0)
    for value in values { #expect(abs(sum([value]) - Double(value)) <= FixedPointSum.quantum / 2) }
  }

  @Test func overwriteForgetsWhatWasThere() {
    var sums = [5.0, 6.0]
    var target = sums.mutableSpan
    FixedPointSum.add(([1, 2] as [Float]).span, to: &target, overwrite: true)
    #expect(sums == [1, 2])
  }

  /// A run that has diverged must not look as if it had not.
  @Test func notANumberStaysOne() { #expect(sum([1, .nan]).isNaN) }
}
