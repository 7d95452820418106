"""Numbers of cards, accounts and people, as their issuers make them: each check digit is calculated
here from its standard, by other code than the one that is tested.

A specimen is a text with the number in it, the number as the rules see it, and the number as it
stands in the text."""

from collections import namedtuple

Specimen = namedtuple("Specimen", "detector text value shown")


def digits(rng, count, first="123456789"):
    return rng.choice(first) + "".join(rng.choice("0123456789") for _ in range(count - 1))


def letters(rng, count, among="ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
    return "".join(rng.choice(among) for _ in range(count))


def grouped(number, widths, separator=" "):
    out, at = [], 0
    for width in widths:
        out.append(number[at:at + width])
        at += width
    assert at == len(number), (number, widths)
    return separator.join(out)


# ---- check digits ----


def luhn(body):
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, c in enumerate(reversed(body)):
        n = int(c) * (2 if place % 2 == 0 else 1)
        total += n // 10 + n % 10
    return str(-total % 10)


_D = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
      [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
      [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
      [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
_P = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
      [8, 9, 1, 6, 0, 4, 3, 5, 2, 7], [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
      [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8]]


def verhoeff(body):
    c = 0
    for place, d in enumerate(reversed(body), 1):
        c = _D[c][_P[place % 8][int(d)]]
    return str(_D[c].index(0))


def mod97(country, bban):
    """ISO 13616: the two check digits."""
    text = "".join(str(int(c, 36)) for c in bban + country + "00")
    return f"{98 - int(text) % 97:02}"


def iso7064_11_10(body):
    p = 10
    for c in body:
        p = (p + int(c)) % 10 or 10
        p = p * 2 % 11
    return str((11 - p) % 10)


def weighted(body, weights):
    return sum(int(c) * w for c, w in zip(body, weights))


# ---- cards ----

# issuer, prefixes, lengths, and how the front side prints them
CARDS = [
    ("Visa", ["4"], [13, 16, 19]),
    ("Mastercard", ["51", "53", "55", "2221", "2300", "2720"], [16]),
    ("American Express", ["34", "37"], [15]),
    ("Discover", ["6011", "644", "649", "65"], [16, 19]),
    ("JCB", ["3528", "3530", "3589"], [16, 19]),
    ("UnionPay", ["62"], [16, 17, 18, 19]),
    ("Diners Club", ["300", "305", "36", "38"], [14, 16]),
    ("Maestro", ["5018", "5020", "5038", "6304", "6759", "6761", "6763"], [12, 13, 15, 16, 18, 19]),
]


def card(rng, prefix, length):
    while True:
        body = prefix + "".join(rng.choice("0123456789") for _ in range(length - 1 - len(prefix)))
        if length != 12 or verhoeff(body) != luhn(body):  # India's numbers have twelve, too
            return body + luhn(body)


def card_widths(length):
    if length == 15:
        return [4, 6, 5]
    if length == 14:
        return [4, 6, 4]
    return [4] * (length // 4) + ([length % 4] if length % 4 else [])


def cards(rng):
    for name, prefixes, lengths in CARDS:
        for prefix in prefixes:
            for length in lengths:
                number = card(rng, prefix, length)
                groups = card_widths(length)
                for shown in (number, grouped(number, groups), grouped(number, groups, "-"),
                              grouped(number, groups, "\u00a0"), grouped(number, groups, "\u2011")):
                    yield Specimen("payment-card", shown, number, shown)
                yield Specimen("payment-card", f"{name}: {number}, exp. 12/27", number, number)


# ---- IBAN ----

# The registry of ISO 13616: the form of what stands behind the check digits (n digits, a capitals,
# c both).
IBANS = {
    "AD": "8n12c", "AE": "19n", "AL": "8n16c", "AT": "16n", "AZ": "4a20c", "BA": "16n", "BE": "12n",
    "BG": "4a6n8c", "BH": "4a14c", "BR": "23n1a1c", "CH": "5n12c", "CR": "18n", "CY": "8n16c",
    "CZ": "20n", "DE": "18n", "DK": "14n", "DO": "4c20n", "EE": "16n", "EG": "25n", "ES": "20n",
    "FI": "14n", "FO": "14n", "FR": "10n11c2n", "GB": "4a14n", "GE": "2a16n", "GI": "4a15c",
    "GL": "14n", "GR": "7n16c", "GT": "4c20c", "HR": "17n", "HU": "24n", "IE": "4a14n", "IL": "19n",
    "IQ": "4a15n", "IS": "22n", "IT": "1a10n12c", "JO": "4a4n18c", "KW": "4a22c", "KZ": "3n13c",
    "LB": "4n20c", "LC": "4a24c", "LI": "5n12c", "LT": "16n", "LU": "3n13c", "LV": "4a13c",
    "MC": "10n11c2n", "MD": "2c18c", "ME": "18n", "MK": "3n10c2n", "MR": "23n", "MT": "4a5n18c",
    "MU": "4a19n3a", "NL": "4a10n", "NO": "11n", "PK": "4a16c", "PL": "24n", "PS": "4a21c",
    "PT": "21n", "QA": "4a21c", "RO": "4a16c", "RS": "18n", "SA": "2n18c", "SC": "4a20n3a",
    "SE": "20n", "SI": "15n", "SK": "20n", "SM": "1a10n12c", "ST": "21n", "SV": "4a20n", "TL": "19n",
    "TN": "20n", "TR": "5n1c16c", "UA": "6n19c", "VA": "18n", "VG": "4a16n", "XK": "16n",
}


def iban(rng, country):
    among, form, bban = {"n": "0123456789", "a": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                         "c": "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"}, IBANS[country], ""
    while form:
        at = next(i for i, c in enumerate(form) if c.isalpha())
        bban += letters(rng, int(form[:at]), among[form[at]])
        form = form[at + 1:]
    return country + mod97(country, bban) + bban


def fours(text, separator=" "):
    return separator.join(text[i:i + 4] for i in range(0, len(text), 4))


def ibans(rng):
    for country in IBANS:
        number = iban(rng, country)
        for shown in (number, fours(number), fours(number, "\u00a0")):
            yield Specimen("iban", "IBAN " + shown, number, shown)
        yield Specimen("iban", number, number, number)
    for country in ("GB", "IL", "MT", "TL", "VG"):  # whose digits are cards now and then
        for _ in range(40):
            number = iban(rng, country)
            yield Specimen("iban", fours(number), number, fours(number))
    number = iban(rng, "DE")
    for text in (f"Konto {fours(number)}.", f"({number})", f"iban={number};bic=COBADEFF",
                 f"{fours(number)} (DE)", number.lower(), fours(number, "-"), f"\"{number}\""):
        yield Specimen("iban", text, number, number)


# ---- people, state by state: a number, its groups, words that say what it is ----


def ssn(rng):
    area = rng.choice([n for n in range(1, 900) if n != 666])
    return f"{area:03}{rng.randrange(1, 100):02}{rng.randrange(1, 10000):04}"


def itin(rng):
    group = rng.choice([*range(50, 66), *range(70, 89), 90, 91, 92, *range(94, 100)])
    return f"9{rng.randrange(100):02}{group}{rng.randrange(1, 10000):04}"


def nino(rng):
    while True:
        front = letters(rng, 1, "ABCEGHJKLMNOPRSTWXYZ") + letters(rng, 1, "ABCEGHJKLMNPRSTWXYZ")
        if front not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
            return front + digits(rng, 6, "0123456789") + rng.choice("ABCD")


def nhs(rng):
    while True:
        body = digits(rng, 9, "4679")
        check = 11 - weighted(body, range(10, 1, -1)) % 11
        if check != 10:
            return body + str(check % 11)


def de_tax_id(rng):
    while True:
        pool = [str(n) for n in range(10)]
        rng.shuffle(pool)
        twice = pool[0]
        body = pool[:9] + [twice]
        rng.shuffle(body)
        body = "".join(body)
        if body[0] != "0" and body.count(twice) == 2:
            return body + iso7064_11_10(body)


def nir(rng, department=None):
    body = (f"{rng.choice('12')}{rng.randrange(100):02}{rng.randrange(1, 13):02}"
            f"{department or f'{rng.randrange(1, 96):02}'}{rng.randrange(1, 990):03}"
            f"{rng.randrange(1, 1000):03}")
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return body + f"{97 - number % 97:02}"


def dni(rng):
    n = rng.randrange(1000000, 99999999)
    return f"{n:08}" + "TRWAGMYFPDXBNJZSQVHLCKE"[n % 23]


def nie(rng):
    first, n = rng.choice("XYZ"), rng.randrange(9999999)
    return f"{first}{n:07}" + "TRWAGMYFPDXBNJZSQVHLCKE"[int(f"{'XYZ'.index(first)}{n:07}") % 23]


def codice_fiscale(rng):
    odd = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)))
    odd.update(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)))
    even = {c: int(c) if c.isdigit() else ord(c) - 65 for c in odd}
    body = (letters(rng, 6, "BCDFGLMNPRSTVZ") + f"{rng.randrange(100):02}" + rng.choice("ABCDEHLMPRST")
            + f"{rng.randrange(1, 29) + rng.choice((0, 40)):02}" + rng.choice("ABCDEFGHIL")
            + f"{rng.randrange(1, 1000):03}")
    total = sum((odd if i % 2 == 0 else even)[c] for i, c in enumerate(body))
    return body + chr(65 + total % 26)


