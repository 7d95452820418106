"""What looks like something that must not leave, and is nothing: a line each, in which nothing may be
found."""

import base64
import hashlib
import random
import uuid

import figures
from figures import PEOPLE, card, card_widths, digits, dotted, grouped, iban, letters


def other_digit(number, at, rng):
    """The number with another digit there, so that its check fails."""
    return number[:at] + rng.choice([c for c in "0123456789" if c != number[at]]) + number[at + 1:]


def broken(rng):
    """Check digits that are wrong by one place, in each detector's own forms and with its words."""
    for name, prefixes, lengths in figures.CARDS:
        for length in lengths:
            number = card(rng, prefixes[0], length)
            wrong = other_digit(number, rng.randrange(length), rng)
            if figures.luhn(wrong[:15]) == wrong[15:16]:
                continue  # its front is a card of its own, with three digits behind
            yield "a wrong digit", f"{name}: {wrong}"
            yield "a wrong digit", grouped(wrong, card_widths(length))
    for country in figures.IBANS:
        number = iban(rng, country)
        place = rng.choice([i for i, c in enumerate(number) if i > 3 and c.isdigit()])
        wrong = other_digit(number, place, rng)
        yield "a wrong digit", f"IBAN {wrong}"
        yield "a wrong digit", f"IBAN {figures.fours(wrong)}"
        yield "a wrong length", f"IBAN {number[:-1]}"
    for detector, (make, alone, named, phrases) in PEOPLE.items():
        if detector in ("us-ssn", "us-itin", "uk-nino", "in-pan"):
            continue  # they have no check digit
        for form in alone + named:
            number = make(rng)
            place = rng.choice([i for i, c in enumerate(number[:9]) if c.isdigit()])
            yield "a wrong digit", rng.choice(phrases).format(dotted(other_digit(number, place, rng), form))


def unissued(rng):
    """Ranges that nobody issues."""
    for prefix, length in (("1", 16), ("7", 16), ("9", 16), ("2220", 16), ("2721", 16), ("0", 16), ("4", 15),
                           ("51", 15), ("34", 16), ("37", 14), ("6011", 15), ("36", 13)):
        yield "a range that is not issued", "card " + card(rng, prefix, length)
    for number in ("4" * 16, "0000000000000000", "4444-4444-4444-4444"):
        yield "one digit all through", "card " + number
    for country in ("ZZ", "XX", "US", "CA", "AU", "JP"):
        yield "a country without IBANs", f"IBAN {country}{figures.mod97(country, '500105175407324931')}500105175407324931"
    for number in ("000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "078-05-1120",
                   "219-09-9999", "123-45-6789"):
        yield "a number that is not issued", "SSN " + number
    for number in ("BG123456A", "GB123456A", "ZZ123456A", "DA123456A", "AO123456A", "AB123456E", "TN 12 34 56 B"):
        yield "a number that is not issued", "NINO " + number
    for number in ("AAAXA1234A", "AAA1A1234A", "AAAPA12345"):
        yield "a number that is not issued", "PAN " + number
    yield "a number that is not issued", "ITIN 900-66-1234"


def within(rng):
    """A valid number that is a piece of something longer, or of an address."""
    for length in (16, 15):
        number = card(rng, "4" if length == 16 else "37", length)
        for text in (f"1{number}", f"{number}7", f"ref {number[:8]}-{number[8:]}-12345678",
                     f"https://shop.example/o?id={number}", f"http://a.example/{number}/x",
                     f"www.shop.example/{number}", f"<{number}@mail.example>", f"{number}@shop.example",
                     f"order_{number}_a", f"0x{number}", f"{number}abcdef0123", f"a1b2c3d4{number}",
                     f"{number[:8]}-{number[8:12]}-4{number[12:15]}-a123-0123456789ab", f"+{number}",
                     f"12.{number}", f"{number}.5", f"sha:{number}ffee"):
            yield "within something longer", text
    number = iban(rng, "DE")
    yield "within something longer", f"{number}1"
    yield "within something longer", f"X{number}"
    for detector in ("es-dni", "br-cpf", "ch-ahv", "be-rrn"):
        make, alone, _, _ = PEOPLE[detector]
        number = make(rng)
        shown = dotted(number, alone[0])
        yield "within something longer", f"5{shown}"
        yield "within something longer", f"https://a.example/{shown}"
        yield "within something longer", f"{shown}@a.example"


def without_words(rng):
    """Numbers whose check is weak, bare and with no word that says what they are."""
    for detector in ("uk-nhs", "nl-bsn", "pl-pesel", "au-tfn", "ca-sin", "in-aadhaar", "br-cpf", "de-tax-id",
                     "au-medicare", "us-ssn", "us-itin"):
        for _ in range(8):
            number = PEOPLE[detector][0](rng)
            for text in (f"order {number}", f"Invoice no. {number}", f"Ref: {number}", number, f"tracking {number}",
                         f"customer {number}, article {rng.randrange(10**6)}"):
                yield "a bare number without its word", text
    for _ in range(40):
        number = figures.nhs(rng)
        for text in (f"Tel. {number[:3]}-{number[3:6]}-{number[6:]}", f"phone ({number[:3]}) {number[3:6]}-{number[6:]}",
                     f"call {number[:3]}.{number[3:6]}.{number[6:]}", f"+1 {number[:3]} {number[3:6]} {number[6:]}",
                     f"Fax: {number[:3]} {number[3:6]} {number[6:]}", f"Tel: {number[:3]} {number[3:6]} {number[6:]}"):
            yield "a telephone number", text


