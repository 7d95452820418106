"""Numbers by the hundred thousand, of kinds that mail is full of, all of them by chance: how often
does each detector take one for its own?"""

import random

from figures import digits


def kinds(rng, count):
    """Name, and lines with one number each."""
    def rows(make):
        return (make() for _ in range(count))

    def number(least, most):
        return lambda: digits(rng, rng.randrange(least, most + 1))

    def spaced(*widths):
        return lambda: " ".join(digits(rng, w, "0123456789") for w in widths)

    yield "order numbers, 6 to 10 digits", rows(lambda: f"Order {number(6, 10)()} was shipped.")
    yield "order numbers, 11 to 15 digits", rows(lambda: f"Order {number(11, 15)()} was shipped.")
    yield "order numbers, 16 digits", rows(lambda: f"Order {number(16, 16)()} was shipped.")
    yield "references, 17 to 22 digits", rows(lambda: f"Ref. {number(17, 22)()}")
    yield "three figures of three digits, no word", rows(spaced(3, 3, 3))
    yield "amounts, figures in threes", rows(lambda: f"EUR {spaced(3, 3, 3)()},00")
    yield "three figures of four digits", rows(lambda: f"No. {spaced(4, 4, 4)()}")
    yield "figures of three, three and four digits, no word", rows(spaced(3, 3, 4))
    yield "telephone numbers, 3-3-4 with hyphens", rows(
        lambda: f"Tel. {rng.randrange(201, 990)}-{digits(rng, 3)}-{digits(rng, 4)}")
    yield "telephone numbers, 3-3-4 with blanks", rows(
        lambda: f"Tel. {rng.randrange(201, 990)} {digits(rng, 3)} {digits(rng, 4)}")
    yield "telephone numbers with a country", rows(
        lambda: f"+{rng.choice((1, 33, 44, 49, 61))} {digits(rng, 2)} {digits(rng, 4)} {digits(rng, 4)}")
    yield "times in digits", rows(lambda: f"{rng.randrange(1, 2 * 10**9)} {rng.randrange(1, 2 * 10**12)}")
    yield "dates and times", rows(lambda: f"2026{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}"
                                          f"{rng.randrange(24):02}{rng.randrange(60):02}{rng.randrange(60):02}")
    yield "parcels, 12 to 20 digits", rows(lambda: f"Parcel {number(12, 20)()}")
    yield "letters and digits", rows(lambda: "Code " + "".join(
        rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(rng.randrange(9, 23))))
    yield "figures of three, two and four digits, hyphens", rows(lambda: f"Part {digits(rng, 3)}-{digits(rng, 2)}-{digits(rng, 4)}")


def floods(count, seed=11):
    yield from kinds(random.Random(seed), count)
