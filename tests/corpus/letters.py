"""Ordinary mail, as offices send it all day: all of it can be read, and nothing in it is anybody's
secret. clean() gives a name and a message."""

import base64
import gzip
import hashlib
import random

import documents as make
from figures import digits, letters
from hideouts import attached, base64_lines, encoded_word, of_width

ORDINARY = """Return-Path: <anna.berg@our.example>
Received: from mail-{a}.our.example (mail.our.example [192.0.2.{b}])
\tby mx.partner.example (Postfix) with ESMTPS id {c}
\tfor <p.moreau@partner.example>; Mon, 23 Nov 2026 09:{d}:12 +0100 (CET)
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=our.example; s=2026a; t=17955{e};
\th=from:to:subject:date; bh={bh};
\tb={sig}
ARC-Seal: i=1; a=rsa-sha256; t=17955{e}; cv=none; d=our.example; s=arc;
\tb={sig}
Authentication-Results: mx.partner.example; dkim=pass header.d=our.example; spf=pass
Message-ID: <{f}.{g}@mail.our.example>
In-Reply-To: <{g}.{f}@mail.partner.example>
References: <{g}.{f}@mail.partner.example>
 <CAF{h}@mail.example>
Thread-Index: {ti}
X-Mailer: Mail 16.0.{d}99
Date: Mon, 23 Nov 2026 09:{d}:10 +0100
From: Anna Berg <anna.berg@our.example>
To: Paul Moreau <p.moreau@partner.example>
Subject: {subject}
MIME-Version: 1.0
"""

SIGNATURE = """
Best regards
Anna Berg

Our Example GmbH | Hauptstr. 12 | 10115 Berlin | Germany
T +49 30 1234567-12 | F +49 30 1234567-99 | M +49 171 1234567
HRB 123456 B | USt-IdNr. DE123456789 | www.our.example
"""


def head(rng, subject):
    return ORDINARY.format(
        a=rng.randrange(99), b=rng.randrange(256), c=letters(rng, 10, "0123456789ABCDEF"), d=rng.randrange(10, 60),
        e=digits(rng, 5), f=digits(rng, 14), g=digits(rng, 9), h=letters(rng, 40, "abcdefghijkABCDEF0123456789"),
        bh=base64.b64encode(rng.randbytes(32)).decode(),
        sig="\n\t".join(base64.b64encode(rng.randbytes(48)).decode() for _ in range(5)),
        ti=base64.b64encode(rng.randbytes(22)).decode(), subject=subject).replace("\n", "\r\n").encode()


def text(rng, subject, body, charset="utf-8", signed=True):
    whole = (body + (SIGNATURE if signed else "")).replace("\n", "\r\n").encode(charset)
    return (head(rng, subject) + f"Content-Type: text/plain; charset={charset}\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n".encode() + base64_lines(whole))


def several(rng, subject, *parts, kind="mixed"):
    boundary = f"----=_Part_{digits(rng, 8)}.{digits(rng, 13)}".encode()
    out = head(rng, subject) + b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + boundary + b'"\r\n\r\n'
    for part in parts:
        out += b"--" + boundary + b"\r\n" + part + b"\r\n"
    return out + b"--" + boundary + b"--\r\n"


def part(body, kind="text/plain; charset=utf-8"):
    return b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body.replace("\n", "\r\n").encode()


def with_files(rng, subject, body, *files):
    return several(rng, subject, part(body + SIGNATURE), *(attached(data, name, kind) for data, name, kind in files))


