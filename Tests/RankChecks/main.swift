import Glibc
import MessagePassing
import Training

// Each file adds its list here. The order is the same on every rank: Swift Testing, which runs tests in parallel, would
// let ranks enter collective calls in different orders.
let checks =
  launcherChecks + groupChecks + collectiveChecks + gatherChecks + requestChecks + messageChecks + errorChecks
  + trainingChecks + compositeChecks + exchangeChecks + crewChecks + exactSumChecks + tableChecks + nodeRowsChecks
  + clickChecks
  + metricChecks + workerChecks + landscapeChecks + contrastChecks + noiseChecks + checkpointChecks + changedRowsChecks
  + comparisonChecks
  + skippingChecks + warningChecks + trailChecks

// A launcher ends the job when the first rank fails: rank 0, which speaks for all, is the only one that does. Where MPI
// does not start, nobody knows of any other.
var isFirst = true
if CommandLine.arguments.contains("asked") { Interruption.listen() }
do {
  let outcome = try withMessagePassing { world in
    isFirst = world.rank == 0
    let ending = CommandLine.arguments.dropFirst().first
    if ending == "weights" { return try run([weightsToCompare], on: world) }
    if let ending { try end(ending, on: world) }
    // A part of them, by words of their names.
    let words = getenv("RANK_CHECKS_ONLY").map { String(cString: $0) }
    return try run(checks.filter { words == nil || $0.name.contains(words!) }, on: world)
  }
  if isFirst { print("\(outcome.passed) passed, \(outcome.failed) failed") }
  exit(isFirst && outcome.failed > 0 ? 1 : 0)
} catch {
  isFirst = (error as? CollectiveError)?.isReporter ?? isFirst
  if isFirst { print("error: \(error)") }
  exit(isFirst ? 1 : 0)
}
