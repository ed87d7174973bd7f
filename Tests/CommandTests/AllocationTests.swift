import Foundation
import Testing

extension CommandTests {
  /// The checked-in count of allocations in training steps after warm-up, on all threads, by who asks for memory.
  ///
  /// glibc counts: its debugging library traces `malloc` between two steps
  /// (`Tests/Benchmarks/AllocationBenchmark.swift`). The numbers of oneDNN and Open MPI are printed; they are theirs.
  @Suite(
    .serialized, .enabled(if: Shell.has("ls /usr/lib/*/libc_malloc_debug.so.0"), "needs glibc's tracing of malloc"))
  struct Allocations {
    /// Ours, and Swift's for us: the program itself and the libraries of the Swift runtime.
    private static let ownCount = ["mlp": 0, "cnn": 0, "resnet20": 0, "deepfm": 0, "deepfm-dense-adam": 0]

    @Test(arguments: ownCount.keys.sorted(), [(1, "private"), (2, "private"), (2, "shared")])
    func stepAllocatesNothing(model: String, place: (ranks: Int, arenas: String)) throws {
      let callers = try callers(model: model, ranks: place.ranks, arenas: place.arenas)
      let own = callers.filter { Self.isOwn($0.key) }
      print("allocations of 10 steps of \(model), \(place): \(callers)")
      #expect(own.values.reduce(0, +) == Self.ownCount[model], "\(own)")
    }

    private func callers(model: String, ranks: Int, arenas: String) throws -> [String: Int] {
      let folder = try TemporaryFolder()
      let program = Shell.products.appendingPathComponent("Benchmarks").path
      let trace = folder.file("trace")
      let result = try Shell.run(
        "\(Shell.mpirun(ranks)) env MALLOC_TRACE=\(trace.path) LD_PRELOAD=libc_malloc_debug.so.0 "
          + "\(program) allocations --model \(model) --arenas \(arenas)")
      try #require(result.status == 0, "\(result.text)")
      let text = folder.text(of: "trace")
      try #require(text.hasPrefix("= Start") && text.hasSuffix("= End\n"), "no whole trace: \(text.prefix(200))")
      return Self.callers(in: text)
    }

    /// The counter itself must be able to count.
    @Test func allocationsAreSeen() {
      let trace = """
        = Start
        @ /usr/lib/libdnnl.so.2:[0x7f0000000010] + 0x55e0 0x40
        @ /usr/lib/swift/linux/libswiftCore.so:(swift_slowAlloc+0x42)[0x7f0000000020] + 0x55e1 0x80
        @ /usr/lib/swift/linux/libswiftCore.so:(swift_slowAlloc+0x42)[0x7f0000000020] > 0x55e2 0x80
        @ /usr/lib/libdnnl.so.2:[0x7f0000000010] - 0x55e0
        = End
        """
      #expect(Self.callers(in: trace) == ["libdnnl.so.2": 1, "libswiftCore.so": 2])
      #expect(Self.isOwn("libswiftCore.so") && Self.isOwn("Benchmarks") && !Self.isOwn("libdnnl.so.2"))
    }

    /// How often each library took memory: lines with `+`, and with `>` for what `realloc` gave.
    private static func callers(in trace: String) -> [String: Int] {
      let names = trace.split(separator: "\n").compactMap { line -> String? in
        let words = line.split(separator: " ")
        guard words.count > 2, words[0] == "@", words[2] == "+" || words[2] == ">" else { return nil }
        let place = words[1].prefix { $0 != ":" && $0 != "[" }
        return place.split(separator: "/").last.map(String.init) ?? "?"
      }
      return names.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func isOwn(_ library: String) -> Bool {
      library == "Benchmarks" || library.hasPrefix("libswift") || library.contains("Foundation")
        || library.hasPrefix("libdispatch") || library == "?"
    }
  }
}
