internal import Foundation
public import Transparency

#if canImport(FoundationNetworking)
  internal import FoundationNetworking
#endif

/// Carries requests to witnesses over HTTP or HTTPS.
///
/// No redirects, cookies, caches or credentials. An answer that is too long or takes too long ends
/// the request. A certificate is checked as the system does; what a witness says is believed for
/// its signature, not for the channel.
public struct WitnessTransport: Sendable {
  /// How long one request may take, in seconds.
  public static let requestSeconds = 5.0
  /// How long all requests of one round may take together, in seconds.
  public static let totalSeconds = 10.0

  private let request: Duration
  private let total: Duration

  /// Sets the limits.
  ///
  /// - Parameters:
  ///   - requestSeconds: How long one request may take, from the first byte out to the last one in.
  ///   - totalSeconds: How long all requests of one round may take together.
  public init(
    requestSeconds: Double = WitnessTransport.requestSeconds,
    totalSeconds: Double = WitnessTransport.totalSeconds
  ) {
    request = .milliseconds(Int(requestSeconds * 1000))
    total = .milliseconds(Int(totalSeconds * 1000))
  }

  /// Begins a round: the total time runs from here.
  ///
  /// - Returns: A transport for `WitnessClient`; to be called from threads that may wait.
  public func beginRound() -> WitnessClient.Transport {
    let end = ContinuousClock.now + total
    let limit = request
    return { address, body in
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else {
        throw WitnessTransportError("the time for all witnesses together is over")
      }
      return try Self.post(body, to: Self.url(address), within: min(left, limit))
    }
  }

  private static func url(_ address: String) throws -> URL {
    guard let parts = URLComponents(string: address), let scheme = parts.scheme?.lowercased(),
      ["http", "https"].contains(scheme), parts.host?.isEmpty == false, parts.user == nil,
      parts.password == nil, parts.query == nil, parts.fragment == nil, let url = parts.url
    else {
      throw WitnessTransportError(
        "its address is not one of http or https without a user, a query or a fragment")
    }
    return url
  }

  private static func post(
    _ body: [UInt8], to url: URL, within limit: Duration
  ) throws -> WitnessReply {
    let seconds = limit / .seconds(1)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = seconds
    configuration.timeoutIntervalForResource = seconds
    configuration.httpShouldSetCookies = false
    configuration.httpCookieStorage = nil
    configuration.urlCache = nil
    configuration.urlCredentialStorage = nil
    let exchange = WitnessExchange(limit: WitnessAnswer.byteCountMaximum)
    let session = URLSession(configuration: configuration, delegate: exchange, delegateQueue: nil)
    defer { session.invalidateAndCancel() }
    var request = URLRequest(url: url)
    request.httpMethod = "POST"
    request.httpBody = Data(body)
    request.setValue("text/plain; charset=utf-8", forHTTPHeaderField: "Content-Type")
    let task = session.dataTask(with: request)
    task.resume()
    return try exchange.wait(within: seconds)
  }
}
