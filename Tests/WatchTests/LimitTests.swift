import Testing
import Watch

@Suite struct LimitTests {
  @Test(
    arguments: [("30", 30), ("0", nil), ("-1", nil), ("1e3", nil), ("", nil), ("2000000", nil)] as [(String, Double?)])
  func wholeSecondsAreRead(text: String, seconds: Double?) { #expect(TimeLimit.read(text) == seconds) }
}