def bsn(rng):
    while True:
        body = digits(rng, 8)
        check = weighted(body, range(9, 1, -1)) % 11
        if check < 10:
            return body + str(check)


def rrn(rng, since_2000=False):
    body = (f"{rng.randrange(0, 20) if since_2000 else rng.randrange(40, 100):02}"
            f"{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}{rng.randrange(1, 998):03}")
    return body + f"{97 - int(('2' if since_2000 else '') + body) % 97:02}"


def pesel(rng):
    body = (f"{rng.randrange(100):02}{rng.randrange(1, 13) + rng.choice((0, 20)):02}"
            f"{rng.randrange(1, 29):02}{rng.randrange(10000):04}")
    return body + str(-weighted(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10)


def ahv(rng):
    body = "756" + digits(rng, 9, "0123456789")
    return body + str(-weighted(body, (1, 3) * 6) % 10)


def is_tfn(number):
    return weighted(number, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def tfn(rng):
    """None that is another country's number as well."""
    while True:
        number = digits(rng, 9)
        if is_tfn(number) and luhn(number[:-1]) != number[-1]:
            return number


def medicare(rng):
    body = digits(rng, 8, "23456")
    return body + str(weighted(body, (1, 3, 7, 9, 1, 3, 7, 9)) % 10) + rng.choice("123456789")


def sin(rng):
    while True:
        body = digits(rng, 8, "1245679")
        if not is_tfn(body + luhn(body)):
            return body + luhn(body)


def aadhaar(rng):
    body = digits(rng, 11, "23456789")
    return body + verhoeff(body)


def pan(rng):
    return (letters(rng, 3) + rng.choice("ABCFGHJLPT") + letters(rng, 1) + f"{rng.randrange(1, 10000):04}"
            + letters(rng, 1))


def _brazil(body, weights):
    for w in (weights[1:], weights):
        rest = sum((ord(c) - 48) * n for c, n in zip(body, w)) % 11
        body += str(0 if rest < 2 else 11 - rest)
    return body


def cpf(rng):
    return _brazil(digits(rng, 9), list(range(11, 1, -1)))


def cnpj(rng):
    return _brazil(digits(rng, 8) + "0001", [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])


def cnpj_of_letters(rng):
    return _brazil(letters(rng, 8, "0123456789ABCDEFGHJKLMNPRSTUVWXYZ") + "0001",
                   [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])


def dotted(number, form):
    """form: 9 for each character, others for themselves."""
    rest = iter(number)
    out = "".join(next(rest) if c == "9" else c for c in form)
    assert next(rest, None) is None, (number, form)
    return out


# detector: how it is made, the forms that count by themselves, those that need a word, phrases
PEOPLE = {
    "us-ssn": (ssn, ["999-99-9999", "999 99 9999"], ["999999999"],
               ["SSN: {}", "ssn {}", "Social Security number {}", "social security no.: {}"]),
    "us-itin": (itin, ["999-99-9999", "999 99 9999"], ["999999999"],
                ["ITIN {}", "Taxpayer Identification Number: {}"]),
    "uk-nino": (nino, ["999999999", "99 99 99 99 9", "99 999999 9", "99-99-99-99-9"], [],
                ["NI number {}", "National Insurance no: {}"]),
    "uk-nhs": (nhs, ["999 999 9999"], ["9999999999", "999-999-9999"],
               ["NHS number: {}", "NHS No {}", "{} (NHS)"]),
    "de-tax-id": (de_tax_id, ["99 999 999 999"], ["99999999999"],
                  ["Steuer-ID {}", "steuerliche Identifikationsnummer: {}", "IdNr. {}", "Tax ID: {}"]),
    "fr-nir": (nir, ["9 99 99 99 999 999 99", "9999999999999 99", "999999999999999"], [],
               ["NIR : {}", "num\u00e9ro de s\u00e9curit\u00e9 sociale {}"]),
    "es-dni": (dni, ["999999999", "99999999-9", "99.999.999-9"], ["99999999 9"], ["DNI {}", "NIF: {}"]),
    "es-nie": (nie, ["999999999", "9-9999999-9"], [], ["NIE {}"]),
    "it-codice-fiscale": (codice_fiscale, ["9999999999999999", "999 999 99999 99999"], [],
                          ["codice fiscale: {}", "C.F. {}"]),
    "nl-bsn": (bsn, ["9999.99.999", "9999 99 999"], ["999999999"],
               ["BSN {}", "burgerservicenummer: {}"]),
    "be-rrn": (rrn, ["99.99.99-999.99", "99999999999"], [], ["rijksregisternummer {}"]),
    "pl-pesel": (pesel, [], ["99999999999"], ["PESEL {}", "PESEL: {}", "nr PESEL {}"]),
    "ch-ahv": (ahv, ["999.9999.9999.99", "9999999999999", "999 9999 9999 99"], [], ["AHV-Nr. {}"]),
    "au-tfn": (tfn, ["999 999 999"], ["999999999"], ["TFN {}", "Tax File Number: {}"]),
    "au-medicare": (medicare, ["9999 99999 9"], ["9999999999"], ["Medicare {}", "Medicare no: {}"]),
    "ca-sin": (sin, ["999 999 999", "999-999-999"], ["999999999"],
               ["SIN {}", "Social Insurance Number: {}", "NAS : {}"]),
    "in-aadhaar": (aadhaar, ["9999 9999 9999"], ["999999999999"], ["Aadhaar {}", "UIDAI no. {}"]),
    "in-pan": (pan, ["9999999999"], [], ["PAN {}", "Permanent Account Number: {}"]),
    "br-cpf": (cpf, ["999.999.999-99"], ["99999999999"], ["CPF {}", "CPF n\u00ba {}"]),
    "br-cnpj": (cnpj, ["99.999.999/9999-99"], ["99999999999999"], ["CNPJ {}", "CNPJ: {}"]),
}


def people(rng):
    for detector, (make, alone, named, phrases) in PEOPLE.items():
        for form in alone:
            for _ in range(3):
                number = make(rng)
                shown = dotted(number, form)
                for text in (shown, f"He gave {shown} when he called.", f"a;{shown};b"):
                    yield Specimen(detector, text, number, shown)
        for form in alone + named:
            for phrase in phrases * 4:
                number = make(rng)
                shown = dotted(number, form)
                yield Specimen(detector, phrase.format(shown), number, shown)
    for department in ("2A", "2B"):
        number = nir(rng, department)
        yield Specimen("fr-nir", number, number, number)
    number = rrn(rng, True)
    yield Specimen("be-rrn", number, number, number)
    number = cnpj_of_letters(rng)
    shown = dotted(number, "99.999.999/9999-99")
    yield Specimen("br-cnpj", shown, number, shown)
    number = nino(rng)
    yield Specimen("uk-nino", "national insurance " + number.lower(), number, number.lower())


# ---- keys and secrets ----

_TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def secrets(rng):
    """Of these the value is the kind."""
    for line, kind in ((f"-----BEGIN {word}PRIVATE KEY-----", "pem") for word in (
            "", "RSA ", "EC ", "DSA ", "ENCRYPTED ", "OPENSSH ")):
        yield Specimen("private-key", line, kind, line)
    for line, kind in (("-----BEGIN PGP PRIVATE KEY BLOCK-----", "pem"),
                       ("PuTTY-User-Key-File-2: ssh-rsa", "putty"),
                       ("PuTTY-User-Key-File-3: ssh-ed25519", "putty"),
                       ("AGE-SECRET-KEY-1" + letters(rng, 58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"), "age")):
        yield Specimen("private-key", line, kind, line)
    capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    for token, kind in (
            ("AKIA" + letters(rng, 16, capitals), "aws"), ("ASIA" + letters(rng, 16, capitals), "aws"),
            *((f"gh{c}_" + letters(rng, 36, _TOKEN), "github") for c in "pousr"),
            ("github_pat_" + letters(rng, 22, _TOKEN) + "_" + letters(rng, 59, _TOKEN), "github"),
            ("glpat-" + letters(rng, 20, _TOKEN), "gitlab"),
            *((f"xox{c}-" + digits(rng, 12) + "-" + letters(rng, 24, _TOKEN), "slack") for c in "abprs"),
            ("AIza" + letters(rng, 35, _TOKEN), "google"), ("sk_live_" + letters(rng, 24, _TOKEN), "stripe"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + letters(rng, 43, _TOKEN), "jwt")):
        for text in (token, f"key: {token}", f"export KEY='{token}'", f"({token})"):
            yield Specimen("api-secret", text, kind, token)
    for phrase in ("password={}", "password: {}", "passwd = \"{}\"", "secret: '{}'", "api_key={}",
                   "API-Key: {}", "token = {}", "\"password\": \"{}\"", "client_secret={}",
                   "Authorization token: {}", "DB_PASSWORD={}"):
        token = "k7" + letters(rng, 22, _TOKEN)
        yield Specimen("api-secret", phrase.format(token), "generic", token)


def all_specimens(rng):
    for maker in (cards, ibans, people, secrets):
        yield from maker(rng)
