internal import CMPI

/// An element of a message: a Swift type that has the layout of one of MPI's basic datatypes (MPI 3.1 §3.2.2), so that no call
/// takes a datatype.
public protocol MessageElement: BitwiseCopyable, Sendable {
  static var datatype: Datatype { get }
  /// Fills memory that MPI then overwrites.
  static var zero: Self { get }
}

/// MPI's name for an element type.
public struct Datatype {
  let handle: lockstep_mpi_datatype
  /// In bytes.
  let stride: Int

  init<Element>(_ handle: lockstep_mpi_datatype, of element: Element.Type) {
    self.handle = handle
    stride = MemoryLayout<Element>.stride
  }
}

extension Float: MessageElement {
  /// `MPI_FLOAT`.
  public static var datatype: Datatype { .init(lockstep_mpi_float(), of: Self.self) }
}
extension Double: MessageElement {
  /// `MPI_DOUBLE`.
  public static var datatype: Datatype { .init(lockstep_mpi_double(), of: Self.self) }
}
extension Int: MessageElement {
  /// `MPI_INT64_T`.
  public static var datatype: Datatype { .init(lockstep_mpi_int64(), of: Self.self) }
}
extension Int8: MessageElement {
  /// `MPI_INT8_T`.
  public static var datatype: Datatype { .init(lockstep_mpi_int8(), of: Self.self) }
}
extension Int16: MessageElement {
  /// `MPI_INT16_T`.
  public static var datatype: Datatype { .init(lockstep_mpi_int16(), of: Self.self) }
}
extension Int32: MessageElement {
  /// `MPI_INT32_T`.
  public static var datatype: Datatype { .init(lockstep_mpi_int32(), of: Self.self) }
}
extension Int64: MessageElement {
  /// `MPI_INT64_T`.
  public static var datatype: Datatype { .init(lockstep_mpi_int64(), of: Self.self) }
}
extension UInt8: MessageElement {
  /// `MPI_UINT8_T`.
  public static var datatype: Datatype { .init(lockstep_mpi_uint8(), of: Self.self) }
}
extension UInt16: MessageElement {
  /// `MPI_UINT16_T`.
  public static var datatype: Datatype { .init(lockstep_mpi_uint16(), of: Self.self) }
}
extension UInt32: MessageElement {
  /// `MPI_UINT32_T`.
  public static var datatype: Datatype { .init(lockstep_mpi_uint32(), of: Self.self) }
}
extension UInt64: MessageElement {
  /// `MPI_UINT64_T`.
  public static var datatype: Datatype { .init(lockstep_mpi_uint64(), of: Self.self) }
}
