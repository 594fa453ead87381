"""Computes shares.json: shares of unseal keys as docs/format.md#shares describes them.

Written from that page and from the papers' definitions, without a look at the Swift code: logarithm
tables for both fields, and check characters by solving for the code's four zeros.
Usage: python3 make_shares.py > shares.json
"""
import hashlib, hmac, json

# GF(256) modulo x^8 + x^4 + x^3 + x + 1, by powers of x + 1.
EXP, value = [], 1
for _ in range(255):
    EXP.append(value)
    value ^= value << 1
    if value & 0x100:
        value ^= 0x11B
LOG = {v: i for i, v in enumerate(EXP)}

def product(a, b):
    return 0 if a == 0 or b == 0 else EXP[(LOG[a] + LOG[b]) % 255]

def power(a, n):
    return 1 if n == 0 else EXP[LOG[a] * n % 255]

# GF(32) modulo z^5 + z^2 + 1, by powers of z; GF(1024) as pairs p + q·a with a^2 = a + 3.
EXP32, value = [], 1
for _ in range(31):
    EXP32.append(value)
    value <<= 1
    if value & 32:
        value ^= 0b100101
LOG32 = {v: i for i, v in enumerate(EXP32)}

def small(a, b):
    return 0 if a == 0 or b == 0 else EXP32[(LOG32[a] + LOG32[b]) % 31]

def large(x, y):
    high = small(x[1], y[1])
    return (small(x[0], y[0]) ^ small(high, 3), small(x[0], y[1]) ^ small(x[1], y[0]) ^ high)

def large_power(x, n):
    result = (1, 0)
    for _ in range(n):
        result = large(result, x)
    return result

ZEROS = [(1, 0)] + [large_power((0, 1), n) for n in (1, 2, 3)]

def syndromes(symbols):
    """The word's values at the zeros; the leading 1 stands before the first symbol."""
    result = []
    for zero in ZEROS:
        total = (0, 0)
        for symbol in [1] + symbols:
            total = large(total, zero)
            total = (total[0] ^ symbol, total[1])
        result += total
    return result

def check_symbols(symbols):
    """Solves seven unknown symbols by elimination over GF(32)."""
    base = syndromes(symbols + [0] * 7)
    columns = []
    for place in range(7):
        word = [0] * 7
        word[place] = 1
        plain = syndromes(symbols + word)
        columns.append([x ^ y for x, y in zip(plain, base)])
    rows = [[columns[c][r] for c in range(7)] + [base[r]] for r in range(8)]
    for c in range(7):
        pivot = next(r for r in range(c, 8) if rows[r][c])
        rows[c], rows[pivot] = rows[pivot], rows[c]
        scale = EXP32[-LOG32[rows[c][c]] % 31]
        rows[c] = [small(scale, x) for x in rows[c]]
        for r in range(8):
            if r != c:
                rows[r] = [x ^ small(rows[r][c], y) for x, y in zip(rows[r], rows[c])]
    assert rows[7] == [0] * 8
    return [rows[c][7] for c in range(7)]

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"

def digits(data):
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    return [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]

def hkdf(key, salt, info, count):
    extracted = hmac.new(salt, key, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()[:count]

def shares(key, vault, threshold, count, drawn):
    split, coefficients = drawn[:8], drawn[8:]
    commitment = hkdf(key, b"lethe1/share" + vault, b"S" + split + bytes([threshold]), 16)
    lines = []
    for index in range(1, count + 1):
        share = bytearray(key)
        for place in range(32):
            for degree in range(1, threshold):
                coefficient = coefficients[32 * (degree - 1) + place]
                share[place] ^= product(coefficient, power(index, degree))
        symbols = [1, threshold // 10, threshold % 10, index // 10, index % 10]
        symbols += digits(vault[:4]) + digits(split) + digits(bytes(share) + commitment)
        symbols += check_symbols(symbols)
        text = "".join(DIGITS[s] for s in symbols)
        groups, rest = [], text[1:]
        for width in [2, 2, 7, 13] + [7] * 12:
            groups.append(rest[:width])
            rest = rest[width:]
        assert not rest
        lines.append("lethe-share" + "-".join([text[0]] + groups))
    return lines

def drawn(seed, count):
    return b"".join(hashlib.sha256(f"{seed}/{i}".encode()).digest() for i in range(20))[:count]

cases = []
for seed, (threshold, count) in enumerate([(2, 2), (2, 3), (3, 5), (5, 16), (16, 16)]):
    key, vault = drawn(f"key{seed}", 32), drawn(f"vault{seed}", 16)
    random = drawn(f"random{seed}", 8 + 32 * (threshold - 1))
    cases.append({
        "key": key.hex(), "vault": vault.hex(), "threshold": threshold, "count": count,
        "random": random.hex(), "lines": shares(key, vault, threshold, count, random)})
print(json.dumps({"source": "make_shares.py, an implementation of its own", "cases": cases}, indent=1))
