import Glibc

/// How many threads oneDNN uses for calls made from the calling thread. One per core given to the rank is right; more
/// than that, over all ranks of a node, makes them fight.
public enum KernelThreads {
  public struct Unsupported: Error, CustomStringConvertible {
    public var description: String {
      "this build of oneDNN \(oneDNNVersion) does not run on OpenMP, so its threads cannot be set from here; "
        + "use the library that libdnnl-dev installs, or set the threads of its own runtime"
    }
  }

  /// Holds for calls made from the calling thread.
  public static func set(_ count: Int) throws(Unsupported) {
    precondition(count > 0, "\(count) threads")
    guard let symbol = dlsym(nil, "omp_set_num_threads") else { throw Unsupported() }
    unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)(Int32(clamping: count))
  }

  /// What calls from the calling thread use now; nil where the build does not run on OpenMP.
  public static var count: Int? {
    guard let symbol = dlsym(nil, "omp_get_max_threads") else { return nil }
    return Int(unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)())
  }
}
