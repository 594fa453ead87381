internal import Foundation
internal import Synchronization
internal import Transparency

#if canImport(FoundationNetworking)
  internal import FoundationNetworking
#endif

/// One request on its way: collects the answer up to a limit and lets one thread wait for it.
final class WitnessExchange: NSObject, URLSessionDataDelegate, Sendable {
  private struct Collected {
    var status = 0
    var contentType = ""
    var body: [UInt8] = []
    var end: Result<Void, WitnessTransportError>?
  }

  private let limit: Int
  private let collected = Mutex(Collected())
  private let ended = DispatchSemaphore(value: 0)

  /// Sets the most bytes of an answer.
  init(limit: Int) {
    self.limit = limit
  }

  /// Waits for the end of the exchange.
  ///
  /// - Throws: `WitnessTransportError`.
  func wait(within seconds: Double) throws -> WitnessReply {
    _ = ended.wait(timeout: .now() + seconds)
    let collected = collected.withLock { $0 }
    guard let end = collected.end else { throw Self.tooSlow }
    try end.get()
    return WitnessReply(
      status: collected.status, contentType: collected.contentType, body: collected.body)
  }

  /// Ends the exchange once; what comes later does not count.
  private func finish(_ end: Result<Void, WitnessTransportError>) {
    let isFirst = collected.withLock { collected in
      guard collected.end == nil else { return false }
      collected.end = end
      return true
    }
    if isFirst { ended.signal() }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    completionHandler(nil)
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    let response = response as? HTTPURLResponse
    collected.withLock { collected in
      collected.status = response?.statusCode ?? 0
      collected.contentType = response?.value(forHTTPHeaderField: "Content-Type") ?? ""
    }
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let isTooLong = collected.withLock { collected in
      guard collected.body.count + data.count <= limit else { return true }
      collected.body += data
      return false
    }
    if isTooLong {
      finish(.failure(WitnessTransportError("its answer is longer than \(limit) bytes")))
      dataTask.cancel()
    }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    finish(error.map { .failure(Self.reason($0)) } ?? .success(()))
  }

  private static let tooSlow = WitnessTransportError("it takes too long")

  private static func reason(_ error: any Error) -> WitnessTransportError {
    switch (error as? URLError)?.code {
    case .timedOut: tooSlow
    case .cannotConnectToHost: WitnessTransportError("nobody answers at its address")
    case .cannotFindHost, .dnsLookupFailed: WitnessTransportError("its host is not known")
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
      WitnessTransportError("its certificate is not accepted")
    default: WitnessTransportError("the connection broke")
    }
  }
}
