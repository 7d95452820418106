"""Places where text hides in a message. places(text) gives for each its name, a message that hides
the text there, and the part in which it must be found (None: any)."""

import base64
import bz2
import gzip
import lzma
import urllib.parse

import documents as make


def plain(body, fields=b""):
    return b"Subject: x\r\n" + fields + b"\r\n" + body


def mixed(*parts, head=b"multipart/mixed"):
    out = b"Subject: x\r\nContent-Type: " + head + b"; boundary=b\r\n\r\n"
    for part in parts:
        out += b"--b\r\n" + part + b"\r\n"
    return out + b"--b--\r\n"


def base64_lines(data):
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def attached(data, name="", kind="application/octet-stream"):
    field = f"Content-Type: {kind}\r\nContent-Disposition: attachment"
    if name:
        field += f'; filename="{name}"'
    return field.encode() + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64_lines(data)


def with_file(data, name="", kind="application/octet-stream"):
    return mixed(b"\r\nhello", attached(data, name, kind))


def of_digits(text, zero):
    """Its digits in another script, whose nought is given."""
    return "".join(chr(zero + int(c)) if c.isdigit() else c for c in text)


def of_width(text):
    """The forms that are as wide as Chinese characters."""
    return "".join(chr(0xFEE0 + ord(c)) if "!" <= c <= "~" else c for c in text)


def encoded_word(text, charset="utf-8"):
    return b"=?" + charset.encode() + b"?B?" + base64.b64encode(text.encode(charset)) + b"?="


def quoted(text):
    return "".join(c if c.isalnum() else f"={ord(c):02X}" for c in text)


