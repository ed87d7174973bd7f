import Glibc

/// How many threads oneDNN uses for calls made from the calling thread. One per core given to the rank is right; more
/// than that, over all ranks of a node, makes them fight.
public enum KernelThreads {
  /// The library was built for another threading runtime than OpenMP.
  public struct Unsupported: Error, CustomStringConvertible {
    /// Names the version, the reason and the remedy.
    public var description: String {
      "this build of oneDNN \(oneDNNVersion) does not run on OpenMP, so its threads cannot be set from here; "
        + "use the library that libdnnl-dev installs, or set the threads of its own runtime"
    }
  }

  /// Holds for calls made from the calling thread. Throws `Unsupported` where oneDNN does not run on OpenMP.
  public static func set(_ count: Int) throws(Unsupported) {
    precondition(count > 0, "\(count) threads")
    guard let symbol = dlsym(nil, "omp_set_num_threads") else { throw Unsupported() }
    unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)(Int32(clamping: count))
  }

  /// Threads that calls from the calling thread use now; nil where the build does not run on OpenMP.
  public static var count: Int? {
    guard let symbol = dlsym(nil, "omp_get_max_threads") else { return nil }
    return Int(unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)())
  }

  /// The processors that OpenMP places its threads on; empty where it does not place them. With OMP_PROC_BIND it has
  /// pinned the first thread to one of them before anything of this program ran.
  public static var places: Set<Int> {
    guard let count = dlsym(nil, "omp_get_num_places"), let size = dlsym(nil, "omp_get_place_num_procs"),
      let list = dlsym(nil, "omp_get_place_proc_ids")
    else { return [] }
    let sizeOfPlace = unsafeBitCast(size, to: (@convention(c) (Int32) -> Int32).self)
    let listPlace = unsafeBitCast(list, to: (@convention(c) (Int32, UnsafeMutablePointer<Int32>) -> Void).self)
    let places = unsafeBitCast(count, to: (@convention(c) () -> Int32).self)()
    return Set(
      (0..<max(places, 0)).flatMap { place in
        var processors = [Int32](repeating: 0, count: Int(sizeOfPlace(place)))
        listPlace(place, &processors)
        return processors.map(Int.init)
      })
  }
}