PLAIN = {
    "Lunch on Thursday?": "Hi Paul,\n\nlunch at 12:30 on Thursday 26/11? The new place at number 14 is good.\n",
    "Minutes of 19 November 2026": """Minutes, 19/11/2026, 10:00-11:30, room 3.14

1. Budget 2027: 1,250,000.00 EUR (2026: 1,187,500.00 EUR), +5.3 %
2. Headcount: 48 (Q3) -> 52 (Q4); vacancies 2026-114, 2026-115, 2026-121
3. Office move: 15.01.2027, 08:00; contact 030 1234567
4. Next meeting: 03.12.2026, 10:00
""",
    "Order confirmation 2026-004711": """Thank you for your order 2026004711 of 22.11.2026.

Pos  Article      Qty  Price      Sum
1    4003-0012    12   14.90      178.80
2    4003-0145    3    129.00     387.00
3    9911-7000    1    1,999.00   1,999.00
                       Total EUR  2,564.80

Customer number 1004711, cost centre 33 0815. Your parcel: 00340434161094042557
""",
    "Invoice INV-2026-11-0815": """Invoice INV-2026-11-0815, 22.11.2026, due 22.12.2026

Net 4,120.00 EUR, VAT 19 % 782.80 EUR, gross 4,902.80 EUR
Please pay by transfer to the account that you know, reference 20261108150001.
VAT ID DE123456789, tax number 30/123/45678, customer 10047
""",
    "Re: Re: AW: Offer 4711": """I agree.

On Fri, 20 Nov 2026 at 16:02, Paul Moreau <p.moreau@partner.example> wrote:
> Dear Anna,
> 17 pieces at 12.50 EUR, delivery in week 49. Call me: +33 1 23 45 67 89.
>
>> On Thu, 19 Nov 2026 at 11:40, Anna Berg wrote:
>> Could you make us an offer for 4003-0012, 4003-0145 and 9911-7000?
>>> -----Original Message-----
>>> From: Purchasing [mailto:purchasing@our.example]
>>> Sent: Wednesday, November 18, 2026 9:15 AM
>>> We need 17 of them until 30/11/2026.
""",
    "Your travel plan": """LH 1234  Mon 30NOV  TXL 0705  FRA 0820  seat 14C  booking X7K2PQ  ticket 220-2401234567
Train ICE 598, coach 21, seat 61, 12:34-16:05, order number 845712339012
Hotel: 2 nights, confirmation 71923344, 129.00 EUR a night
Taxi +49 69 230001
""",
    "Server report": """mx1 up 213 days, load 0.42 0.38 0.35
/dev/sda1  102400000  51200000  51200000  50% /
Nov 22 03:11:07 mx1 kernel: [18402113.482910] eth0: link up 1000 Mbps
queue: 12 active, 3 deferred, 104512 delivered, 1843 bounced
sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
uptime 18402113 s, pid 1402, inode 13107201, mtime 1795512345.123456789
""",
    "[PATCH 2/7] net: bound the table": """From 4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b Mon Sep 17 00:00:00 2001
---
 lib/dns/cache.c | 14 +++++++-------
 1 file changed, 7 insertions(+), 7 deletions(-)

diff --git a/lib/dns/cache.c b/lib/dns/cache.c
index 83db48f84ec878fbfb30b46d16630e944e34f205..1234567890123456789012345678901234567890 100644
--- a/lib/dns/cache.c
+++ b/lib/dns/cache.c
@@ -1402,7 +1402,7 @@ static int grow(struct table *t)
-#define TABLE_MAX 4294967295
+#define TABLE_MAX 2147483647
-	static const unsigned primes[] = { 4093082899, 2246822519, 3266489917 };
+	static const unsigned primes[] = { 2654435761, 374761393, 668265263 };
--
2.39.5
""",
    "Wochenbericht KW 47": "Liebe Kolleginnen und Kollegen,\n\nin der Woche vom 16.11. bis 20.11.2026 wurden 1.284 Anrufe "
                           "bearbeitet (Vorwoche 1.310). Rückfragen: Durchwahl -214.\n",
    "Compte rendu de la réunion": "Bonjour,\n\nle chiffre d'affaires atteint 12 345 678,90 € au 31/10/2026, soit +4,2 %. "
                                  "Siret 732 829 320 00074. Tél. 01 23 45 67 89.\n",
    "Informe mensual": "Estimados:\n\nventas de octubre 1.234.567,89 €, pedido n.º 20261122, factura F-2026/00123, "
                       "tel. +34 912 345 678.\n",
    "Verbale dell'assemblea": "Gentili soci,\n\nil bilancio 2025 chiude con 1.234.567,00 €. Fattura n. 123/2026. "
                              "P. IVA IT12345678901. Tel. 06 1234567.\n",
    "Raport tygodniowy": "Dzień dobry,\n\nzamówienie 2026/11/0815, kwota 12 345,67 zł, tel. 22 123 45 67, NIP 123-456-32-18.\n",
    "Relatório": "Prezados,\n\npedido 123456, nota fiscal 000.123.456, valor R$ 12.345,67, tel. (11) 91234-5678.\n",
    "週報": "お疲れ様です。第47週の報告です。売上は1,234,567円、電話は03-1234-5678です。\n",
    "Отчёт": "Добрый день!\n\nСчёт № 12345 от 22.11.2026 на 123 456,78 руб. Тел. +7 495 123-45-67.\n",
    "Password policy": "Dear all,\n\nfrom Monday a password has at least 12 characters. Never send passwords by mail; a token "
                       "for the VPN is at reception.\n",
    "Secret Santa": "Secret Santa 2026: draw your name until Friday. Keep it secret! Budget 20 EUR.\n",
    "Security training": "Top secret? No: the official training about sensitive mail is on 01.12.2026, 14:00, room 2.\n",
    "Holiday list": "Anna 21.12.2026-03.01.2027\nBen 24.12.2026-31.12.2026\nCara 28.12.2026-08.01.2027\n",
    "Library": "Overdue: ISBN 978-3-16-148410-0 (due 02.11.2026), ISSN 0317-8471, shelf 641.5/12\n",
    "Weather and positions": "52.520008, 13.404954 at 10:15; 48.856613, 2.352222 at 12:40; altitude 1234.5678 m\n",
    "Licence count": "Seats 250 of 300 used. Contract 7001234567, agreement 12345678-90, part 269-12345.\n",
    "Network change": "10.20.30.40/24 -> 10.20.31.0/24, fe80::1ff:fe23:4567:890a, 00:1a:2b:3c:4d:5e, VLAN 1204, AS64512\n",
    "Lottery pool": "Numbers of the week: 04 11 17 23 38 49, extra 7. Jackpot 12 million.\n",
    "Match results": "3:1 (1:0), 78 500 spectators, goals 12. 45. 78. 90.+3\n",
    "Serial numbers of the new laptops": "5CG1234ABC, 5CG1235ABD, 5CG1236ABE; asset tags 100234, 100235, 100236; "
                                         "IMEI list follows by courier.\n",
}