def halves(text):
    return text[:len(text) // 2], text[len(text) // 2:]


TEXT = b"Content-Type: text/plain; charset="
UTF8 = TEXT + b"utf-8\r\n"
HTML = b"Content-Type: text/html\r\n"
QP = b"Content-Transfer-Encoding: quoted-printable\r\n"
B64 = b"Content-Transfer-Encoding: base64\r\n"
W = make.word_xml


def encodings(text):
    """Transfer encodings and their abuse."""
    raw = text.encode()
    front, back = (half.encode() for half in halves(text))
    packed = base64.b64encode(raw)
    yield "base64", plain(base64_lines(raw), B64), "1"
    yield "base64 with other characters between", plain(b"".join(b"%c \r\n*" % c for c in packed), B64), "1"
    yield "base64 that ends and goes on", plain(
        base64.b64encode(front) + b"\r\n" + base64.b64encode(back), B64), "1"
    yield "base64 without its padding", plain(base64.b64encode(raw).rstrip(b"="), B64), "1"
    yield "base64, named in capitals, a comment before", plain(
        base64_lines(raw), b"CONTENT-TRANSFER-ENCODING: (really) BASE64\r\n"), "1"
    yield "base64, named in quotes", plain(base64_lines(raw), b'Content-Transfer-Encoding: "base64"\r\n'), "1"
    yield "quoted-printable, soft breaks inside", plain(
        b"=\r\n".join([quoted(text[:5]).encode(), quoted(text[5:9]).encode() + b"",
                       quoted(text[9:]).encode()]), QP), "1"
    yield "quoted-printable, blanks behind a soft break", plain(front + b"= \t\r\n" + back, QP), "1"
    yield "quoted-printable, all of it in small hex", plain(
        b"".join(b"=%02x" % c for c in raw), QP), "1"
    yield "quoted-printable with what it does not allow", plain(b"=ZZ " + raw + b" = =4", QP), "1"
    yield "uuencode", plain(make.uuencoded("c.csv", raw)), "1/c.csv"
    yield "uuencode, nothing but a zip", plain(
        make.uuencoded("c.zip", make.zip_of({"a": text}))), "1/c.zip/a"
    yield "uuencode with blanks for noughts", plain(
        make.uuencoded("c.csv", b"\0\0\0" + raw).replace(b"`", b" ")), "1/c.csv"
    yield "uuencode as a transfer encoding", plain(
        make.uuencoded("c.csv", raw), b"Content-Transfer-Encoding: x-uuencode\r\n"), None
    yield "a transfer encoding nobody knows", plain(raw, b"Content-Transfer-Encoding: x-none\r\n"), "1"
    yield "base64 that is none", plain(raw, b"Content-Transfer-Encoding: 8bit\r\n"), "1"
    yield "8bit that says 7bit", plain(
        of_width(text).encode(), UTF8 + b"Content-Transfer-Encoding: 7bit\r\n"), "1"


def headers(text):
    """Header words and parameters."""
    front, back = halves(text)
    wide = of_width(text).encode()
    yield "the subject", b"Subject: " + text.encode() + b"\r\n\r\n", ""
    yield "a field of the header", b"Subject: x\r\nX-Note: " + text.encode() + b"\r\n\r\n", ""
    yield "the name of a recipient", b"To: \"" + text.replace("\"", "").encode() + b"\" <a@b.example>\r\n\r\n", ""
    yield "a folded field", b"Subject: a\r\n =?utf-8?Q?" + quoted(text).encode() + b"?=\r\n\r\n", ""
    yield "an encoded word", b"Subject: " + encoded_word(text) + b"\r\n\r\n", ""
    yield "two words that split it", (b"Subject: =?utf-8?Q?" + quoted(front).encode()
                                      + b"?=\r\n =?utf-8?Q?" + quoted(back).encode() + b"?=\r\n\r\n"), ""
    yield "words of two charsets", (b"Subject: " + encoded_word(front) + b" "
                                    + encoded_word(back, "utf-16be") + b"\r\n\r\n"), ""
    yield "words that split a character", (
        b"Subject: =?utf-8?B?" + base64.b64encode(wide[:2]) + b"?= =?utf-8?B?"
        + base64.b64encode(wide[2:]) + b"?=\r\n\r\n"), ""
    yield "a word with a language", (b"Subject: =?utf-8*en?B?" + base64.b64encode(text.encode())
                                     + b"?=\r\n\r\n"), ""
    yield "a part's description", mixed(
        b"Content-Type: text/plain\r\nContent-Description: " + text.encode() + b"\r\n\r\nx"), None


def names(text):
    """Names of files; what no file is called cannot hide there."""
    if set(text) & set("/\\\":<>*?|"):
        return
    front, back = (urllib.parse.quote(half, safe="") for half in halves(text))
    yield "an RFC 2231 name", mixed(
        b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename*0*=utf-8''"
        + front.encode() + b"; filename*1*=" + back.encode() + b".txt\r\n\r\nx"), "1"
    yield "an RFC 2231 name, its pieces in disorder", mixed(
        b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename*1*="
        + back.encode() + b".txt; filename*0*=utf-8''" + front.encode() + b"\r\n\r\nx"), "1"
    yield "an encoded word for a name", mixed(
        b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=\""
        + encoded_word(text + ".txt") + b"\"\r\n\r\nx"), "1"
    yield "a name beside another file name", mixed(
        b"Content-Type: text/plain; name=\"" + text.encode() + b".txt\"\r\n"
        b"Content-Disposition: attachment; filename=a.txt\r\n\r\nx"), "1"
    yield "a name in a zip", with_file(make.zip_of({text + ".txt": "x"}), "a.zip"), None


def charsets(text):
    def as_is(charset, label=None, encoding=B64):
        return plain(base64_lines(text.encode(charset)),
                     TEXT + (label or charset).encode() + b"\r\n" + encoding)

    wide = of_width(text)
    for charset in ("utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32be", "utf-7", "iso-8859-15",
                    "windows-1252", "koi8-r", "gb18030", "big5", "euc-kr", "iso-2022-kr", "macintosh"):
        yield charset, as_is({"macintosh": "mac-roman"}.get(charset, charset), charset), "1"
    yield "UTF-7, all of it shifted", plain(b"+" + base64.b64encode(text.encode("utf-16be")).rstrip(b"=")
                                            + b"-", TEXT + b"utf-7\r\n"), "1"
    for charset in ("iso-2022-jp", "shift_jis", "euc-jp"):
        yield charset, plain(of_digits(text, 0xFF10).encode(charset), TEXT + charset.encode() + b"\r\n"), "1"
    yield "a charset nobody knows", plain(text.encode(), TEXT + b"x-1\r\n"), "1"
    yield "a charset in quotes and capitals", as_is("utf-16le", '"UTF-16LE"'), "1"
    yield "UTF-8 that says us-ascii", plain(wide.encode(), TEXT + b"us-ascii\r\n"), "1"
    yield "UTF-8 with a mark", plain(b"\xef\xbb\xbf" + wide.encode(), UTF8), "1"
    yield "a UTF-16 file", with_file(text.encode("utf-16"), "c.txt"), "2"
    yield "a UTF-16 file without a mark", with_file(text.encode("utf-16le"), "c.txt"), "2"
    yield "UTF-16 in HTML", plain(base64_lines(("<p>" + text).encode("utf-16")),
                                  b"Content-Type: text/html; charset=utf-16\r\n" + B64), "1"


def html(text):
    front, back = halves(text)

    def page(body):
        return plain(body.encode(), b"Content-Type: text/html; charset=utf-8\r\n")

    yield "HTML entities", page("".join(f"&#{ord(c)};" for c in text)), "1"
    yield "HTML entities in hex, some without an end", page(
        "".join(f"&#x{ord(c):x}" + (";" if c.isalnum() or i % 2 else ";") for i, c in enumerate(text))), "1"
    yield "blanks that do not break", page(text.replace(" ", "&nbsp;")), "1"
    yield "tags inside", page(f"{front}<b></b><span class='a'>{back}</span>"), "1"
    yield "a tag around each character", page("".join(f"<i>{c}</i>" for c in text)), "1"
    yield "a comment inside", page(f"{front}<!-- 7 -->{back}"), "1"
    yield "places where lines may break", page(f"{front}<wbr>&shy;&zwj;{back}"), "1"
    yield "hidden text", page(f"<div style='display:none'>{text}</div>"), "1"
    yield "text in white", page(f"<font color=white size=1>{text}</font>"), "1"
    yield "a title of a page", page(f"<html><head><title>{text}</title></head><body>x"), "1"
    yield "a script", page(f"<script>var a = ({{b: ' {text} '}})</script>"), "1"
    yield "a style", page(f"<style>/* {text} */</style>"), "1"
    yield "an HTML comment", page(f"x<!-- {text} -->y"), "1"
    yield "what stands for a picture", page(f"<img src='cid:1' alt='{quotes(text)}'>"), "1"
    yield "a form's field", page(f"<input type=\"hidden\" value=\"{quotes(text)}\">"), "1"
    yield "a tool tip", page(f"<p title=\"{quotes(text)}\">x</p>"), "1"
    yield "what describes a page", page(f"<meta name=description content=\"{quotes(text)}\">"), "1"
    yield "an HTML file", with_file(f"<p>{front}<i></i>{back}".encode(), "a.html"), "2"
    yield "tags that never end", page(f"{text} <b"), "1"
    yield "a comment that never ends", page(f"{text} <!-- "), "1"
    yield "text behind the page's end", page(f"<html><body>x</body></html>{text}"), "1"


def quotes(text):
    return text.replace("&", "&amp;").replace("'", "&#39;").replace("\"", "&#34;")


def unicode(text):
    """Characters that look alike, and some that do not show."""
    def line(shown):
        return plain(shown.encode(), UTF8)

    for name, mark in (("a zero-width blank", "\u200b"), ("a word joiner", "\u2060"),
                       ("a soft hyphen", "\u00ad"), ("a byte order mark", "\ufeff"),
                       ("an override of direction", "\u202d"), ("an isolate", "\u2068"),
                       ("a variation selector", "\ufe0f"), ("an invisible times", "\u2062"),
                       ("a grapheme joiner", "\u034f"), ("a Mongolian separator", "\u180e"),
                       ("a tag character", "\U000e0031"), ("a Hangul filler", "\u3164"),
                       ("a stroke over it", "\u0336"), ("a keycap", "\ufe0f\u20e3")):
        yield f"{name} behind each character", line(mark.join(text) + mark), "1"
    for name, zero in (("Arabic", 0x660), ("Persian", 0x6F0), ("Devanagari", 0x966), ("Thai", 0xE50),
                       ("bold", 0x1D7CE), ("monospaced", 0x1D7F6)):
        yield f"{name} digits", line(of_digits(text, zero)), "1"
    yield "full-width", line(of_width(text)), "1"
    yield "NFKC", line(text.translate(str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075"
                                                    "\u2076\u2077\u2078\u2079"))), "1"
    yield "blanks of other widths", line(text.replace(" ", "\u2009")), "1"
    yield "dashes", line(text.replace("-", "\u2212")), "1"


