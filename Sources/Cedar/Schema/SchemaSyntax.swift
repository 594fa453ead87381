/// Holds the declarations of one namespace as written; the name is empty for declarations outside
/// any.
struct NamespaceSyntax {
  let name: CedarString
  var commonTypes: [CommonTypeSyntax] = []
  var entities: [EntityTypeSyntax] = []
  var actions: [ActionSyntax] = []
}

/// Holds `type N = …;`.
struct CommonTypeSyntax {
  let name: CedarString
  let type: TypeSyntax
}

/// Holds one name of an `entity` declaration.
struct EntityTypeSyntax {
  let name: CedarString
  var parents: [EntityTypeName] = []
  var attributes: [AttributeSyntax] = []
  var tags: TypeSyntax?
  var enumeration: [CedarString]?
}

/// Holds one name of an `action` declaration.
struct ActionSyntax {
  let name: CedarString
  var parents: [ActionReferenceSyntax] = []
  var appliesTo = AppliesToSyntax()
}

/// Holds the name of an action with the type it was written with, if any.
struct ActionReferenceSyntax {
  let type: EntityTypeName?
  let id: CedarString
}

/// Holds `appliesTo { … }`.
struct AppliesToSyntax {
  var principals: [EntityTypeName]?
  var resources: [EntityTypeName]?
  var context: TypeSyntax?
}

/// Holds one attribute of a record.
struct AttributeSyntax {
  let name: CedarString
  let isRequired: Bool
  let type: TypeSyntax
}

/// Holds a type as written.
indirect enum TypeSyntax {
  case path(EntityTypeName)
  case set(TypeSyntax)
  case record([AttributeSyntax])
}
