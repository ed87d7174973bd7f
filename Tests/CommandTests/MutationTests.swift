import Foundation
import Testing

extension CommandTests {
  /// Changed files of every kind are accepted or refused with one clear error: none traps, hangs, or takes memory without
  /// bound. `LOCKSTEP_MUTATIONS=10000` reads more of them than continuous integration does.
  @Suite(.serialized) struct MutationsOfFiles {
    @Test(.timeLimit(.minutes(30))) func areAcceptedOrRefusedClearly() throws {
      let cases = ProcessInfo.processInfo.environment["LOCKSTEP_MUTATIONS"].flatMap { Int($0) } ?? 1000
      let program = Shell.products.appendingPathComponent("Mutations").path
      let result = try Shell.run("\(program) --cases \(cases)", limitInSeconds: 1800)
      print(result.output.split(separator: "\n").last ?? "")
      #expect(result.status == 0 && result.output.contains("\(cases) cases: "), "\(result.text)")
    }
  }
}
