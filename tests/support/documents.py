"""Documents made by hand, with the standard library alone: what programs write, as small as it
can be, for tests that plant something in them. Each function gives bytes."""

import binascii
import io
import struct
import tarfile
import zipfile
import zlib

# ---- archives ----


def zip_of(members, method=zipfile.ZIP_DEFLATED, comment=b"", force64=False):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            with z.open(info, "w", force_zip64=force64) as member:
                member.write(data if isinstance(data, bytes) else data.encode())
        z.comment = comment
    return out.getvalue()


def locked_zip(name, data):
    """The traditional encryption's flag is what counts: the content is as good as random."""
    out = bytearray(zip_of({name: b"0123456789ab" + data}, zipfile.ZIP_STORED))
    out[6] |= 1
    out[out.index(b"PK\1\2") + 8] |= 1
    return bytes(out)


def tar_of(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def seven_zip(name, data):
    """7z with one file, copied: its header says where, how long, and what it is called."""
    crc = struct.pack("<I", binascii.crc32(data))

    def number(n):
        assert n < 16384
        return bytes([n]) if n < 128 else bytes([0x80 | n >> 8, n & 255])

    text = b"\0" + name.encode("utf-16le") + b"\0\0"
    streams = (b"\x06" + number(0) + number(1) + b"\x09" + number(len(data)) + b"\0"  # packed
               + b"\x07\x0b\x01\0\x01\x01\0\x0c" + number(len(data)) + b"\x0a\x01" + crc + b"\0"
               + b"\x08\0\0")
    header = b"\x01\x04" + streams + b"\x05\x01\x11" + number(len(text)) + text + b"\0\0"
    start = struct.pack("<QQI", len(data), len(header), binascii.crc32(header))
    return (b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", binascii.crc32(start)) + start + data
            + header)


def cpio_of(members):
    """The "newc" form."""
    out = b""
    for number, (name, data) in enumerate([*members.items(), ("TRAILER!!!", b"")], 1):
        raw = name.encode() + b"\0"
        fields = (number, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0)
        head = b"070701" + b"".join(b"%08X" % f for f in fields) + raw
        out += head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)
    return out


def ar_of(members):
    out = b"!<arch>\n"
    for name, data in members.items():
        out += f"{name + '/':16}{0:<12}{0:<6}{0:<6}{'100644':8}{len(data):<10}`\n".encode()
        out += data + b"\n" * (len(data) % 2)
    return out


def cab_of(name, data):
    """One folder, one block, not compressed."""
    raw = name.encode() + b"\0"
    files, block = 36 + 8, 36 + 8 + 16 + len(raw)
    return (b"MSCF" + struct.pack("<IIIIIBBHHHHH", 0, block + 8 + len(data), 0, files, 0, 3, 1, 1, 1, 0, 0, 0)
            + struct.pack("<IHH", block, 1, 0)
            + struct.pack("<IIHHHH", len(data), 0, 0, 0x2A2A, 0, 0x20) + raw
            + struct.pack("<IHH", 0, len(data), len(data)) + data)


def _crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def lha_of(name, data):
    """A header of level 0, and the data stored."""
    body = (b"-lh0-" + struct.pack("<IIIBB", len(data), len(data), 0x2A2A0000, 0x20, 0)
            + bytes([len(name)]) + name.encode() + struct.pack("<H", _crc16(data)))
    return bytes([len(body), sum(body) & 255]) + body + data + b"\0"


def rar_of(name, data):
    """RAR 4, stored."""
    def block(kind, flags, rest, more=0):
        head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
        return struct.pack("<H", binascii.crc32(head) & 0xFFFF) + head

    file = struct.pack("<IIBIIBBHI", len(data), len(data), 2, binascii.crc32(data), 0x2A2A0000, 20, 0x30,
                       len(name), 0x20) + name.encode()
    return (b"Rar!\x1a\x07\0" + block(0x73, 0, bytes(6)) + block(0x74, 0x8000, file) + data
            + block(0x7B, 0x4000, b""))


# ---- one file, compressed ----


