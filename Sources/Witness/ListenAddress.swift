internal import FlyingSocks
internal import Foundation

/// Where a witness listens: a numeric address and a port.
public struct ListenAddress: Hashable, Sendable {
  /// The address, numeric; IPv6 without brackets.
  public let host: String
  /// The port; 0 lets the system choose.
  public let port: UInt16

  private let isIPv6: Bool

  /// Reads `127.0.0.1:8080` or `[::1]:8080`.
  ///
  /// - Parameter text: The text.
  /// - Throws: ``WitnessError`` `.malformed` for anything else; names are not looked up.
  public init(_ text: String) throws {
    let malformed = WitnessError(
      .malformed, "`\(text)` is not a numeric address and port such as `127.0.0.1:8080`")
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { throw malformed }
    let place = text[..<colon]
    isIPv6 = place.hasPrefix("[") && place.hasSuffix("]")
    host = isIPv6 ? String(place.dropFirst().dropLast()) : String(place)
    self.port = port
    guard (try? socketAddress) != nil else { throw malformed }
  }

  /// The address as FlyingSocks wants it.
  var socketAddress: any SocketAddress {
    get throws {
      isIPv6
        ? try sockaddr_in6.inet6(ip6: host, port: port)
        : try sockaddr_in.inet(ip4: host, port: port)
    }
  }

  /// The address with the port that a socket got, as the beginning of a URL.
  static func url(_ address: Socket.Address) -> String? {
    switch address {
    case .ip4(let host, let port): "http://\(host):\(port)"
    case .ip6(let host, let port): "http://[\(host)]:\(port)"
    case .unix: nil
    }
  }
}
