/// One kind of request the schema allows: an action with one of its principal types and one of its
/// resource types.
struct RequestEnvironment {
  let action: ActionDeclaration
  let principal: EntityTypeName
  let resource: EntityTypeName

  /// The type a variable has in requests of this kind.
  func type(of variable: Variable) -> SchemaType {
    switch variable {
    case .principal: .entity(principal)
    case .action: .entity(action.uid.type)
    case .resource: .entity(resource)
    case .context: .record(action.context)
    }
  }

  /// Calls a body with every environment of a schema, in order, until it says to stop.
  static func forEach(of schema: Schema, _ body: (RequestEnvironment) -> Bool) {
    for uid in schema.actionUIDs {
      guard let action = schema.actions[uid] else { continue }
      let resources = action.resourceTypes.sorted()
      for principal in action.principalTypes.sorted() {
        for resource in resources {
          let environment = RequestEnvironment(
            action: action, principal: principal, resource: resource)
          guard body(environment) else { return }
        }
      }
    }
  }
}