def tables(rng):
    rows = "\n".join(f"{y} " + " ".join(f"{rng.randrange(10**3, 10**6):>9}" for _ in range(6)) for y in range(2010, 2027))
    yield "figures by year", text(rng, "Figures", "year   north     south     east      west      sum       plan\n" + rows)
    csv = "id;date;amount;text\n" + "\n".join(
        f"{100000 + i};2026-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02};{rng.randrange(10**6) / 100:.2f};order {rng.randrange(10**7)}"
        for i in range(400))
    yield "an export", with_files(rng, "Export", "Here it is.\n", (csv.encode(), "orders.csv", "text/csv"))
    log = "\n".join(f"2026-11-22T{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}.{rng.randrange(10**6):06}Z INFO "
                    f"req={letters(rng, 8, '0123456789abcdef')}-{rng.randrange(10**4):04} user={rng.randrange(10**5)} "
                    f"ms={rng.randrange(5000)} bytes={rng.randrange(10**8)}" for _ in range(400))
    yield "a log", with_files(rng, "Log", "As you asked.\n", (log.encode(), "app.log", "text/plain"))
    yield "a packed log", with_files(rng, "Log", "As you asked.\n", (gzip.compress(log.encode()), "app.log.gz", "application/gzip"))
    sums = "\n".join(f"{hashlib.sha256(bytes([i])).hexdigest()}  disk-{i}.img" for i in range(60))
    yield "checksums", with_files(rng, "Images", "Sums below.\n", (sums.encode(), "SHA256SUMS", "text/plain"))


