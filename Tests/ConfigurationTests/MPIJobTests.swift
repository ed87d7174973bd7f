import Configuration
import Foundation
import Testing

/// The manifest for Kubernetes is shipped to be changed, and says some things in several places: here at least it agrees with
/// itself and with the image. It was held against the operator's own schema by hand (docs/cluster.md).
@Suite struct MPIJobTests {
  private let manifest: ConfigurationNode

  init() throws { manifest = try .load(file: "\(repository)/launch/container/mpijob.yaml") }

  @Test func isAnMPIJobWithOneLauncher() throws {
    #expect(try manifest["apiVersion"].text == "kubeflow.org/v2beta1")
    #expect(try manifest["kind"].text == "MPIJob")
    #expect(try manifest["spec", "mpiReplicaSpecs"].keys == ["Launcher", "Worker"])
    #expect(try manifest["spec", "mpiReplicaSpecs", "Launcher", "replicas"].text == "1")
  }

  @Test func ranksAreWorkersTimesSlotsAndHaveACoreEach() throws {
    let slots = try #require(Int(manifest["spec", "slotsPerWorker"].text))
    let workers = try #require(Int(manifest["spec", "mpiReplicaSpecs", "Worker", "replicas"].text))
    #expect(try launcherScript().contains("mpirun -np \(slots * workers) "))
    for kind in ["requests", "limits"] {
      #expect(try container("Worker")["resources", kind, "cpu"].text == "\(slots)")
    }
  }

  @Test func everyMountHasItsVolume() throws {
    for role in ["Launcher", "Worker"] {
      let volumes = try pod(role)["volumes"].elements.map { try $0["name"].text }
      for mount in try container(role)["volumeMounts"].elements { #expect(try volumes.contains(mount["name"].text)) }
    }
    #expect(try container("Worker")["volumeMounts"].elements.contains { try $0["mountPath"].text == "/dev/shm" })
  }

  @Test func programsAndFoldersAreTheImages() throws {
    let image = try String(contentsOfFile: "\(repository)/launch/container/Dockerfile", encoding: .utf8)
    #expect(image.contains("COPY --from=build /lockstep/.build/release/lockstep .build/release/"))
    #expect(try launcherScript().contains("/lockstep/.build/release/lockstep study launch/studies/"))
    let daemon = try container("Worker")["command"].elements.map { try $0.text }
    #expect(image.contains("> \(try #require(daemon.last))"))
    let keys = try manifest["spec", "sshAuthMountPath"].text
    #expect(keys == "/home/lockstep/.ssh" && image.contains("useradd --create-home --shell /bin/bash lockstep"))
    for role in ["Launcher", "Worker"] { #expect(try container(role)["image"].text == "lockstep:latest") }
  }

  private func pod(_ role: String) throws -> ConfigurationNode {
    try manifest["spec", "mpiReplicaSpecs", role, "template", "spec"]
  }

  private func container(_ role: String) throws -> ConfigurationNode {
    let containers = try pod(role)["containers"].elements
    #expect(containers.count == 1)
    return try #require(containers.first)
  }

  private func launcherScript() throws -> String { try #require(container("Launcher")["args"].elements.first).text }
}

extension ConfigurationNode {
  fileprivate subscript(_ keys: String...) -> ConfigurationNode {
    get throws {
      try keys.reduce(self) { node, key in
        guard case .section(let entries) = node.content, let entry = entries.first(where: { $0.key == key }) else {
          throw node.error("there is no '\(key)' in '\(node.path)'")
        }
        return entry.value
      }
    }
  }

  fileprivate var keys: [String] { if case .section(let entries) = content { entries.map(\.key) } else { [] } }

  fileprivate var elements: [ConfigurationNode] {
    switch content {
    case .list(let nodes): nodes
    case .texts(let texts):
      texts.map { text in
        var node = self
        node.content = .scalar(text, isQuoted: true)
        return node
      }
    default: []
    }
  }

  fileprivate var text: String {
    get throws {
      guard case .scalar(let text, _) = content else { throw error("'\(path)' is no text") }
      return text
    }
  }
}
