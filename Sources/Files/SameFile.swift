import Foundation

/// Whether a path still leads to a file that was opened: it may have been removed, or replaced, since.
public enum SameFile {
  /// Whether the path leads to the open file now: device and inode are equal. False where nothing is there.
  public static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
    var (opened, named) = (stat(), stat())
    guard fstat(descriptor, &opened) == 0, stat(path, &named) == 0 else { return false }
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
  }
}