def structures(text):
    """MIME abuse, and messages in messages."""
    raw = text.encode()
    whole = plain(raw)
    yield "alternatives that differ", mixed(b"\r\nhello", HTML + b"\r\n" + raw,
                                            head=b"multipart/alternative"), "2"
    yield "the preamble", mixed(b"\r\nx").replace(
        b"\r\n--b\r\n", b"\r\n" + raw + b"\r\n--b\r\n", 1), "preamble"
    yield "the epilogue", mixed(b"\r\nx") + raw, "epilogue"
    yield "no last boundary", mixed(b"\r\n" + raw).replace(b"--b--", b""), "1"
    yield "a boundary that is missing", plain(raw, b"Content-Type: multipart/mixed\r\n"), "1"
    yield "a boundary that never comes", plain(raw, b"Content-Type: multipart/mixed; boundary=z\r\n"), None
    yield "a boundary that begins another", (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; "
        b"boundary=bb\r\n\r\n--bb\r\n\r\n" + raw + b"\r\n--bb--\r\n--b--\r\n"), "1.1"
    yield "two content types", plain(raw, HTML + UTF8), None
    yield "a transfer encoding twice", plain(base64_lines(raw), B64 + QP), None
    yield "a type with a blank before its colon", plain(
        base64_lines(raw), b"Content-Transfer-Encoding : base64\r\n"), None
    yield "a type over several lines", plain(raw.decode().encode("utf-16"), b"Content-Type: text/plain;\r\n"
                                             b"\t(a comment)\r\n charset\r\n =\r\n utf-16\r\n"), "1"
    yield "line ends of LF alone", mixed(b"\r\n" + raw).replace(b"\r\n", b"\n"), "1"
    yield "a NUL inside", plain(raw[:4] + b"\0" + raw[4:]), "1"
    yield "a part without a header", b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + raw, "1"
    yield "a header alone", b"Subject: " + raw, ""
    yield "no header", b"\r\n" + raw, "1"
    yield "a nested message", mixed(b"Content-Type: message/rfc822\r\n\r\n" + whole), "1.1"
    yield "a nested message's header", mixed(
        b"Content-Type: message/rfc822\r\n\r\nSubject: " + raw + b"\r\n\r\nx"), "1"
    yield "a message in base64", mixed(b"Content-Type: message/rfc822\r\n" + B64 + b"\r\n"
                                       + base64_lines(whole)), "1.1"
    yield "a digest", mixed(b"\r\n" + whole, head=b"multipart/digest"), "1.1"
    yield "a bounce", mixed(b"\r\nx", b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a\r\n",
                            b"Content-Type: text/rfc822-headers\r\n\r\nSubject: " + raw,
                            head=b"multipart/report; report-type=delivery-status"), "3"
    yield "a message of its own kind", mixed(b"Content-Type: message/global\r\n\r\n" + whole), None
    yield "a part of parts of parts", mixed(mixed(mixed(b"\r\n" + raw).replace(b"--b", b"--d").replace(
        b"=b", b"=d")).replace(b"--b", b"--c").replace(b"=b", b"=c")), "1.1.1"
    yield "a saved message", with_file(whole, "a.eml"), None
    yield "a saved message without a name", mixed(attached(whole.replace(
        b"Subject: x\r\n", b"Subject: x\r\n" + B64).replace(raw, base64_lines(raw)), "saved")), "1/1"
    yield "a message that says it is a text", mixed(attached(plain(base64_lines(raw), B64), "a.eml", "text/plain")), "1.1"
    yield "a mailbox", mixed(attached(b"From a@b Mon\r\nSubject: x\r\n\r\nhello\r\n\r\nFrom a@b Mon\r\n"
                                      + plain(base64_lines(raw), B64), "a.mbox", "application/mbox")), "1/1"
    yield "a page without a name", mixed(attached(f"<html><body>{text[:4]}<b></b>{text[4:]}".encode(), "page")), "1"
    yield "a page that says it is a text", mixed(attached(
        f"<p>{text[:4]}<b></b>{text[4:]}".encode(), "a.html", "text/plain")), "1"
    yield "a text that says it is a picture", mixed(attached(b"a,b\r\n" + raw, "a.png", "image/png")), None
    yield "a text that says it is a sound", mixed(attached(raw, "a.mp3", "audio/mpeg")), None
    yield "an appointment", mixed(b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nDESCRIPTION:"
                                  + raw + b"\r\nEND:VCALENDAR"), "1"
    yield "an SVG", mixed(attached(b"<svg xmlns='http://www.w3.org/2000/svg'><text>" + raw.replace(
        b"'", b"") + b"</text></svg>", "a.svg", "image/svg+xml")), "1"
    yield "JSON", mixed(attached(b'{"note": " ' + raw.replace(b'"', b"'") + b' "}', "a.json",
                                 "application/json")), "1"
    yield "enriched text", plain(text[:4].encode() + b"<bold></bold>" + text[4:].encode(),
                                 b"Content-Type: text/enriched\r\n"), "1"


