/// Keeps a bounded number of opened nodes in locked memory.
///
/// Interior nodes have their own share, so that a scan over many leaves does not push out the
/// few nodes every path needs. The oldest entry leaves first.
struct NodeCache: Sendable {
  /// Opened leaf nodes kept; 2 KiB each of the 4 MiB of locked memory.
  static let leafNodeLimit = 256
  /// Opened interior nodes kept.
  static let interiorNodeLimit = 128

  private var leaves = Share(limit: leafNodeLimit)
  private var interior = Share(limit: interiorNodeLimit)

  /// Number of nodes held.
  var count: Int { leaves.nodes.count + interior.nodes.count }

  subscript(address: NodeAddress) -> HeldNode? {
    address.height == 0 ? leaves.nodes[address.id] : interior.nodes[address.id]
  }

  /// Keeps a node, replacing an older version of it.
  mutating func insert(_ node: HeldNode, at address: NodeAddress) {
    if address.height == 0 {
      leaves.insert(node, address.id)
    } else {
      interior.insert(node, address.id)
    }
  }

  /// Forgets every node.
  mutating func removeAll() {
    self = NodeCache()
  }

  private struct Share: Sendable {
    let limit: Int
    var nodes: [Int64: HeldNode] = [:]
    private var order: [Int64] = []
    private var oldest = 0

    init(limit: Int) {
      self.limit = limit
    }

    mutating func insert(_ node: HeldNode, _ id: Int64) {
      guard nodes.updateValue(node, forKey: id) == nil else { return }
      if order.count < limit {
        order.append(id)
      } else {
        nodes[order[oldest]] = nil
        order[oldest] = id
        oldest = (oldest + 1) % limit
      }
    }
  }
}