def lz4_of(data):
    """A frame with one block that is not compressed, without checksums but the header's own."""
    descriptor = b"\x60\x40"
    return (struct.pack("<I", 0x184D2204) + descriptor + bytes([_xxh32(descriptor) >> 8 & 255])
            + struct.pack("<I", len(data) | 1 << 31) + data + struct.pack("<I", 0))


def _xxh32(data):
    """Of fewer than 16 bytes; its seed is 0."""
    def turned(n, by):
        return (n << by | n >> 32 - by) & 0xFFFFFFFF

    h = 374761393 + len(data)
    while len(data) >= 4:
        h = turned(h + struct.unpack("<I", data[:4])[0] * 3266489917 & 0xFFFFFFFF, 17) * 668265263 & 0xFFFFFFFF
        data = data[4:]
    for byte in data:
        h = turned(h + byte * 374761393 & 0xFFFFFFFF, 11) * 2654435761 & 0xFFFFFFFF
    h = (h ^ h >> 15) * 2246822519 & 0xFFFFFFFF
    h = (h ^ h >> 13) * 3266489917 & 0xFFFFFFFF
    return h ^ h >> 16


def zstd_of(data):
    """A frame of one raw block, whose size its header tells."""
    assert len(data) < 256
    return (struct.pack("<I", 0xFD2FB528) + bytes([0x20, len(data)])
            + struct.pack("<I", len(data) << 3 | 1)[:3] + data)


def lzw_of(data):
    """compress(1) with literal codes alone, of 9 bits each."""
    assert len(data) < 250
    bits = "".join(f"{byte:09b}"[::-1] for byte in data)
    bits += "0" * (-len(bits) % 8)
    return b"\x1f\x9d\x90" + bytes(int(bits[i:i + 8][::-1], 2) for i in range(0, len(bits), 8))


# ---- office files ----

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"


def word_xml(text, root="document"):
    """Text in runs that split it anywhere, as Word has it after some editing."""
    half = len(text) // 2
    runs = "".join(f"<w:r><w:t xml:space='preserve'>{t}</w:t></w:r>"
                   for t in (text[:half], text[half:]))
    return (f"<?xml version='1.0'?><w:{root} xmlns:w='{WORD}'><w:p>{runs}</w:p></w:{root}>")


def docx(members):
    return zip_of({"[Content_Types].xml": "<Types/>", "word/document.xml": word_xml("hello"),
                   **members})


def shared_strings(text):
    return f"<sst xmlns='{SHEET}'><si><t>{text}</t></si></sst>"


def sheet_xml(number):
    return f"<worksheet xmlns='{SHEET}'><sheetData><row><c><v>{number}</v></c></row></sheetData></worksheet>"


def slide_xml(text):
    half = len(text) // 2
    return (f"<p:sld xmlns:p='http://schemas.openxmlformats.org/presentationml/2006/main' "
            f"xmlns:a='{_A}'><a:p><a:r><a:t>{text[:half]}</a:t></a:r><a:r><a:t>{text[half:]}"
            f"</a:t></a:r></a:p></p:sld>")


def custom_xml(properties):
    rows = "".join(f"<property name='{n}'><vt:lpwstr>{v}</vt:lpwstr></property>"
                   for n, v in properties.items())
    return ("<Properties xmlns='http://schemas.openxmlformats.org/officeDocument/2006/"
            "custom-properties' xmlns:vt='http://schemas.openxmlformats.org/officeDocument/2006/"
            f"docPropsVTypes'>{rows}</Properties>")


def label_info(site, label, enabled="1"):
    return ("<clbl:labelList xmlns:clbl='http://schemas.microsoft.com/office/2020/"
            f"mipLabelMetadata'><clbl:label id='{{{label}}}' enabled='{enabled}' "
            f"siteId='{{{site}}}' removed='0'/></clbl:labelList>")


def odt_content(text):
    half = len(text) // 2
    return ("<?xml version='1.0'?><o:document xmlns:o='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
            "xmlns:t='urn:oasis:names:tc:opendocument:xmlns:text:1.0'><o:body><t:p>"
            f"{text[:half]}<t:span>{text[half:]}</t:span></t:p></o:body></o:document>")


