// 'flight' consumed more than once
import Buffers
import MessagePassing

func exchange(_ world: Communicator, _ tensor: Tensor) throws {
  let flight = try world.startAllReduce(Lease(tensor), .sum)
  _ = try flight.wait()
  _ = try flight.wait()
}
