import MessagePassing

/// Ways for a job to fail, which `launch/rank-checks` looks at from outside: each must end all ranks with one message.
///
/// - Parameter ending: `alone`, `together` or `in-part`.
func end(_ ending: String, on world: Communicator) throws {
  let last = world.size - 1
  switch ending {
  case "alone":
    if world.rank == last { throw FailedExpectation(description: "failed alone") }
    try world.barrier()
  case "together":
    try world.agree { if world.rank == last { throw FailedExpectation(description: "failed together") } }
  case "in-part":
    // All but rank 0, which waits for them.
    let part = try world.split(color: world.rank == 0 ? nil : 0)
    try part?.agree { throw FailedExpectation(description: "failed in part") }
    try world.barrier()
  default:
    throw FailedExpectation(description: "no ending is called \(ending)")
  }
}
