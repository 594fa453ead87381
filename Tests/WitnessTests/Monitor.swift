import Foundation
import Synchronization
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Reads an address as a monitor does.
enum Monitor {
  private final class Found: Sendable {
    let reply = Mutex<(body: [UInt8], status: Int)>(([], 0))
  }

  static func get(_ address: String) throws -> (body: [UInt8], status: Int) {
    let ended = DispatchSemaphore(value: 0)
    let found = Found()
    let url = try #require(URL(string: address))
    let task = URLSession.shared.dataTask(with: url) { data, response, _ in
      found.reply.withLock {
        $0 = (data.map { [UInt8]($0) } ?? [], (response as? HTTPURLResponse)?.statusCode ?? 0)
      }
      ended.signal()
    }
    task.resume()
    ended.wait()
    return found.reply.withLock { $0 }
  }
}