def pages(rng):
    links = "".join(
        f"<tr><td class='c{i}' width='{rng.randrange(600)}'><a href='https://click.news.example/t/{digits(rng, 16)}/"
        f"{letters(rng, 22, 'abcdefghijklmnop0123456789')}?utm_id={digits(rng, 12)}'><img src='https://img.news.example/"
        f"{digits(rng, 10)}_{rng.randrange(999)}x{rng.randrange(999)}.png' alt='Picture {i}'></a></td><td>Offer {i}: "
        f"{rng.randrange(10, 999)}.99</td></tr>" for i in range(40))
    html = ("<!DOCTYPE html><html><head><meta charset=utf-8><title>News</title><style>td{color:#112233;padding:4px 8px}"
            "@media (max-width:600px){.c1{width:100%!important}}</style><!--[if mso]><xml><o:PixelsPerInch>96"
            "</o:PixelsPerInch></xml><![endif]--></head><body bgcolor='#ffffff'><!-- campaign 20261122, block 12 -->"
            f"<table>{links}</table><p>Unsubscribe &middot; &copy; 2026</p></body></html>")
    yield "a newsletter", several(rng, "Offers of the week", part("Offers: see the web.\n"),
                                  part(html, "text/html; charset=utf-8"), kind="alternative")
    yield "a newsletter alone", head(rng, "Offers") + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()
    cells = "".join("<tr>" + "".join(f"<td>{rng.randrange(10**rng.randrange(1, 6))}</td>" for _ in range(12)) + "</tr>"
                    for _ in range(40))
    yield "a table in HTML", head(rng, "Table") + b"Content-Type: text/html\r\n\r\n<table>" + cells.encode() + b"</table>"
    outlook = ("<html xmlns:o='urn:schemas-microsoft-com:office:office'><head><style><!-- @font-face {font-family:Calibri; "
               "panose-1:2 15 5 2 2 2 4 3 2 4;} p.MsoNormal {margin:0cm;} --></style></head><body lang=DE><div><p "
               "class=MsoNormal>Hallo Paul,<o:p></o:p></p><p class=MsoNormal><span style='mso-fareast-language:EN-US'>"
               "das passt.<o:p>&nbsp;</o:p></span></p></div></body></html>")
    yield "a letter of Outlook", several(rng, "AW: Termin", part("das passt.\n"), part(outlook, "text/html; charset=utf-8"),
                                         kind="alternative")
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + rng.randbytes(4000)
    yield "pictures in it", several(rng, "Logo", part("<img src='cid:a@b'>", "text/html"),
                                    attached(picture, "image001.png", "image/png"), kind="related")
    yield "a photo", with_files(rng, "Photo", "The team.\n", (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + rng.randbytes(9000), "IMG_20261122_101512.jpg", "image/jpeg"))
    yield "a voice message", with_files(rng, "Voice message", "From 030 1234567, 0:42\n",
                                        (b"RIFF\x24\x80\0\0WAVEfmt \x10\0\0\0" + rng.randbytes(6000), "msg.wav", "audio/wav"))


