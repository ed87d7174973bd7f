// compiles
import Buffers
import MessagePassing

func exchange(_ world: Communicator, _ tensor: Tensor) throws -> [Float] {
  let lease = Lease(tensor)
  var flight = try world.startAllReduce(lease, .sum)
  _ = try flight.test()
  let returned = try flight.wait()
  return returned.values
}
