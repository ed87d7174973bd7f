import Kernels
import Testing

@Suite struct OneDNNTests {
  @Test func versionIsOneThatTheHeaderKnows() throws {
    let major = try #require(Int(oneDNNVersion.prefix { $0 != "." }))
    #expect(major == 2 || major == 3)
  }

  @Test func threadsAreSetWhereTheBuildCan() throws {
    guard let before = KernelThreads.count else {
      #expect(throws: KernelThreads.Unsupported.self) { try KernelThreads.set(1) }
      return
    }
    try KernelThreads.set(3)
    #expect(KernelThreads.count == 3)
    try KernelThreads.set(before)
    #expect(KernelThreads.count == before)
  }
}
