import Testing
import Watch

@Suite struct FaultTests {
  @Test func keysAreRead() throws {
    #expect(
      try Fault("rank=1,update=40,place=exchange,signal=STOP,time=3,once=/tmp/a=b")
        == Fault(rank: 1, place: .exchange, signal: .stop, update: 40, time: 3, once: "/tmp/a=b"))
    #expect(try Fault("place=start,rank=0") == Fault(rank: 0, place: .start))
    for place in Fault.Place.allCases { #expect(try Fault("rank=2,place=\(place.rawValue)").place == place) }
  }

  @Test(arguments: [
    ("", "'' is none of rank=…, update=…, place=…, signal=…, time=…, once=…"),
    ("rank=1", "'place' is missing"), ("place=data", "'rank' is missing"),
    ("rank=1,place=lunch", "'place=lunch' is none of start, data, forward"),
    ("rank=-1,place=data", "'rank=-1' is no number from 0"),
    ("rank=1,place=data,update=0", "'update=0' is no number from 1"),
    ("rank=1,place=data,time=x", "'time=x' is no number from 1"),
    ("rank=1,place=data,signal=TERM", "'signal=TERM' is none of KILL, STOP"),
    ("rank=1,rank=2,place=data", "'rank' is there twice"),
    ("rank=1,place=start,update=3", "no update is under way at 'start'"),
    ("rank=1,place=data,", "'' is none of"), ("rank=1,place=data,once=", "'once' names no file"),
  ])
  func whatIsNoFaultIsRefused(text: String, problem: String) {
    let refusal = #expect(throws: Fault.Refusal.self) { try Fault(text) }
    #expect(refusal?.description.hasPrefix("LOCKSTEP_FAULT is '\(text)', and \(problem)") == true, "\(refusal!)")
    #expect(refusal?.description.contains("rank=1,update=40,place=exchange,signal=KILL") == true)
  }
}