def archives(text):
    raw = text.encode()
    yield "zip", with_file(make.zip_of({"a/b.csv": text}), "a.zip"), "2/a/b.csv"
    yield "a zip called a picture", with_file(make.zip_of({"b.csv": text}), "a.png", "image/png"), "2/b.csv"
    yield "a zip behind a program", with_file(b"MZ\0\0" + make.zip_of({"b.csv": text}), "a.bin"), "2/b.csv"
    yield "zip64", with_file(make.zip_of({"b.csv": text}, force64=True), "a.zip"), "2/b.csv"
    yield "a zip's comment", with_file(make.zip_of({"a": "x"}, comment=raw), "a.zip"), None
    yield "7z", with_file(make.seven_zip("b.csv", raw), "a.7z"), "2/b.csv"
    yield "tar", with_file(make.tar_of({"b.csv": raw}), "a.tar"), "2/b.csv"
    yield "cpio", with_file(make.cpio_of({"b.csv": raw}), "a.cpio"), "2/b.csv"
    yield "ar, which is text", with_file(make.ar_of({"b.csv": raw}), "a.a"), "2"
    yield "cab", with_file(make.cab_of("b.csv", raw), "a.cab"), "2/b.csv"
    yield "lha", with_file(make.lha_of("b.csv", raw), "a.lzh"), "2/b.csv"
    yield "rar", with_file(make.rar_of("b.csv", raw), "a.rar"), "2/b.csv"
    yield "gzip", with_file(gzip.compress(raw), "b.csv.gz"), "2/b.csv"
    yield "bzip2", with_file(bz2.compress(raw), "b.csv.bz2"), "2/b.csv"
    yield "xz", with_file(lzma.compress(raw), "b.csv.xz"), "2/b.csv"
    yield "lzma", with_file(lzma.compress(raw, lzma.FORMAT_ALONE), "b.csv.lzma"), None
    yield "lz4", with_file(make.lz4_of(raw), "b.csv.lz4"), None
    yield "zstandard", with_file(make.zstd_of(raw), "b.csv.zst"), None
    yield "compress", with_file(make.lzw_of(raw), "b.csv.Z"), None
    yield "gzip in two pieces", with_file(gzip.compress(raw[:4]) + gzip.compress(raw[4:]), "b.csv.gz"), "2/b.csv"
    yield "a compressed tar", with_file(gzip.compress(make.tar_of({"b.csv": raw})), "a.tgz"), "2/a/b.csv"
    yield "behind zeros, compressed", with_file(gzip.compress(bytes(2048) + raw), "a.gz"), "2/a"
    yield "a zip in a tar in a zip", with_file(make.zip_of({"a.tar": make.tar_of(
        {"b.zip": make.zip_of({"c.txt": text})})}), "a.zip"), "2/a.tar/b.zip/c.txt"
    yield "HTML in UTF-16 in a zip", with_file(make.zip_of({"a.htm": f"{text[:5]}<b></b>{text[5:]}".encode(
        "utf-16")}), "a.zip"), "2/a.htm"


