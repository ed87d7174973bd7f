internal import CMPI
import Synchronization

/// All communicators of this process: where ranks are lost, whoever waits on any of them must learn of it.
enum LiveCommunicators {
  /// MPI's handle: a pointer or a number, which any thread may hand to MPI.
  private struct Handle: @unchecked Sendable {
    let comm: lockstep_mpi_comm
  }

  private static let handles = Mutex<[ObjectIdentifier: Handle]>([:])

  /// Also in place of an earlier handle.
  static func add(_ communicator: Communicator) {
    let (key, handle) = (ObjectIdentifier(communicator), Handle(comm: communicator.comm))
    handles.withLock { $0[key] = handle }
  }

  static func remove(_ communicator: Communicator) {
    let key = ObjectIdentifier(communicator)
    handles.withLock { _ = $0.removeValue(forKey: key) }
  }

  static var all: [lockstep_mpi_comm] { handles.withLock { $0.values.map { $0 } }.map(\.comm) }
}