def programs(rng):
    yield "an invitation", several(rng, "Invitation: Review", part("Review on 3 December.\n"), part(
        "BEGIN:VCALENDAR\nPRODID:-//Our//Calendar 2.1//EN\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:"
        "040000008200E00074C5B7101A82E00800000000F0A1B2C3D4E5D901000000000000000010000000\nDTSTART:20261203T090000Z\n"
        "DTEND:20261203T100000Z\nDTSTAMP:20261122T081500Z\nSUMMARY:Review\nLOCATION:Room 2 / +49 30 1234567 PIN 1234\n"
        "SEQUENCE:0\nEND:VEVENT\nEND:VCALENDAR\n", "text/calendar; method=REQUEST; charset=utf-8"), kind="alternative")
    yield "a card of a person", with_files(rng, "My card", "See below.\n", (
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Berg;Anna\r\nTEL;TYPE=WORK:+49 30 1234567\r\nTEL;TYPE=CELL:+49-171-1234567\r\n"
        b"ADR:;;Hauptstr. 12;Berlin;;10115;Germany\r\nREV:20261122T081500Z\r\nEND:VCARD\r\n", "anna.vcf", "text/vcard"))
    yield "a bounce", several(rng, "Undelivered Mail Returned to Sender", part(
        "I'm sorry to have to inform you that your message could not be delivered. (expanded from <a@b.example>): host "
        "mx.b.example[192.0.2.25] said: 550 5.1.1 User unknown (in reply to RCPT TO command)\n"), part(
        "Reporting-MTA: dns; mail.our.example\nX-Postfix-Queue-ID: 4F2A81C0123\nArrival-Date: Sun, 22 Nov 2026 09:11:07 +0100\n\n"
        "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n", "message/delivery-status"), part(
        "Message-ID: <20261122081107.4F2A81C0123@mail.our.example>\nSubject: Hello\n", "text/rfc822-headers"), kind="report")
    yield "a receipt", several(rng, "Read: Offer", part("Your message was read on 22.11.2026 10:14.\n"), part(
        "Reporting-UA: mail.example; Mail 16.0\nFinal-Recipient: rfc822;a@b.example\nOriginal-Message-ID: "
        "<123456789.987654321@mail.our.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n",
        "message/disposition-notification"), kind="report")
    inner = head(rng, "Re: [list] question") + b"\r\nI have the same, on 6.1.0-13-amd64.\r\n"
    yield "a digest", several(rng, "[list] Digest, Vol 214, Issue 11", *(b"\r\n" + inner for _ in range(5)), kind="digest")
    yield "a forwarded message", several(rng, "Fwd: question", part("See below.\n"),
                                         b"Content-Type: message/rfc822\r\n\r\n" + inner)
    yield "a ticket", text(rng, "[#2026112210000123] Printer", "Ticket 2026112210000123 was opened by 10047.\n"
                           "https://help.our.example/otrs/index.pl?Action=AgentTicketZoom;TicketID=1234567890123456\n", signed=False)
    yield "a build", text(rng, "Build 48213 failed", "commit 9fceb02d0ae598e95dc970b74767f19372d61af8\njob 4812345678, runner 12, 0:04:17\n"
                          "E: 3 of 1402 tests failed; see https://ci.our.example/j/4812345678/l/12345\n", signed=False)
    yield "a backup", text(rng, "Backup OK", "\n".join(f"{digits(rng, 10)} bytes, {digits(rng, 6)} files, {rng.randrange(999)}.{digits(rng, 2)} s, "
                                                       f"tape {letters(rng, 6)}{rng.randrange(10)}L7" for _ in range(20)), signed=False)
    yield "DMARC", with_files(rng, "Report Domain: our.example Report-ID: 12345678901234567890", "Attached.\n", (make.zip_of({
        "a!our.example!1795478400!1795564799.xml": "<?xml version='1.0'?><feedback><report_metadata><report_id>12345678901234567890"
        "</report_id><date_range><begin>1795478400</begin><end>1795564799</end></date_range></report_metadata><record><row>"
        "<source_ip>192.0.2.44</source_ip><count>17</count></row></record></feedback>"}), "a.zip", "application/zip"))
    yield "a signature of S/MIME", several(rng, "Signed", part("Hello.\n"), attached(make.signature(), "smime.p7s",
                                           "application/pkcs7-signature"), kind="signed; protocol=\"application/pkcs7-signature\"")
    yield "a signature of PGP", several(rng, "Signed", part("Hello.\n"), part(
        "-----BEGIN PGP SIGNATURE-----\n\niQIzBAABCAAdFiEE" + base64.b64encode(rng.randbytes(180)).decode()
        + "\n=Ab3d\n-----END PGP SIGNATURE-----\n", "application/pgp-signature; name=signature.asc"), kind="signed")
    yield "a public key", with_files(rng, "My key", "Here.\n", (
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n" + base64.encodebytes(rng.randbytes(600)) + b"=a1b2\n-----END PGP PUBLIC KEY BLOCK-----\n",
        "key.asc", "application/pgp-keys"))
    yield "a certificate", with_files(rng, "CA", "Please install.\n", (
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(rng.randbytes(600)) + b"-----END CERTIFICATE-----\n", "ca.pem", "application/x-pem-file"))


