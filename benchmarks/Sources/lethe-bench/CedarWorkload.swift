import Cedar
import Foundation

/// Policies, entities and requests to decide, as texts that any Cedar engine reads.
struct CedarWorkload {
  /// One question, as texts.
  struct Question: Encodable {
    let principal: UID
    let action: UID
    let resource: UID
    let context: String
  }

  /// Type and id.
  struct UID: Encodable {
    let type: String
    let id: String
  }

  let name: String
  let policies: String
  let entities: String
  let questions: [Question]

  private static let questionCount = 400

  /// Ten policies over 44 entities: the size at which peers publish their figures.
  static func small() -> CedarWorkload {
    let world = World(users: 20, groups: 8, folders: 4, documents: 12)
    return CedarWorkload(
      name: "10 policies, 44 entities", policies: smallPolicies, entities: world.json,
      questions: world.questions(
        count: questionCount, actions: ["view", "edit", "share", "delete"]))
  }

  /// A thousand policies, each for a group, an action and a folder, as grants grow in practice.
  static func grants() -> CedarWorkload {
    let world = World(users: 500, groups: 40, folders: 20, documents: 440)
    var lines = [
      #"forbid(principal, action, resource) when { resource.classified && !context.mfa };"#,
      #"forbid(principal is User, action, resource) unless { principal.active };"#,
    ]
    for number in 0..<998 {
      let condition =
        number % 3 == 0 ? " when { resource.level <= principal.level }" : ""
      lines.append(
        #"permit(principal in Group::"g\#(number % 40)", action == Action::"a\#(number % 25)", "#
          + #"resource in Folder::"f\#(number % 20)")\#(condition);"#)
    }
    return CedarWorkload(
      name: "1000 policies, 1000 entities", policies: lines.joined(separator: "\n"),
      entities: world.json,
      questions: world.questions(count: questionCount, actions: (0..<25).map { "a\($0)" }))
  }

  /// A thousand policies whose scope limits nothing, so that no index helps.
  static func unscoped() -> CedarWorkload {
    let world = World(users: 500, groups: 40, folders: 20, documents: 440)
    let lines = (0..<1000).map { number in
      let effect = number % 10 == 0 ? "forbid" : "permit"
      return "\(effect)(principal, action, resource) when "
        + #"{ resource.level == \#(number) && principal.active };"#
    }
    return CedarWorkload(
      name: "1000 policies, none with a scope", policies: lines.joined(separator: "\n"),
      entities: world.json, questions: world.questions(count: questionCount, actions: ["view"]))
  }

  private static let smallPolicies = #"""
    permit(principal in Group::"g0", action == Action::"view", resource in Folder::"f0");
    permit(principal in Group::"g1", action in [Action::"view", Action::"edit"], resource)
      when { resource.level <= principal.level };
    permit(principal, action, resource) when { resource.owner == principal };
    permit(principal is User, action == Action::"share", resource is Document)
      when { principal.active && resource.tags.contains("public") };
    permit(principal in Group::"g2", action == Action::"delete", resource)
      when { context.mfa && context has reason && context.reason like "ticket-*" };
    permit(principal, action == Action::"view", resource)
      when { context.ip.isInRange(ip("10.0.0.0/8")) && principal.level > 2 };
    forbid(principal, action, resource) when { resource.classified } unless { context.mfa };
    forbid(principal is User, action, resource) unless { principal.active };
    forbid(principal, action == Action::"delete", resource)
      when { context.now < datetime("2024-01-01").offset(duration("30d")) };
    permit(principal in Group::"g3", action, resource in Folder::"f1")
      unless { principal in Group::"g4" };
    """#
}

extension CedarWorkload {
  /// Users in groups, documents in folders.
  private struct World {
    let users: Int
    let groups: Int
    let folders: Int
    let documents: Int

    var json: String {
      var items: [String] = []
      for number in 0..<groups {
        let parents = number >= 4 ? ["Group::g\(number / 4)"] : []
        items.append(entity("Group", "g\(number)", "{}", parents))
      }
      for number in 0..<folders {
        items.append(entity("Folder", "f\(number)", "{}", []))
      }
      for number in 0..<users {
        let attributes = #"{"level":\#(number % 6),"active":\#(number % 9 != 0)}"#
        let memberships = ["Group::g\(number % groups)", "Group::g\((number * 7 + 3) % groups)"]
        items.append(entity("User", "u\(number)", attributes, Array(Set(memberships)).sorted()))
      }
      for number in 0..<documents {
        let owner = #"{"__entity":{"type":"User","id":"u\#(number % users)"}}"#
        let tags = number % 2 == 0 ? #"["public","draft"]"# : "[]"
        let attributes =
          #"{"level":\#(number % 5),"classified":\#(number % 7 == 0),"#
          + #""owner":\#(owner),"tags":\#(tags)}"#
        items.append(entity("Document", "d\(number)", attributes, ["Folder::f\(number % folders)"]))
      }
      return "[\(items.joined(separator: ",\n"))]"
    }

    func questions(count: Int, actions: [String]) -> [Question] {
      var numbers = SeededNumbers(seed: 7)
      return (0..<count).map { _ in
        let reason = Bool.random(using: &numbers) ? #","reason":"ticket-17""# : ""
        let address = Bool.random(using: &numbers) ? "10.1.2.3" : "192.168.0.1"
        return Question(
          principal: UID(type: "User", id: "u\(Int.random(in: 0..<users, using: &numbers))"),
          action: UID(type: "Action", id: actions.randomElement(using: &numbers) ?? "view"),
          resource: UID(
            type: "Document", id: "d\(Int.random(in: 0..<documents, using: &numbers))"),
          context: #"{"mfa":\#(Bool.random(using: &numbers))\#(reason),"#
            + #""now":{"__extn":{"fn":"datetime","arg":"2024-06-01"}},"#
            + #""ip":{"__extn":{"fn":"ip","arg":"\#(address)"}}}"#)
      }
    }

    private func entity(
      _ type: String, _ id: String, _ attributes: String, _ parents: [String]
    ) -> String {
      let list = parents.map { parent in
        let parts = parent.split(separator: ":").map(String.init)
        return #"{"type":"\#(parts[0])","id":"\#(parts[1])"}"#
      }
      return #"{"uid":{"type":"\#(type)","id":"\#(id)"},"attrs":\#(attributes),"#
        + #""parents":[\#(list.joined(separator: ","))]}"#
    }
  }
}

extension CedarWorkload: Encodable {}
