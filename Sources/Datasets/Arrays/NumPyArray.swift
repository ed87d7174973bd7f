import Buffers
import Configuration

/// An array of numbers, read row by row.
final class NumPyArray {
  /// For errors: `the array 'X_int'`.
  let name: String
  let header: NumPyHeader
  private let bytes: any ArrayBytes

  init(_ name: String, _ bytes: any ArrayBytes, error: (String) -> DatasetError) throws {
    self.name = name
    self.bytes = bytes
    header = try NumPyHeader(bytes, error: error)
  }

  /// The next rows, one behind the other, until the next call.
  func next(rows: Int) throws -> UnsafeRawPointer { try bytes.next(rows * header.rowSize) }

  func requireWhole() throws { try bytes.requireWhole() }
}

/// The arrays that belong to a path: the members of an .npz, or the file itself and its fellows, whose names differ in the
/// array's name alone.
enum NumPyArrays {
  /// - Parameter names: of the arrays.
  /// - Throws: `DatasetError` for one that is not there or cannot be read.
  static func open(_ names: [String], of path: String, _ plan: ClickArrayPlan) throws -> [NumPyArray] {
    let memory = try MappedFile.open(path)
    if memory.bytes.starts(with: ZipArchive.signature) {
      let archive = try ZipArchive(memory, path)
      return try names.map { try open($0, in: archive) }
    }
    guard memory.bytes.starts(with: NumPyHeader.signature) else {
      throw DatasetError(file: path, "this is neither an array of NumPy (.npy) nor an archive of such (.npz)")
    }
    guard let stem = plan.stem(of: path) else {
      throw DatasetError(
        file: path,
        "its name does not end as that of an array of the schema (\(plan.arrayList)): name it so, such as "
          + "day_0_labels.npy for the array 'labels', or save all in one .npz")
    }
    return try names.map { name in
      let file = "\(stem)\(name)\(ClickArrayPlan.ending)"
      let error = { (problem: String) in DatasetError(file: file, "the array \(problem)") }
      let memory = try MappedFile.open(file)
      return try NumPyArray(
        "\(file)", MappedBytes(memory, 0..<memory.byteCount, error: error), error: error)
    }
  }

  private static func open(_ name: String, in archive: ZipArchive) throws -> NumPyArray {
    guard let member = archive.members.first(where: { $0.name == name + ClickArrayPlan.ending }) else {
      let found = archive.members.prefix(20).map { member in
        member.name.hasSuffix(ClickArrayPlan.ending)
          ? String(member.name.dropLast(ClickArrayPlan.ending.count)) : member.name
      }
      throw DatasetError(
        file: archive.path, "it holds no array '\(name)': there are \(found.map(\.shown).joined(separator: ", "))")
    }
    let error = { (problem: String) in DatasetError(file: archive.path, "the array '\(name)' \(problem)") }
    return try NumPyArray("'\(name)'", archive.open(member, error: error), error: error)
  }
}
