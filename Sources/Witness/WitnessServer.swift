internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Transparency

/// Serves a witness over HTTP.
///
/// Plain HTTP: what goes over the wire is public and signed. Whoever wants TLS puts a proxy before
/// it.
public struct WitnessServer: Sendable {
  /// How long one request may take, in seconds, from its head to its answer.
  public static let requestSeconds = 10.0
  /// How long a connection may keep the server waiting, in seconds.
  public static let idleSeconds = 15.0

  private let service: WitnessService
  private let address: ListenAddress
  private let requestSeconds: Double
  private let idle: Duration

  /// Sets up a server; nothing happens before ``run(whenListening:)``.
  ///
  /// - Parameters:
  ///   - service: What answers.
  ///   - address: Where to listen.
  ///   - requestSeconds: How long one request may take.
  ///   - idleSeconds: How long a connection may keep the server waiting.
  public init(
    _ service: WitnessService, at address: ListenAddress,
    requestSeconds: Double = WitnessServer.requestSeconds,
    idleSeconds: Double = WitnessServer.idleSeconds
  ) {
    self.service = service
    self.address = address
    self.requestSeconds = requestSeconds
    idle = .milliseconds(Int(idleSeconds * 1000))
  }

  /// Serves until the task is cancelled.
  ///
  /// A request that was begun is finished or not cosigned; nothing is half done.
  ///
  /// - Parameter whenListening: Gets the URL prefix once connections are taken.
  /// - Throws: ``WitnessError`` `.unavailable` when the address cannot be had.
  public func run(whenListening: @Sendable (_ url: String) -> Void) async throws {
    let server = HTTPServer(
      config: HTTPServer.Configuration(
        address: try address.socketAddress, timeout: requestSeconds,
        sharedRequestReplaySize: AddCheckpointRequest.byteCountMaximum,
        pool: PatientPool(HTTPServer.defaultPool(), idle: idle), logger: .disabled),
      handler: Handler(service: service))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await server.run()
        } catch is SocketError {
          throw WitnessError(
            .unavailable,
            "cannot listen on `\(address.host)`, port \(address.port); another program may do so")
        }
      }
      group.addTask { try await server.waitUntilListening() }
      // Whichever ends first: listening, or the failure to.
      try await group.next()
      if let found = await server.listeningAddress, let url = ListenAddress.url(found) {
        whenListening(url)
      }
      do {
        try await group.waitForAll()
      } catch {
        await server.stop()
        guard Task.isCancelled else { throw error }
      }
    }
  }

  /// Takes a request off the wire.
  private struct Handler: HTTPHandler {
    let service: WitnessService

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
      var body: [UInt8] = []
      for try await chunk in request.bodySequence {
        body += chunk
        guard body.count <= AddCheckpointRequest.byteCountMaximum else {
          return Self.response(WitnessService.tooLong)
        }
      }
      return Self.response(
        service.answer(method: request.method.rawValue, path: request.path, body: body))
    }

    private static func response(_ reply: WitnessReply) -> HTTPResponse {
      var headers = HTTPHeaders()
      headers[.contentType] = reply.contentType
      return HTTPResponse(
        statusCode: HTTPStatusCode(reply.status, phrase: phrases[reply.status] ?? "Refused"),
        headers: headers, body: Data(reply.body))
    }

    private static let phrases = [
      200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 409: "Conflict",
      413: "Content Too Large", 422: "Unprocessable Entity", 500: "Internal Server Error",
      503: "Service Unavailable",
    ]
  }
}