def machines(rng):
    """What programs write."""
    for _ in range(120):
        yield "a UUID", str(uuid.UUID(int=rng.getrandbits(128), version=4))
        yield "a UUID of digits", "-".join(digits(rng, n, "0123456789") for n in (8, 4, 4, 4, 12))
        yield "a hash", hashlib.sha1(rng.randbytes(8)).hexdigest()
        yield "a hash", hashlib.sha256(rng.randbytes(8)).hexdigest()
        yield "base64", base64.b64encode(rng.randbytes(57)).decode()
        yield "a Message-ID", f"<{digits(rng, 16)}.{digits(rng, 12)}@mail{rng.randrange(99)}.example>"
        yield "an address of the network", ".".join(str(rng.randrange(256)) for _ in range(4))
        yield "IPv6", ":".join(f"{rng.randrange(65536):x}" for _ in range(8))
        yield "a time", f"20{rng.randrange(10, 40)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}T" \
                        f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}.{digits(rng, 6)}Z"
        yield "a time", str(rng.randrange(1500000000, 1900000000))
        yield "a time", str(rng.randrange(1500000000000, 1900000000000))
        yield "a time", f"20{rng.randrange(10, 40)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}{digits(rng, 6)}"
        yield "a line of a log", (f"Nov 22 {rng.randrange(24):02}:11:{rng.randrange(60):02} mx postfix/smtpd[{rng.randrange(99999)}]:"
                                  f" {letters(rng, 12, '0123456789ABCDEF')}: client=a[192.0.2.{rng.randrange(256)}], "
                                  f"size={rng.randrange(10**7)}, delay={rng.random():.6f}")
        yield "a MAC address", ":".join(f"{rng.randrange(256):02x}" for _ in range(6))
        yield "a version", f"{rng.randrange(30)}.{rng.randrange(99)}.{rng.randrange(9999)}-{rng.randrange(99)}+deb12u{rng.randrange(9)}"
        yield "a boundary", f"------=_Part_{rng.randrange(10**7)}_{rng.randrange(10**9)}.{rng.randrange(10**13)}"


def business(rng):
    for _ in range(120):
        amount = f"{rng.randrange(1, 10**6):,}.{rng.randrange(100):02}"
        yield "an amount", f"Total: EUR {amount}"
        yield "an amount", f"{amount.replace(',', ' ').replace('.', ',')} \u20ac"
        yield "a date", f"{rng.randrange(1, 29):02}.{rng.randrange(1, 13):02}.20{rng.randrange(10, 40)} - " \
                        f"{rng.randrange(1, 29):02}.{rng.randrange(1, 13):02}.20{rng.randrange(10, 40)}"
        yield "an invoice", f"Invoice INV-20{rng.randrange(20, 30)}-{rng.randrange(10**6):06}, order PO{rng.randrange(10**8):08}"
        yield "an article", f"Art. {digits(rng, 6)}.{digits(rng, 3)}.{digits(rng, 2)}"
        yield "an ISBN", f"ISBN 978-{rng.randrange(10)}-{digits(rng, 4)}-{digits(rng, 4)}-{rng.randrange(10)}"
        yield "a parcel", f"1Z{letters(rng, 16, '0123456789ABCDEFGHJKLMNPRSTUVWXYZ')}"
        yield "a parcel", f"{letters(rng, 2)}{digits(rng, 9)}DE"
        yield "a telephone number", f"+49 {rng.randrange(30, 99)} {digits(rng, 7)}-{rng.randrange(100)}"
        yield "a telephone number", f"+44 20 {digits(rng, 4)} {digits(rng, 4)}"
        yield "a telephone number", f"+33 {rng.randrange(1, 10)} " + " ".join(digits(rng, 2, "0123456789") for _ in range(4))
        yield "a telephone number", f"({rng.randrange(201, 990)}) {digits(rng, 3)}-{digits(rng, 4)}"
        yield "figures", "  ".join(digits(rng, rng.randrange(2, 6)) for _ in range(8))
        yield "figures", "\t".join(f"{rng.random() * 1000:.2f}" for _ in range(8))
        yield "a position", f"{rng.uniform(-90, 90):.6f}, {rng.uniform(-180, 180):.6f}"
        yield "a flight", f"LH{rng.randrange(100, 9999)} FRA-JFK {rng.randrange(24):02}:{rng.randrange(60):02}, booking {letters(rng, 6)}"


def credentials(_rng):
    for text in ("password: ********", "Your password is ready.", "password=changeme", "token: see the wiki",
                 "secret = yes", "the secret: patience and practice", "Password must have at least 12 characters",
                 "api_key=YOUR_API_KEY_HERE", "-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----",
                 "-----BEGIN PGP PUBLIC KEY BLOCK-----", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk a@b",
                 "-----BEGIN PGP SIGNATURE-----", "ghp_short", "AKIA is a prefix", "sk_test_4eC39HqLyjWDarjtT1",
                 "akiaiosfodnn7example", "PRIVATE KEY", "BEGIN PRIVATE KEY", "token=${TOKEN_FROM_ENVIRONMENT}",
                 "password = os.environ['PASSWORD']"):
        yield "no secret", text


def lines(seed=7):
    rng = random.Random(seed)
    for give in (broken, unissued, within, without_words, machines, business, credentials):
        yield from give(rng)
