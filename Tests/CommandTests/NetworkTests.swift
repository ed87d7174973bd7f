import Foundation
import Interconnect
import Testing

extension CommandTests {
  /// `lockstep network` and `lockstep tuning` on ranks of this machine.
  @Suite(.serialized) struct Network {
    private static let quick = "network --most-bytes 4096 --repetitions 6 --seconds 20"

    @Test func timesEveryCollectiveAndIsReadBack() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(ranks: 2, "\(Self.quick) --output \(folder.path)")
      try #require(result.status == 0, "\(result.text)")
      #expect(!result.output.contains("\r") && !result.output.contains("\u{1B}"), "\(result.text)")
      #expect(result.output.contains("all-to-all, 2 ranks on 1 host, 4 KiB  "), "\(result.text)")
      #expect(result.output.contains("did not see are missed by"), "\(result.text)")
      let model = try NetworkModel.read(folder.file("network.json").path)
      #expect(model.fits.map(\.collective) == Collective.allCases)
      #expect(model.times.count == 4 * 10 && model.facts?.ranks == 2 && model.heldOutError != nil)
      #expect(Shell.fileExists(folder.file("figures/network-allReduce.svg")))
      let again = try Shell.lockstep(ranks: 2, "\(Self.quick) --output \(folder.path)")
      expectOneError(again, ["network.json is there already", "--overwrite"])
      let replaced = try Shell.lockstep(
        ranks: 2,
        "\(Self.quick) --collective allReduce --collective allReduce --overwrite --quiet --output \(folder.path)")
      let lines = replaced.output.split(separator: "\n")
      #expect(replaced.status == 0 && lines.count == 2 && lines[0].contains("missed by"), "\(replaced.text)")
      #expect(try NetworkModel.read(folder.file("network.json").path).times.count == 10, "each collective once")
    }

    @Test func timesARunsOwnBuckets() throws {
      let folder = try TemporaryFolder()
      let run =
        "--run launch/runs/fashion-mnist-mlp.yaml --set data.path=\(Shell.data) --set model.widths=[64]"
        + " --set execution.bucketBytes=65536"
      let result = try Shell.lockstep(
        ranks: 2, "\(Self.quick) \(run) --collective allReduce --quiet --output \(folder.path)")
      try #require(result.status == 0, "\(result.text)")
      let sizes = try NetworkModel.read(folder.file("network.json").path).times.map(\.bytes)
      // 785 × 64 floats in pieces of about 64 KiB; the 650 of the last layer are part of the first.
      #expect(sizes.filter { $0 > 4096 }.count >= 1, "\(sizes)")
      #expect(sizes == sizes.sorted())
    }

    @Test func oneRankIsNoNetwork() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.run("\(Shell.lockstep) \(Self.quick) --output \(folder.path)")
      expectOneError(result, ["two ranks or more, and this is one", "launch/local 2 network"])
    }

    @Test(arguments: [
      ("--most-bytes 100", "--most-bytes is 100, but must be from 128"),
      ("--repetitions 1", "--repetitions is 1, but must be from 3"), ("--seconds 0", "--seconds must be more than 0"),
      ("--collective scan", "scan"), ("--set seed=1", "--set means nothing without --run"),
      ("--link 0", "--link must be more than 0"), ("--run nowhere.yaml", "nowhere.yaml"),
    ])
    func wrongFlags(_ flags: String, _ words: String) throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(ranks: 2, "network \(flags) --output \(folder.path)")
      expectOneError(result, [words])
    }

    @Test func tooFewSizesAreAnError() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(ranks: 2, "network --seconds 1e-9 --output \(folder.path)")
      expectOneError(result, ["was timed at 1 sizes, and a fit needs 4", "--seconds"])
      #expect(!Shell.fileExists(folder.file("network.json")))
    }

    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) func aFullDiskIsSaid() throws {
      let disk = try SmallDisk(kilobytes: 8)
      let result = try disk.run("\(Shell.lockstep) \(Self.quick) --quiet --output \(disk.path)")
      expectOneError(result, [disk.path, "No space left", "free some space"])
    }

    @Test func tuningChoosesAndRefuses() throws {
      let folder = try TemporaryFolder()
      for name in ["one", "two"] {
        let result = try Shell.run(
          "export OMPI_MCA_coll_libnbc_iallreduce_algorithm=\(name == "one" ? 1 : 4); \(Shell.mpirun(2)) \(Shell.lockstep) "
            + "\(Self.quick) --collective allReduce --quiet --output \(folder.file(name).path)")
        try #require(result.status == 0, "\(result.text)")
      }
      let (one, two, file) = (folder.file("one").path, folder.file("two").path, folder.file("network.tuning").path)
      let result = try Shell.run("\(Shell.lockstep) tuning \(one) \(two) --least-bytes 8 --output \(file)")
      try #require(result.status == 0, "\(result.text)")
      #expect(result.output.contains("taken"), "\(result.text)")
      let applied = try Shell.run(
        "LOCKSTEP_NETWORK=\(file) bash -ec 'source launch/network; env | grep -c iallreduce_algorithm'")
      #expect(applied.output == "1\n", "\(applied.text)")

      expectOneError(
        try Shell.run("\(Shell.lockstep) tuning \(one) \(folder.path)/three --output \(file)"),
        ["three/network.json", "lockstep network writes such a file"])
      try "{}".write(to: folder.file("one/network.json"), atomically: true, encoding: .utf8)
      expectOneError(
        try Shell.run("\(Shell.lockstep) tuning \(one) --output \(file)"),
        ["one/network.json:1", "missing key 'format'", "measure again"])
    }

    @Test func aNamedTuningThatIsNotThereStopsALauncher() throws {
      let result = try Shell.run(
        "LOCKSTEP_NETWORK=/nowhere/network.tuning bash -c 'source launch/network; echo went on'")
      #expect(
        result.status == 66 && result.output.isEmpty && result.errors.contains("launch/tune-network"), "\(result.text)")
    }
  }
}