def papers(rng):
    letter = "Dear Mr Moreau, our offer 2026-117 of 22 November 2026 is valid until 31/12/2026. Sum 12,345.67 EUR."
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    yield "a letter", with_files(rng, "Offer", "Attached.\n", (make.docx({
        "word/document.xml": make.word_xml(letter), "docProps/core.xml": "<c xmlns:dc='u'><dc:creator>Anna Berg</dc:creator>"
        "<dc:title>Offer 2026-117</dc:title></c>", "word/media/image1.png": b"\x89PNG\r\n\x1a\n" + rng.randbytes(300)}), "offer.docx", word))
    numbers = "".join(f"<row r='{i}'><c><v>{rng.randrange(10**6) / 100}</v></c><c><v>{rng.randrange(45000, 47000)}</v></c>"
                      f"<c><v>{rng.randrange(10**7)}</v></c></row>" for i in range(300))
    yield "a sheet", with_files(rng, "Plan", "Attached.\n", (make.zip_of({
        "[Content_Types].xml": "<Types/>", "xl/sharedStrings.xml": make.shared_strings("Plan 2027"),
        "xl/worksheets/sheet1.xml": f"<worksheet xmlns='{make.SHEET}'><sheetData>{numbers}</sheetData></worksheet>"}), "plan.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))
    yield "slides", with_files(rng, "Slides", "Attached.\n", (make.zip_of({
        f"ppt/slides/slide{i}.xml": make.slide_xml(f"Quarter {i}: {rng.randrange(1000)} TEUR") for i in range(1, 9)}), "q.pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation"))
    yield "a text of LibreOffice", with_files(rng, "Text", "Attached.\n", (make.odt(letter), "a.odt", "application/vnd.oasis.opendocument.text"))
    yield "a PDF", with_files(rng, "Offer", "Attached.\n", (make.pdf(make.pdf_text(letter.replace("(", ""))), "offer.pdf", "application/pdf"))
    yield "an old letter", with_files(rng, "Offer", "Attached.\n", (make.doc(letter), "offer.doc", "application/msword"))
    yield "an old sheet", with_files(rng, "Plan", "Attached.\n", (make.xls("Plan 2027", 12345.67), "plan.xls", "application/vnd.ms-excel"))
    yield "RTF", with_files(rng, "Note", "Attached.\n", (make.rtf(letter), "note.rtf", "application/rtf"))
    yield "winmail.dat", with_files(rng, "Note", "Attached.\n", (make.winmail("note.txt", letter.encode()), "winmail.dat", "application/ms-tnef"))
    yield "an archive", with_files(rng, "Files", "Attached.\n", (make.zip_of({
        "a/offer.txt": letter, "a/p.jpg": b"\xff\xd8\xff\xe0\0" + rng.randbytes(200), "b/plan.docx": make.docx({})}), "files.zip", "application/zip"))
    yield "a tar", with_files(rng, "Source", "Attached.\n", (gzip.compress(make.tar_of({
        f"src/{i}.c": f"int main(void) {{ return {rng.randrange(10**9)}; }}\n".encode() for i in range(20)})), "src.tar.gz", "application/gzip"))
    yield "a text without a type", with_files(rng, "Notes", "Attached.\n", (letter.encode(), "notes", "application/octet-stream"))
    yield "JSON", with_files(rng, "Data", "Attached.\n", (str({f"k{i}": rng.randrange(10**9) for i in range(50)}).replace("'", '"').encode(), "a.json", "application/json"))
    yield "an empty file", with_files(rng, "Nothing", "Attached.\n", (b"", "empty.txt", "text/plain"))


def charsets(rng):
    for charset, words in (("iso-8859-1", "Grüße aus Köln, 12 Stück à 3,50"), ("windows-1252", "“Smart quotes” – and dashes…"),
                           ("iso-8859-2", "Příliš žluťoučký kůň, 12 kusů"), ("koi8-r", "Добрый день, 12 штук"),
                           ("iso-2022-jp", "お世話になっております。12個です。"), ("gb18030", "您好，共12件。"),
                           ("euc-kr", "안녕하세요, 12개입니다."), ("utf-16", "Hello in two bytes, 12 pieces")):
        yield f"a letter in {charset}", text(rng, encoded_word(words).decode(), words + "\n", charset, signed=False)
    yield "dates of full width", text(rng, "日程", of_width("2026-12-03 10:00") + " 会議\n", signed=False)


def clean(seed=3):
    rng = random.Random(seed)
    for subject, body in PLAIN.items():
        shown = subject if subject.isascii() else encoded_word(subject).decode()
        yield f"letter: {subject}", text(rng, shown, body)
    for give in (tables, pages, programs, papers, charsets):
        for name, message in give(rng):
            yield name, message