def odt(text):
    return zip_of({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": odt_content(text)})


# ---- OLE ----


def cfb(streams):
    """A compound file; streams: names and bytes, all in its root."""
    free, end, sector = 0xFFFFFFFF, 0xFFFFFFFE, 512
    sectors, fat, mini, mini_fat, entries = [], [], b"", [], []

    def put(data):
        count = (len(data) + sector - 1) // sector
        if count == 0:
            return end
        first = len(sectors)
        for i in range(count):
            sectors.append(data[i * sector:(i + 1) * sector].ljust(sector, b"\0"))
            fat.append(first + i + 1 if i < count - 1 else end)
        return first

    def entry(name, kind, start, size):
        units = name.encode("utf-16le") + b"\0\0"
        return (units.ljust(64, b"\0") + struct.pack("<HBBIII", len(units), kind, 1, free, free,
                                                     free) + b"\0" * 36
                + struct.pack("<IQ", start, size))

    for name, data in streams:
        if len(data) >= 4096:
            entries.append((name, put(data), len(data)))
            continue
        count = (len(data) + 63) // 64
        first = len(mini) // 64
        mini_fat += [first + i + 1 if i < count - 1 else end for i in range(count)]
        mini += data.ljust(count * 64, b"\0")
        entries.append((name, first if count else end, len(data)))
    mini_start = put(mini)
    table = b"".join(struct.pack("<I", n) for n in mini_fat)
    table_start = put(table)
    directory = entry("Root Entry", 5, mini_start, len(mini))
    directory += b"".join(entry(name, 2, start, size) for name, start, size in entries)
    while len(directory) % sector:
        directory += entry("", 0, 0, 0)
    directory_start = put(directory)
    count = 1
    while (len(fat) + count) * 4 > count * sector:
        count += 1
    first = len(sectors)
    raw = b"".join(struct.pack("<I", n) for n in fat + [0xFFFFFFFD] * count)
    raw = raw.ljust(count * sector, b"\xff")
    sectors += [raw[i * sector:(i + 1) * sector] for i in range(count)]
    header = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
              + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
              + struct.pack("<IIIIIIIII", 0, count, directory_start, 0, 4096, table_start,
                            (len(table) + 511) // 512, end, 0))
    header += b"".join(struct.pack("<I", first + i if i < count else free) for i in range(109))
    return header + b"".join(sectors)


def doc(text):
    """Word 97: one piece in 8 bits, one in 16, which split the text."""
    half = len(text) // 2
    narrow, wide = text[:half].encode("cp1252"), text[half:].encode("utf-16le")
    at = 0x400 + len(narrow) + len(narrow) % 2
    pieces = (struct.pack("<III", 0, half, len(text))
              + struct.pack("<HIH", 0, 0x400 * 2 | 0x40000000, 0) + struct.pack("<HIH", 0, at, 0))
    clx = b"\2" + struct.pack("<I", len(pieces)) + pieces
    fib = bytearray(0x400)
    struct.pack_into("<H", fib, 0, 0xA5EC)
    struct.pack_into("<H", fib, 0xA, 0x0200)
    struct.pack_into("<II", fib, 0x1A2, 0, len(clx))
    body = (bytes(fib) + narrow).ljust(at, b"\0") + wide
    return cfb([("WordDocument", body.ljust(4096, b"\0")), ("1Table", clx)])


def _record(kind, data):
    return struct.pack("<HH", kind, len(data)) + data


def xls(text="", number=None):
    """Excel 97: a text that a second record continues, or a number."""
    sst = struct.pack("<II", 1, 1) + struct.pack("<HB", len(text), 0) + text.encode("latin-1")
    cut = 11 + len(text) // 2
    out = _record(0x809, b"\0" * 16)
    if text:
        out += _record(0xFC, sst[:cut]) + _record(0x3C, b"\0" + sst[cut:])
    if number is not None:
        out += _record(0x203, b"\0" * 6 + struct.pack("<d", number))
    return cfb([("Workbook", out)])


def ppt(text):
    atom = struct.pack("<HHI", 0, 0xFA0, 2 * len(text)) + text.encode("utf-16le")
    return cfb([("PowerPoint Document", struct.pack("<HHI", 0xF, 0x3E8, len(atom)) + atom)])


def property_set(properties):
    """properties: numbers and texts."""
    values = [(1, struct.pack("<II", 2, 1252))]
    for number, text in properties.items():
        raw = text.encode("cp1252") + b"\0"
        value = struct.pack("<II", 30, len(raw)) + raw
        values.append((number, value.ljust((len(value) + 3) // 4 * 4, b"\0")))
    offset, ids, data = 8 + 8 * len(values), b"", b""
    for number, value in values:
        ids += struct.pack("<II", number, offset + len(data))
        data += value
    one = struct.pack("<II", offset + len(data), len(values)) + ids + data
    return struct.pack("<HHI16sI", 0xFFFE, 0, 2, b"\0" * 16, 1) + b"\1" * 16 + struct.pack("<I", 48) + one


# ---- others ----


def rtf(text):
    half = len(text) // 2
    return (r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\pard " + text[:half] + r"\b " + text[half:]
            + r"\b0\par}").encode()


def tnef(attributes):
    """attributes: level, number with its type, bytes."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    for level, number, data in attributes:
        out += struct.pack("<BII", level, number, len(data)) + data
        out += struct.pack("<H", sum(data) & 0xFFFF)
    return out


def winmail(name, data):
    return tnef([(1, 0x00018004, b"Subject\0"), (2, 0x00069002, b"\0" * 14),
                 (2, 0x00018010, name.encode() + b"\0"), (2, 0x0006800F, data)])


def lzfu(data):
    """Stored, in the manner of compressed RTF."""
    return struct.pack("<IIII", len(data) + 12, len(data), 0x414C454D, 0) + data


def pdf_stream(data, keys=b"", flate=True):
    if flate:
        data, keys = zlib.compress(data), keys + b"/Filter/FlateDecode"
    return b"<<" + keys + b"/Length %d>>\nstream\n" % len(data) + data + b"\nendstream"


def pdf(content=b"", objects=(), trailer=b""):
    """A page that shows content; objects: more of them, from number 10 on."""
    all_objects = [(1, b"<</Type/Catalog/Pages 2 0 R>>"),
                   (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>"),
                   (3, b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"),
                   (4, pdf_stream(content)),
                   (5, b"<</Type/Font/Subtype/Type1/BaseFont/Courier/FirstChar 0/Widths["
                    + b"600 " * 256 + b"]>>")]
    all_objects += list(enumerate(objects, 10))
    out = b"%PDF-1.4\n"
    for number, body in all_objects:
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    return out + b"trailer<</Root 1 0 R" + trailer + b">>\n%%EOF\n"


def pdf_text(text):
    """Shown in two pieces that touch."""
    half = len(text) // 2
    return (b"BT /F 10 Tf 50 700 Td (%s) Tj %d 0 Td (%s) Tj ET"
            % (text[:half].encode(), 6 * half, text[half:].encode()))


def _der(tag, *parts):
    body = b"".join(parts)
    assert len(body) < 128
    return bytes([tag, len(body)]) + body


def signature():
    """CMS SignedData without content, certificates and signers: what a detached one is made of."""
    signed, data = (bytes.fromhex("2a864886f70d0107") + bytes([n]) for n in (2, 1))
    sha256 = _der(0x30, _der(6, bytes.fromhex("608648016503040201")))
    return _der(0x30, _der(6, signed), _der(0xA0, _der(0x30, _der(2, b"\1"), _der(0x31, sha256), _der(
        0x30, _der(6, data)), _der(0x31))))


def uuencoded(name, data):
    lines = [binascii.b2a_uu(data[i:i + 45]) for i in range(0, len(data), 45)]
    return b"begin 644 " + name.encode() + b"\n" + b"".join(lines) + b"`\nend\n"
