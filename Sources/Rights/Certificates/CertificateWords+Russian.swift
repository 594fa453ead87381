extension CertificateWords {
  static let russian = CertificateWords(
    fixed: russianFixed,
    titles: [
      "person": "Свидетельство об уничтожении данных",
      "expiry": "Свидетельство об уничтожении данных по истечении срока",
      "rekey": "Свидетельство об уничтожении прежних значений",
      "index": "Свидетельство об уничтожении ключей поискового указателя",
    ],
    summaries: [
      "person":
        "Ключи к данным одного человека уничтожены. Без них эти данные больше никто не прочтёт ни в "
        + "хранилище, ни в его резервных копиях — в пределах, указанных ниже.",
      "expiry":
        "Ключи к данным, срок хранения которых истёк, уничтожены. Без них эти данные больше никто не "
        + "прочтёт ни в хранилище, ни в его резервных копиях — в пределах, указанных ниже.",
      "rekey":
        "Ключи к прежним значениям уничтожены после исправления, отзыва согласия или удаления отдельных "
        + "полей. То, что действует, зашифровано новыми ключами; прежние значения прочесть нельзя — в "
        + "пределах, указанных ниже.",
      "index":
        "Ключи поискового указателя уничтожены, указатель построен заново. Коды из старых копий "
        + "указателя больше нельзя вычислить ни по чьим данным — в пределах, указанных ниже.",
    ],
    levels: [
      "L0":
        "Строки удалены. Ничто не показывает, что копий ключей не осталось, поэтому данные, возможно, "
        + "ещё можно прочесть в резервной копии.",
      "L1":
        "Корневой ключ заменён, прежний секрет перезаписан программно. Это не действует, если носитель "
        + "сохранил старую версию блока или если кто-то скопировал секрет раньше.",
      "L2":
        "Прежний секрет уничтожен в устройстве, предназначенном для хранения ключей; каждый хранитель "
        + "выдал квитанцию.",
      "L3": "То же, что L2, и журнал с этой записью заверил независимый свидетель.",
    ],
    reasons: [
      "software_slot": "секрет хранился в файле, а не в устройстве",
      "weak_file_system": "файловая система может сохранять прежние версии перезаписанного",
      "no_hardware_flag": "устройство не подтверждает, что хранит ключ аппаратно",
      "no_witness": "журнал не заверен независимым свидетелем",
      "pending": "прежний секрет ещё хранится до конца льготного срока",
    ],
    keys: [
      "subject_keys": "ключи субъектов", "bucket_keys": "ключи дней хранения",
      "index_keys": "ключи поискового указателя", "nodes_rekeyed": "обновлено узлов дерева ключей",
      "verified_unreadable": "уничтоженные ключи запрошены повторно и не получены",
      "key_store_log_emptied": "журнал предзаписи хранилища ключей очищен",
      "slot": "как уничтожен прежний секрет", "old_epoch": "завершённая эпоха",
      "new_epoch": "начатая эпоха", "old_root_sha256": "SHA-256 прежнего корня",
      "new_root_sha256": "SHA-256 нового корня",
    ],
    counts: [
      "subjects": "Субъекты",
      "suppression_entries": "Коды, оставленные, чтобы данные не поступили снова",
      "identifiers_shared_with_others":
        "Идентификаторы без запрета, так как они общие с другими людьми",
      "resumed_after_interruption": "Завершено после перерыва",
    ],
    stores: [
      "records": "записи",
      "subjects": "субъекты",
      "matches": "записи поиска",
      "tokens": "псевдонимы",
      "profiles": "профили", "events": "события",
    ],
    custodianKinds: [
      "file": "файл", "pkcs11": "устройство для ключей (PKCS #11)", "command": "внешняя программа",
    ],
    methods: [
      "overwritten_twice": "перезаписан на месте дважды",
      "overwrittenTwice": "перезаписан на месте дважды",
      "object_destroyed": "ключ уничтожен в устройстве",
      "already_absent": "на момент запроса уже отсутствовал",
      "alreadyAbsent": "на момент запроса уже отсутствовал",
    ],
    replicaStates: [
      "current": "новые ключи на месте", "lagging": "ещё прежние ключи", "missing": "нет ответа",
    ],
    questions: [
      "encrypted_from_start": "Все ли данные зашифрованы до первой записи?",
      "key_strength_bits": "Какова стойкость ключей, в битах?",
      "entropy_source": "Откуда берётся случайность ключей?",
      "target_keys": "Какие ключи уничтожены?",
      "wrapping_keys": "Какие ключи защищают эти ключи и что с ними стало?",
      "all_copies": "Все ли копии ключей уничтожены?",
      "escrow": "Передана ли копия ключей кому-либо на хранение?",
      "areas_addressed": "На что распространяется уничтожение?",
      "areas_not_addressed": "На что оно не распространяется?",
      "reversible": "Обратимо ли оно?", "verification": "Как проверен результат?",
    ],
    answers: [
      "yes": "Да", "no": "Нет", "none": "Нет", "unknown": "Неизвестно", "partly": "Частично",
      "done": "Проверен", "listed": "По списку", "replaced": "Заменены", "destroyed": "Уничтожены",
      "operating_system": "Операционная система", "subject_keys": "Ключи субъектов",
      "bucket_keys": "Ключи дней хранения", "index_keys": "Ключи поискового указателя",
    ],
    sentences: russianSentences)

  private static let russianFixed = Fixed(
    reference: "Номер", vault: "Хранилище", log: "Журнал", requested: "Запрошено",
    finalSince: "Окончательно с", finalDue: "Окончательно не позднее", isFinal: "Окончательно",
    isPending: "Ещё не окончательно",
    pendingText:
      "Прежний секрет ещё хранится в течение льготного срока. Пока он не уничтожен, данные можно вернуть "
      + "из старой резервной копии ключей. После указанной даты запросите окончательное свидетельство.",
    level: "Уровень уверенности", reasons: "Почему не выше", destroyed: "Что уничтожено",
    records: "Записи",
    generations: "Уничтожено ключей субъектов по поколениям",
    buckets: "Дни хранения (номера)",
    store: "Где", count: "Удалено", keys: "Ключи", custodians: "Кто хранил секрет и его квитанции",
    custodiansIntro:
      "Уничтожение окончательно, когда прежний секрет уничтожил каждый, кто его хранил.",
    noCustodians: "Хранители в свидетельстве не названы.", name: "Название", kind: "Вид",
    method: "Что сделано", time: "Когда (UTC)", replicas: "Копии хранилища ключей",
    noReplicas: "Хранилище ключей одно, без копий.",
    quorum: "Сколько копий сначала должны получить новые ключи", state: "Состояние",
    generation: "Поколение", reach: "На что уничтожение распространяется и на что нет",
    covered: "Распространяется", notCovered: "Не распространяется",
    questions: "Вопросы о криптографическом уничтожении",
    questionsIntro:
      "Вопросы следуют NIST SP 800-88, руководству по уничтожению данных на носителях.",
    residual: Residual(
      title: "Что осталось у аналитиков",
      nothingLeft: "В базе аналитиков больше нет ни профилей, ни событий этого человека.",
      left: "В базе аналитиков ещё остались профили: %1, события: %2.",
      unique:
        "До уничтожения такой профиль был единственным. В копии, сделанной аналитиком раньше, человека "
        + "может узнать любой, кто знает эти его признаки.",
      group:
        "До уничтожения одинаковых профилей было не меньше: %. Чем меньше эта группа, тем легче узнать "
        + "человека в копии, сделанной аналитиком раньше.",
      noGroup: "Размер группы не измерен: профиля этого человека там не было.",
      below: "Группы меньше порога %2: %1", attributes: "Признаки, видимые аналитикам"),
    verify: "Как проверить это свидетельство",
    verifyIntro:
      "Эта страница предназначена для чтения и не подписана. Доказательство — файл, названный ниже, и "
      + "файлы рядом с ним. Проверить его может кто угодно, без хранилища и без сети, одним из трёх способов:",
    verifyTool: "программой хранилища", verifyPython: "набором аудитора на чистом Python",
    verifyShell: "только средствами OpenSSL", fingerprints: "Отпечатки ключей",
    fingerprintIntro:
      "Сравните их с отпечатками, полученными другим путём, например на бумаге или в договоре. Это "
      + "отпечатки файлов ключей: sha256sum certificates.vkey log.vkey",
    key: "Ключ свидетельств", logKey: "Ключ журнала", logEntry: "Запись журнала",
    others: "Прочие сведения", statement: "Подписанный текст",
    statementIntro: "Дословно. SHA-256 подписанных байтов:", yes: "да", no: "нет", none: "нет")

  /// The vault's sentences; one that is not here stays in English.
  private static let russianSentences: [String: String] = [
    "every field of the subjects in every copy of vault.sqlite, of any age, including backups":
      "каждое поле субъектов в каждой копии vault.sqlite любой давности, включая резервные",
    "tokens of the subjects in every domain, which cannot be computed any more":
      "псевдонимы субъектов во всех областях: вычислить их больше нельзя",
    "rows of the subjects in the match index, the token table and the analytics store of this vault":
      "строки субъектов в поисковом указателе, таблице псевдонимов и базе аналитиков этого хранилища",
    "every value collected in the buckets, in every copy of vault.sqlite, of any age":
      "каждое значение, собранное в эти дни, в каждой копии vault.sqlite любой давности",
    "rows of the buckets in the analytics store of this vault":
      "строки этих дней в базе аналитиков этого хранилища",
    "every value of the subjects as it stood before the change, in every copy of vault.sqlite, of any age; what stays was sealed again under new keys":
      "каждое прежнее значение субъектов в каждой копии vault.sqlite любой давности; то, что остаётся, заново зашифровано новыми ключами",
    "copies of plaintext or keys made outside this vault before the erasure: memory dumps, swap, packages and sealed exports handed out":
      "копии открытых данных и ключей вне хранилища, сделанные раньше: снимки памяти, подкачка, выданные пакеты и выгрузки",
    "remapped blocks below the file system: a slot in a file is overwritten in software":
      "блоки, переназначенные ниже файловой системы: слот в файле перезаписан программно",
    "counts released to analysts before, and copies of profiles they took; see `residual`":
      "числа, выданные аналитикам раньше, и сделанные ими копии профилей; см. `residual`",
    "copies of plaintext or keys made outside this vault before the erasure: memory dumps, swap, exports":
      "копии открытых данных и ключей вне хранилища, сделанные раньше: снимки памяти, подкачка, выгрузки",
    "the sources the data came from, and recipients it was sent to":
      "источники, откуда пришли данные, и получатели, которым они переданы",
    "backups of the epoch slot, which must not exist; if one does, the assurance is L0":
      "резервные копии слота эпохи, которых быть не должно; если такая есть, уровень — L0",
    "remapped blocks below the file system: the slot is overwritten in software (L1)":
      "блоки, переназначенные ниже файловой системы: слот перезаписан программно (L1)",
    "copies of index.sqlite taken before: match codes until a rebuild destroys their keys, issued tokens for good":
      "прежние копии index.sqlite: коды поиска — до перестройки с уничтожением их ключей, псевдонимы — насовсем",
    "the suppression list, kept on purpose as keyed codes so that the person does not come back":
      "список запретов, намеренно хранимый в виде кодов с ключом, чтобы данные не поступили снова",
    "metadata: row counts, padded lengths, days, random numbers; the statement does not say anonymous":
      "метаданные: число строк, дополненные длины, дни, случайные номера; об анонимности речи нет",
  ]
}