def office(text):
    xml = text.replace("&", "&amp;").replace("<", "&lt;")
    yield "OOXML, the text", with_file(make.docx({"word/document.xml": W(xml)}), "a.docx"), "2/word/document.xml"
    for name, member, root in (("a header", "header1", "hdr"), ("a footer", "footer1", "ftr"),
                               ("comments", "comments", "comments"), ("footnotes", "footnotes", "footnotes"),
                               ("endnotes", "endnotes", "endnotes")):
        yield f"OOXML, {name}", with_file(make.docx({f"word/{member}.xml": W(xml, root)}),
                                          "a.docx"), f"2/word/{member}.xml"
    yield "OOXML, deleted text", with_file(make.docx({"word/document.xml": W(xml).replace(
        "w:t>", "w:delText>").replace("<w:t ", "<w:delText ")}), "a.docx"), "2/word/document.xml"
    yield "OOXML, a variable", with_file(make.docx({"word/settings.xml": (
        f"<w:settings xmlns:w='{make.WORD}'><w:docVars><w:docVar w:name='n' w:val='{quotes(text)}'/></w:docVars>"
        "</w:settings>")}), "a.docx"), None
    yield "OOXML, custom XML", with_file(make.docx({"customXml/item1.xml": f"<a><b>{xml}</b></a>"}),
                                         "a.docx"), None
    yield "OOXML, a picture's description", with_file(make.docx({"word/document.xml": (
        f"<w:document xmlns:w='{make.WORD}' xmlns:wp='u'><wp:docPr id='1' name='x' descr='{quotes(text)}'/>"
        "</w:document>")}), "a.docx"), None
    yield "OOXML, a link", with_file(make.docx({"word/_rels/document.xml.rels": (
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship "
        f"Id='1' Type='t' Target='mailto:a?subject= {quotes(text)} ' TargetMode='External'/></Relationships>")}),
        "a.docx"), None
    yield "OOXML, shared strings", with_file(make.zip_of({"xl/sharedStrings.xml": make.shared_strings(xml)}),
                                             "a.xlsx"), "2/xl/sharedStrings.xml"
    yield "OOXML, a string in its cell", with_file(make.zip_of({"xl/worksheets/sheet1.xml": make.sheet_xml(
        0).replace("<c><v>0</v></c>", f"<c t='inlineStr'><is><t>{xml}</t></is></c>")}), "a.xlsx"), None
    yield "OOXML, a sheet's name", with_file(make.zip_of({"xl/workbook.xml": (
        f"<workbook xmlns='{make.SHEET}'><sheets><sheet name='{quotes(text)}' sheetId='1'/></sheets></workbook>"),
        "xl/worksheets/sheet1.xml": make.sheet_xml(1)}), "a.xlsx"), None
    yield "OOXML, a slide", with_file(make.zip_of({"ppt/slides/slide1.xml": make.slide_xml(xml)}),
                                      "a.pptx"), "2/ppt/slides/slide1.xml"
    yield "OOXML, a slide's notes", with_file(make.zip_of({"ppt/notesSlides/n1.xml": make.slide_xml(xml)}),
                                              "a.pptx"), "2/ppt/notesSlides/n1.xml"
    yield "OOXML, its title", with_file(make.docx({"docProps/core.xml": (
        f"<c xmlns:dc='u'><dc:title>{xml}</dc:title></c>")}), "a.docx"), "2/docProps/core.xml"
    yield "OOXML, an own property", with_file(make.docx({"docProps/custom.xml": make.custom_xml(
        {"Note": xml})}), "a.docx"), "2/docProps/custom.xml"
    yield "OOXML, a file in it", with_file(make.docx({"word/embeddings/a.xlsx": make.zip_of(
        {"xl/sharedStrings.xml": make.shared_strings(xml)})}), "a.docx"), \
        "2/word/embeddings/a.xlsx/xl/sharedStrings.xml"
    yield "ODF", with_file(make.odt(xml), "a.odt"), "2/content.xml"
    yield "ODF in one file", with_file(make.odt_content(xml).encode(), "a.fodt"), "2"
    yield "an e-book", with_file(make.zip_of({"mimetype": "application/epub+zip", "a/b.xhtml": (
        f"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body><p>{xml}</p></body></html>")}),
        "a.epub"), "2/a/b.xhtml"
    yield "a page saved with its pictures", with_file(
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=q\r\n\r\n--q\r\nContent-Type: text/html"
        b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>" + quoted(text).encode() + b"\r\n--q--\r\n",
        "a.mht"), None


