import Configuration
import Reports
import Studies
import Testing

@Suite("Numbers for people")
struct FormatTests {
  @Test("Significant digits, whole digits never lost")
  func number() {
    #expect(Format.number(0.0428) == "0.0428")
    #expect(Format.number(9.996) == "10.0")
    #expect(Format.number(1234.5) == "1234" || Format.number(1234.5) == "1235")
    #expect(Format.number(98765) == "98,765")
    #expect(Format.number(0) == "0")
    #expect(Format.number(-0.5) == "−0.500")
    #expect(Format.number(1.5e-9) == "1.50e-09")
    #expect(Format.number(.infinity) == "∞" && Format.number(.nan) == "not a number")
  }

  @Test("Units that suit the size")
  func units() {
    #expect(Format.seconds(0.00000123) == "1.23 µs")
    #expect(Format.seconds(0.0123) == "12.3 ms")
    #expect(Format.seconds(42) == "42.0 s")
    #expect(Format.seconds(600) == "10.0 min")
    #expect(Format.seconds(7200) == "2.00 h")
    #expect(Format.bytes(2_621_440) == "2.50 MiB")
    #expect(Format.percent(0.8731) == "87.3 %")
  }

  @Test("Mean ± deviation share their decimals; one value has no ±")
  func estimate() {
    #expect(Format.estimate(Estimate([0.80, 0.82]), times: 100, decimals: 2) == "81.00 ± 1.41")
    #expect(Format.estimate(Estimate([12.345])) == "12.3")
    #expect(Format.estimate(nil) == "–")
    #expect(Format.count(Estimate([4, 4])) == "4" && Format.count(Estimate([4, 5])) == "4.5")
  }

  @Test("Lists and plurals")
  func words() {
    #expect(Format.list(["a", "b", "c"]) == "a, b and c")
    #expect(Format.list(["a"]) == "a" && Format.list([]) == "")
    #expect(Format.plural(1, "rank") == "1 rank" && Format.plural(1000, "trial") == "1000 trials")
  }
}
