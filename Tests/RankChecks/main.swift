import Glibc
import MessagePassing

// Each file adds its list here. The order is the same on every rank: Swift Testing, which runs tests in parallel, would
// let ranks enter collective calls in different orders.
let checks =
  launcherChecks + groupChecks + collectiveChecks + gatherChecks + requestChecks + messageChecks + errorChecks

let outcome = try withMessagePassing { world in try run(checks, on: world) }
if LauncherEnvironment.current.isFirst { print("\(outcome.passed) passed, \(outcome.failed) failed") }
exit(outcome.failed == 0 ? 0 : 1)
