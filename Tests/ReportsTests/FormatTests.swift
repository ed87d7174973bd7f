import Configuration
import Foundation
import Reports
import Statistics
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
    #expect(Format.number(1.5e-9) == "1.5e-9")
    #expect(Format.number(.infinity) == "∞" && Format.number(.nan) == "not a number")
  }

  @Test("No number is longer than a column: beyond, digits and a power of ten")
  func long() {
    #expect(Format.number(1e308) == "1e308" && Format.number(-1.234e200) == "−1.23e200")
    #expect(Format.fixed(1e308, 4) == "1e308" && Format.fixed(123_456_789, 4) == "123,456,789")
    #expect(Format.fixed(1234.56789, 4) == "1234.5679" && Format.fixed(1_234_567.891, 4) == "1,234,567.89")
    #expect(Format.integer(123_456_789_012) == "123,456,789,012" && Format.integer(.max) == "9.223e18")
    #expect(Format.integer(.min) == "−9.223e18" && Format.integer(-1234) == "−1234")
    #expect(Format.percent(1e300) == "1e302 %" && Format.seconds(1e308).hasSuffix("e304 h"))
    #expect(Format.estimate(Estimate([1e308, 1e308])) == "1e308 ± 0")
    for exponent in -323...308 {
      for digits in [1.0, 9.9996, -5.55] {
        let value = digits * pow(10, Double(exponent))
        for text in [Format.number(value), Format.fixed(value, 4), Format.fixed(value, 0)] {
          #expect(text.count <= 13, "\(value): \(text)")
        }
      }
    }
  }

  @Test("What is no number is a word", arguments: [Double.nan, .infinity, -.infinity])
  func words(value: Double) {
    let word = value.isNaN ? "not a number" : value < 0 ? "−∞" : "∞"
    #expect(Format.number(value) == word && Format.fixed(value, 3) == word && Format.percent(value) == word + " %")
    #expect(Format.estimate(Estimate([value]), times: 1e6) == word && Format.clock(value) == Format.missing)
    #expect(Format.bytes(value).hasPrefix(word) && Format.seconds(value).hasPrefix(word))
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

  @Test("Time left has hours only where there are some, and no minute has sixty seconds")
  func clock() {
    #expect(Format.clock(3723) == "1:02:03" && Format.clock(86_399) == "23:59:59")
    #expect(Format.clock(123) == "2:03" && Format.clock(59.6) == "1:00" && Format.clock(3599.4) == "59:59")
    #expect(Format.clock(-1) == "0:00")
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