def old_office(text):
    rtf = text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")
    yield "RTF", with_file(make.rtf(rtf), "a.rtf"), "2"
    yield "RTF in \\u", with_file(
        b"{\\rtf1 " + "".join(f"\\u{ord(c)}?" for c in text).encode() + b"}", "a.rtf"), "2"
    yield "RTF in hex", with_file(
        b"{\\rtf1 " + "".join(f"\\'{ord(c):02x}" for c in text).encode() + b"}", "a.rtf"), "2"
    yield "RTF, hidden", with_file(b"{\\rtf1 {\\v " + rtf.encode() + b"}}", "a.rtf"), "2"
    yield "RTF by its type", mixed(attached(make.rtf(rtf), "", "text/rtf")), "1"
    yield "RTF called a document", with_file(make.rtf(rtf), "a.doc", "application/msword"), "2"
    yield "Word 97", with_file(make.doc("pay " + text), "a.doc"), "2"
    yield "Excel 97, a text", with_file(make.xls(text), "a.xls"), "2/Workbook"
    yield "PowerPoint 97", with_file(make.ppt(text), "a.ppt"), "2/PowerPoint Document"
    yield "OLE, its title", with_file(make.cfb([("\5SummaryInformation", make.property_set({2: text}))]),
                                      "a.doc"), "2/SummaryInformation"
    yield "OLE, some stream", with_file(make.cfb([("Any", b"\0\1" + text.encode("utf-16le"))]), "a.dat"), "2/Any"
    yield "an Outlook item", with_file(make.cfb([("__substg1.0_1000001F", text.encode("utf-16le"))]),
                                       "a.msg"), None
    yield "winmail.dat, an attachment", with_file(make.winmail("c.csv", text.encode()), "winmail.dat",
                                                  "application/ms-tnef"), "2/c.csv"
    yield "winmail.dat, the body", with_file(make.tnef([(1, 0x0002800C, text.encode() + b"\0")]),
                                             "winmail.dat"), "2"


