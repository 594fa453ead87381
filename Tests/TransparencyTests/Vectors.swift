/// Golden numbers of the log formats.
///
/// Source: computed from RFC 6962 section 2.1 and the C2SP specifications signed-note,
/// tlog-checkpoint, tlog-cosignature and tlog-tiles (https://c2sp.org) by a reference program and
/// checked against golang.org/x/mod/sumdb. Entries are the texts `entry-0`, `entry-1`, …; seeds are
/// SHA-256("log seed") and SHA-256("witness seed").
enum Vectors {
  static let roots: [(size: Int, hex: String)] = [
    (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (1, "40766b2033429026f53d54502679a839706b4741f8dcaf3a8bba5f41b5ffe075"),
    (2, "2f27a5082c1d42afa488ac350a9fc4390c084f54f71ecdff859e98db8429b479"),
    (3, "a64bf26e09128f6fe2fe6f8b2d8c801e166b57c047a7cd9b2b809e7a96a2f1cb"),
    (4, "256b9e8825e5d370a4ae005d0901ea291977e2927f5cf8e3e72660dd09519edb"),
    (5, "1aa68d3074905a581f84cbbd0f753794904fd80451bc4c13e69d9a53bc59502c"),
    (7, "9139601cc1ca8ab2a7a0c2c134c04845f2b1ba549a83d6c845cfcda439cc585d"),
    (8, "dfcc13b9b0ca932c68de3d59eaaa8fe266a9c8091c0300e8405ebfeb0d0e5832"),
    (255, "45da9f374748e17a372f71c00422b12e2bf96842f1f61c5740fe494e4becff0f"),
    (256, "f85f4ead34080710b4d1e808301543aaab81aa04deb88599350dc26a4f2f58de"),
    (257, "918b1cec64f317c76e3cf55c0536841c039eff06772ebb8828ce7c176028b5ac"),
    (1000, "d03d63b772af99019817ee3e018286d36a26161bdb5bfe8228e92c02abe9115d"),
  ]
  static let inclusion3of7 = [
    "049d7dcdb56bcfebd313304c9839f196a3d4b6ef3bdc0b08298f93ac8191f0a8",
    "2f27a5082c1d42afa488ac350a9fc4390c084f54f71ecdff859e98db8429b479",
    "e429c5b5ccaa9523c37297f1846766f903137e82195c5199e6be57130d1006c8",
  ]
  static let consistency3to7 = [
    "049d7dcdb56bcfebd313304c9839f196a3d4b6ef3bdc0b08298f93ac8191f0a8",
    "27479b6ab321d2ee477452f68ba527748e863cafe8fbd1df2bf89d1570d1b697",
    "2f27a5082c1d42afa488ac350a9fc4390c084f54f71ecdff859e98db8429b479",
    "e429c5b5ccaa9523c37297f1846766f903137e82195c5199e6be57130d1006c8",
  ]
  static let consistency4to7 = [
    "e429c5b5ccaa9523c37297f1846766f903137e82195c5199e6be57130d1006c8"
  ]
  static let logKey =
    "vault.example/audit+77a5f42a+AdPgSH/KWo1eEN1qvW/iMdtrMFviaDgjoj/M3xYpcYNH"
  static let logSigningKey =
    "PRIVATE+KEY+vault.example/audit+77a5f42a+AZV5JxlICM8cAZ6dc3UnV8xQdhYfKCbSJZa8b7io3u3l"
  static let witnessKey =
    "witness.example/w1+dbde64cc+BN+GARmBG3ZTJJSX8/UQnTezIZRqgCkLwWQCBUNSL47c"
  static let checkpoint70000 = """
    vault.example/audit
    70000
    pipUvjMpT/1aXExjf9dUYwtxqJLoNW46Zmpcin/9FRg=

    — vault.example/audit d6X0Krexe9KgC1YxcGQux91KLA0tpApdrvD2Zp+rIXmCxCHSNlMzaU6RjlBSVo4CgtoS4\
    tQlgKIX/QJMGVxyy9zSmw0=
    — witness.example/w1 295kzAAAAABpVbkA8+UUDhMvgL1bysmRDQ5xJ2awreSxV/6KYOPiCQxF9B0zDBlLAc4jbF\
    j6HPkUwsctldHU0q33iolJjlVfQN0MAw==

    """
  static let cosignatureSeconds: UInt64 = 1_767_225_600
}
