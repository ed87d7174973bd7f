import Reports
import Testing

@Suite("Axis scales")
struct AxisScaleTests {
  @Test("Linear ticks are round and lie inside the domain")
  func linear() {
    #expect(AxisScale(.linear, 0...10).ticks() == [0, 2, 4, 6, 8, 10])
    let ticks = AxisScale(.linear, 0.811...0.879).ticks()
    #expect(AxisScale(.linear, 0.811...0.879).labels(ticks) == ["0.82", "0.84", "0.86"])
    #expect(ticks.allSatisfy { (0.811...0.879).contains($0) })
    #expect(AxisScale(.linear, -3...3).ticks().contains(0))
    #expect(AxisScale(.linear, 0...25_000).labels([0, 10_000, 20_000]) == ["0", "10,000", "20,000"])
  }

  @Test("A whole of 100, a rounding error above it included, ends at 100")
  func rounded() {
    #expect(AxisScale(.linear, 0...100.000000001).rounded().domain == 0...100)
    #expect(AxisScale(.linear, 0...97).rounded().domain == 0...100)
    #expect(AxisScale(.log2, 64...1000).rounded().domain == 64...1000)
  }

  @Test("Powers of two, thinned where there are many")
  func log2() {
    #expect(AxisScale(.log2, 64...1024).ticks() == [64, 128, 256, 512, 1024])
    let many = AxisScale(.log2, 1...65536).ticks()
    #expect(many.count <= 6 && many.count >= 3 && many[0] == 1)
    #expect(AxisScale(.log2, 64...1024).fraction(256) == 0.5)
  }

  @Test("Decades, with steps between them where there is room")
  func log10() {
    #expect(AxisScale(.log10, 1...1000).ticks() == [1, 3, 10, 30, 100, 300, 1000])
    #expect(AxisScale(.log10, 1...100).ticks() == [1, 2, 5, 10, 20, 50, 100])
    let wide = AxisScale(.log10, 1e-3...1e6).ticks()
    #expect(wide.count >= 3 && wide.count <= 7)
    #expect(AxisScale(.log10, 1.2...1.9).ticks().count >= 3)
    #expect(AxisScale(.log10, 0.1...10).labels([0.1, 1, 10]) == ["0.1", "1", "10"])
  }

  @Test("A single value gets room on both sides")
  func single() {
    #expect(AxisScale(.linear, 5...5).fraction(5) == 0.5)
    #expect(AxisScale(.linear, 0...0).fraction(0) == 0.5)
    #expect(Set(AxisScale(.linear, 3...3.000000001).labels(AxisScale(.linear, 3...3.000000001).ticks())).count > 1)
    #expect(abs(AxisScale(.log10, 5...5).fraction(5) - 0.5) < 1e-12)
  }
}