def pdf(text):
    raw = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode()

    def stream(keys, data=None, flate=True):
        return with_file(make.pdf(objects=[make.pdf_stream(text.encode() if data is None else data, keys, flate)]),
                         "a.pdf")

    def page(content):
        return with_file(make.pdf(b"BT /F 10 Tf 50 700 Td " + content + b" ET"), "a.pdf"), "2/page-1"

    yield ("PDF, a page", *page(b"(" + raw + b") Tj"))
    yield ("PDF, a page in hex", *page(b"<" + text.encode().hex().encode() + b"> Tj"))
    yield ("PDF, a page in octal", *page(b"(" + b"".join(b"\\%03o" % c for c in text.encode()) + b") Tj"))
    yield ("PDF, each character apart", *page(b"[" + b" -20 ".join(
        b"<%02x>" % c for c in text.encode()) + b"] TJ"))
    yield "PDF, a note", with_file(make.pdf(objects=[b"<</Type/Annot/Contents(" + raw + b")>>"]),
                                   "a.pdf"), "2/strings"
    yield "PDF, a note in UTF-16", with_file(make.pdf(objects=[
        b"<</Type/Annot/Contents<feff" + text.encode("utf-16be").hex().encode() + b">>>"]), "a.pdf"), "2/strings"
    yield "PDF, a form field", with_file(make.pdf(objects=[
        b"<</FT/Tx/V<" + text.encode().hex().encode() + b">>>"]), "a.pdf"), "2/strings"
    yield "PDF, an attachment", stream(b"/Type/EmbeddedFile"), "2/object-10"
    yield "PDF, a title", with_file(make.pdf(objects=[b"<</Producer(x)/Title(" + raw + b")>>"]), "a.pdf"), "2"
    yield "PDF, XMP", stream(b"/Type/Metadata", b"<x xmlns:d='u'><d:title>" + quotes(text).encode()
                             + b"</d:title></x>", False), "2/object-10"
    yield "PDF, what an edit replaced", with_file(
        make.pdf(b"BT /F 10 Tf (" + raw + b") Tj ET") + make.pdf(make.pdf_text("nothing")), "a.pdf"), None
    yield "a PDF called a text", mixed(attached(make.pdf(b"BT /F 9 Tf (" + raw + b") Tj ET"), "a.txt",
                                                "text/plain")), None
    yield "a PDF behind other bytes", with_file(b"\0" * 100 + make.pdf(b"BT /F 9 Tf (" + raw + b") Tj ET"),
                                                "a.pdf"), None


GROUPS = {"transfer encodings": encodings, "headers": headers, "names": names, "charsets": charsets,
          "HTML": html, "Unicode": unicode, "structure": structures, "archives": archives,
          "office files": office, "older office files": old_office, "PDF": pdf}


def places(text):
    """Group, name, message, part."""
    for group, give in GROUPS.items():
        for name, message, part in give(text):
            yield group, name, message, part
