import Testing
import Training

@Suite struct StartNotesTests {
  private func rank(
    _ host: String = "node0", _ processors: String = "0-3", btl: String = "", pml: String = "", refusal: String = ""
  ) -> RankSurroundings {
    RankSurroundings(host: host, processors: processors, transports: btl, messageLayer: pml, refusal: refusal)
  }

  private func notes(_ ranks: RankSurroundings...) -> [String] { StartNotes(ranks).notes }

  @Test func surroundingsComeBackFromTheirText() {
    let own = rank("node0", "0-3,8", btl: "tcp,self", pml: "ob1", refusal: "Operation not permitted")
    #expect(RankSurroundings(text: own.text) == own)
  }

  @Test func pinnedRanksAndLoneOnesAreFine() {
    #expect(notes(rank("node0", "0"), rank("node0", "1")).isEmpty)
    #expect(notes(rank("node0"), rank("node1")).isEmpty, "one to a host")
    #expect(notes(rank("node0", "0"), rank("node0", "0")).isEmpty, "too few cores have a warning of their own")
    #expect(notes(rank("node0", "0-1"), rank("node0", "0-1"), rank("node0", "2-3")).isEmpty, "pinned by socket")
  }

  @Test func ranksThatNothingPinsAreToldOnce() {
    let found = notes(rank("node0"), rank("node0"), rank("node1"), rank("node1"))
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("the 2 ranks on node0 may each run on all of the same 4 processors"))
  }

  @Test(arguments: [
    (["0-1", "1-2", "3"], "ranks 0, 1 on a overlap on processors 1,"),
    (["0", "0", "1-3"], "ranks 0, 1 on a overlap on processors 0,"),
    (["3", "0-2", "2-3"], "ranks 0, 2 on a overlap on processors 3,"),
  ])
  func ranksThatShareSomeProcessorsAreNamed(places: [String], words: String) {
    let found = StartNotes(places.map { rank("a", $0) }).notes
    #expect(found.count == 1 && found[0].hasPrefix(words), "\(found)")
    let apart = StartNotes(places.enumerated().map { rank("host\($0)", $1) }).notes
    #expect(apart.isEmpty, "on hosts of their own")
  }

  @Test(arguments: [
    ("^tcp", ""), ("vader,self,tcp", ""), ("self,sm", ""), ("tcp,self", "ucx"), ("^vader", "cm"), ("", ""),
  ])
  func sharedMemoryIsUsed(btl: String, pml: String) {
    #expect(notes(rank("a", "0", btl: btl, pml: pml), rank("a", "1", btl: btl, pml: pml)).isEmpty)
  }

  @Test(arguments: [("tcp,self", ""), ("^vader", "ob1"), ("self,tcp", "ob1"), ("^openib,sm", "")])
  func networkInPlaceOfSharedMemory(btl: String, pml: String) {
    let one = rank("a", "0", btl: btl, pml: pml)
    #expect(notes(one, rank("b", "0", btl: btl, pml: pml)).isEmpty, "one rank to a host: there is none to share")
    let found = notes(one, rank("a", "1", btl: btl, pml: pml))
    #expect(found.count == 1 && found[0].hasPrefix("OMPI_MCA_btl=\(btl) leaves shared memory out"))
  }

  @Test func refusedCopiesAreToldOnce() {
    let refused = "Operation not permitted"
    let found = notes(rank("a", "0", refusal: refused), rank("a", "1", refusal: refused))
    #expect(found.count == 1 && found[0].contains("process_vm_readv: Operation not permitted"))
  }
}
