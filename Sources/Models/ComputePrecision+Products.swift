import Configuration
import Kernels
import Layers

extension RunConfiguration.ComputePrecision {
  /// What layers are told.
  ///
  /// - Throws: `LayerError` where this processor has no such products.
  public func products(_ execution: ExecutionConfiguration.BFloat16Products? = nil) throws -> ProductPrecision {
    guard self == .bfloat16 else { return .float32 }
    switch execution ?? .auto {
    case .auto: return .bfloat16(.usual)
    case .rounded: return .bfloat16(.rounded)
    case .native:
      if let reason = BFloat16Products.nativeIsRefused {
        throw LayerError("execution.bfloat16 is native, but \(reason): leave it out, or set it to rounded")
      }
      return .bfloat16(.native)
    }
  }
}

extension RunConfiguration {
  /// What its layers are told. Throws `LayerError` where this processor has no such products.
  public var productPrecision: ProductPrecision {
    get throws { try computePrecision.products(execution.bfloat16) }
  }
}
