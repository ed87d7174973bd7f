import Files
import Foundation
import Testing

@Suite struct AtomicFileTests {
  /// What ends on the boundary needs no zeros.
  @Test(arguments: [(0, 0), (1, 8), (7, 8), (8, 8), (9, 16), (16, 16)])
  func padsToTheNextBoundary(written: Int, padded: Int) throws {
    let folder = try TemporaryFolder()
    var file = try AtomicFile("\(folder.path)/a")
    try file.write(Data(repeating: 1, count: written))
    try file.pad(to: 8)
    #expect(file.byteCount == padded)
    try file.commit()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/a"))
    #expect(Array(bytes) == Array(repeating: 1, count: written) + Array(repeating: 0, count: padded - written))
  }
}
