/// The words of the access page in one language.
struct PackageWords {
  let title: String
  let intro: String
  let reference: String
  let created: String
  let pseudonym: String
  let contents: String
  let sources: String
  let record: String
  let collected: String
  let erasedBy: String
  let noTerm: String
  let purposes: String
  let legalBasis: String
  let origin: String
  let firstParty: String
  let thirdParty: String
  let analysts: String
  let field: String
  let category: String
  let value: String
  let recipients: String
  let noRecipients: String
  let lookUps: String
  let lookUpsIntro: String
  let time: String
  let event: String
  let fields: String
  let rights: String
  let rightsText: String
  let none: String
  /// What an event of the log is called, by its type.
  let events: [String: String]
  /// What a legal basis is called, by its word in the contract.
  let legalBases: [String: String]

  static func of(_ language: PackageLanguage) -> PackageWords {
    language == .russian ? russian : english
  }

  static let english = PackageWords(
    title: "Your personal data",
    intro: "This is everything our customer data vault holds about you, from all sources.",
    reference: "Request", created: "Prepared", pseudonym: "Your pseudonym in this vault",
    contents: "Contents", sources: "Sources", record: "Record", collected: "Collected",
    erasedBy: "Erased at the latest on",
    noTerm: "kept while you are our customer; erased at your request", purposes: "Purposes",
    legalBasis: "Legal basis", origin: "Origin", firstParty: "collected by us",
    thirdParty: "received from others",
    analysts: "Seen by our analysts under a pseudonym, without your name", field: "Field",
    category: "Category", value: "Value", recipients: "Recipients",
    noRecipients: "Your data was not passed on to anyone from this vault.",
    lookUps: "Who looked at your data",
    lookUpsIntro:
      "Every look-up is logged before it happens. We do not name the people who did it.",
    time: "Time (UTC)", event: "What happened", fields: "Fields", rights: "Your rights",
    rightsText:
      "You can ask us to correct or erase these data, to restrict their use, to hand them over "
      + "in a machine-readable form (the file data.json is one), and you can object to their use. You can "
      + "complain to a data protection authority.",
    none: "none",
    events: [
      "field.disclosed": "Data shown", "person.found": "Search that found you",
      "access.packaged": "Copy prepared for you",
      "access.exported": "Sealed copy prepared for you", "token.issued": "Pseudonym issued",
      "erasure.requested": "Erasure begun",
    ],
    legalBases: [
      "consent": "your consent (GDPR Art. 6(1)(a))",
      "contract": "a contract with you (GDPR Art. 6(1)(b))",
      "legal_obligation": "a legal obligation (GDPR Art. 6(1)(c))",
      "vital_interests": "vital interests (GDPR Art. 6(1)(d))",
      "public_task": "a public task (GDPR Art. 6(1)(e))",
      "legitimate_interests": "legitimate interests (GDPR Art. 6(1)(f))",
    ])

  static let russian = PackageWords(
    title: "Ваши персональные данные",
    intro: "Здесь всё, что хранится о вас в нашем хранилище данных клиентов, из всех источников.",
    reference: "Запрос", created: "Подготовлено", pseudonym: "Ваш псевдоним в хранилище",
    contents: "Содержание", sources: "Источники", record: "Запись", collected: "Дата сбора",
    erasedBy: "Будет уничтожено не позднее",
    noTerm: "хранится, пока вы наш клиент; уничтожается по вашему запросу", purposes: "Цели",
    legalBasis: "Правовое основание", origin: "Происхождение", firstParty: "собрано нами",
    thirdParty: "получено от третьих лиц",
    analysts: "Аналитики видят под псевдонимом, без вашего имени", field: "Поле",
    category: "Категория", value: "Значение", recipients: "Получатели",
    noRecipients: "Из этого хранилища ваши данные никому не передавались.",
    lookUps: "Кто обращался к вашим данным",
    lookUpsIntro:
      "Каждое обращение записывается в журнал до того, как произойдёт. Сотрудников мы не называем.",
    time: "Время (UTC)", event: "Что произошло", fields: "Поля", rights: "Ваши права",
    rightsText:
      "Вы можете потребовать исправить или уничтожить эти данные, ограничить их использование, "
      + "получить их в машиночитаемом виде (файл data.json) и возразить против их использования. Вы можете "
      + "подать жалобу в орган по защите персональных данных.",
    none: "нет",
    events: [
      "field.disclosed": "Данные показаны", "person.found": "Поиск, в котором вас нашли",
      "access.packaged": "Подготовлена копия для вас",
      "access.exported": "Подготовлена запечатанная копия для вас",
      "token.issued": "Выдан псевдоним",
      "erasure.requested": "Начато уничтожение",
    ],
    legalBases: [
      "consent": "ваше согласие (ст. 6(1)(a) GDPR)",
      "contract": "договор с вами (ст. 6(1)(b) GDPR)",
      "legal_obligation": "обязанность по закону (ст. 6(1)(c) GDPR)",
      "vital_interests": "жизненно важные интересы (ст. 6(1)(d) GDPR)",
      "public_task": "задача в общественных интересах (ст. 6(1)(e) GDPR)",
      "legitimate_interests": "законные интересы (ст. 6(1)(f) GDPR)",
    ])
}
