"""Markings that people and programs write: how each may look, and what only looks like one.

MARKINGS: markers, each a detector with the value that it must give (None: any). cases() gives a name,
a message, and what must be found: markers with where and part. Nothing else may be."""

import documents as make
from hideouts import HTML, attached, encoded_word, mixed, plain, with_file

SITE = "72f988bf-86f1-41af-91ab-2d7cd011db47"
LABEL = "9fbde396-1a24-4c79-8edf-9254a0f35055"
OTHER = "0d9d9d9d-1111-4222-8333-444455556666"
AU = ["UNOFFICIAL", "OFFICIAL", "OFFICIAL:Sensitive", "PROTECTED", "SECRET", "TOP-SECRET"]
TLP = ["RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR"]
UK = ["OFFICIAL-SENSITIVE", "SECRET", "TOP SECRET"]

MARKINGS = {
    "sensitivity": [None, "personal", "private", "company-confidential"],
    "au-protective-marking": [None, *AU, "CONFIDENTIAL"],
    "sio-label": [None, "UNCLASSIFIED FOUO", "Intern"],
    "msip-label": [None, f"{SITE}/{LABEL}", f"{SITE}/{OTHER}"],
    "office-label": [None, f"{SITE}/{LABEL}", "TitusClassification=Secret"],
    "tlp": [None, *TLP],
    "uk-gsc": [None, *UK],
    "cui": [None, "CUI", "FOUO", "CONTROLLED", "CUI//SP-PRVCY", "CUI//SP-PRVCY/CTI//FED ONLY", "CUI//NOFORN"],
    "sender-wish": [None, "[encrypt]", "[secure]", "[send secure]", "#encrypt#", "#secure#", "zsecure"],
    "require-tls": [None, "yes", "authenticated", "requiretls"],
}


def name_of(detector, value=None):
    return detector if value is None else f"{detector}.{MARKINGS[detector].index(value)}"


def of(detector, value, where, part=""):
    """What is found: the marker of any value, and that of this one."""
    found = {(detector, where, part)}
    if value:
        found.add((name_of(detector, value), where, part))
    return found


def field(line):
    return b"Subject: x\r\n" + line.encode() + b"\r\n\r\nhello\r\n"


def subject(text):
    return b"Subject: " + text.encode() + b"\r\n\r\nhello\r\n"


def sensitivity():
    for text, value in (("Personal", "personal"), ("PRIVATE", "private"), ("private ", "private"),
                        ("Company-Confidential", "company-confidential"),
                        ("\r\n company-confidential", "company-confidential"),
                        ("=?utf-8?Q?Company=2DConfidential?=", "company-confidential")):
        yield f"Sensitivity: {text!r}", field(f"Sensitivity: {text}"), of("sensitivity", value, "header")
    yield "sensitivity, in small letters", field("sensitivity:personal"), of("sensitivity", "personal", "header")
    for text in ("Normal", "none", "", "Personally", "Company Confidential", "0"):
        yield f"no Sensitivity: {text!r}", field(f"Sensitivity: {text}"), set()
    yield "in the body", plain(b"Sensitivity: Private"), set()
    yield "in a field of another name", field("X-Sensitivity: Private"), set()


def australian():
    d = "au-protective-marking"
    front = "VER=2025.1, NS=gov.au"
    for value in AU:
        yield f"SEC={value}", field(f"X-Protective-Marking: {front}, SEC={value}, ORIGIN=a@b.example"), of(
            d, value, "header")
        yield f"[SEC={value}]", subject(f"Minutes [SEC={value}]"), of(d, value, "subject")
    for name, text, value in (
            ("of 2018", "VER=2018.6, NS=gov.au, SEC=PROTECTED, ORIGIN=a@b.example", "PROTECTED"),
            ("of 2024", "VER=2024.1, NS=gov.au, SEC=OFFICIAL, ORIGIN=a@b.example", "OFFICIAL"),
            ("of no version known", "VER=2031.7, NS=gov.au, SEC=SECRET, ORIGIN=a@b.example", "SECRET"),
            ("with all there is", front + ", SEC=SECRET, CAVEAT=C:CODE, CAVEAT=FG:USA caveat, "
             "CAVEAT=RI:REL AUS/GBR, CAVEAT=SH:CABINET, EXPIRES=2030-01-01, DOWNTO=OFFICIAL, "
             "ACCESS=Personal-Privacy, ACCESS=Legal-Privilege, NOTE=a note, ORIGIN=a@b.example", "SECRET"),
            ("with escapes", front + r", SEC=PROTECTED, NOTE=one\, two \\ three, ORIGIN=a@b.example", "PROTECTED"),
            ("folded", "VER=2025.1,\r\n NS=gov.au,\r\n\tSEC=OFFICIAL:Sensitive,\r\n ACCESS=Legislative-Secrecy,"
             "\r\n ORIGIN=a@b.example", "OFFICIAL:Sensitive"),
            ("in small letters", "ver=2025.1, ns=gov.au, sec=protected, origin=a@b.example", "PROTECTED"),
            ("without blanks", "VER=2025.1,NS=gov.au,SEC=SECRET,ORIGIN=a@b.example", "SECRET"),
            ("of an older scheme", "VER=2012.3, NS=gov.au, SEC=CONFIDENTIAL, ORIGIN=a@b.example", "CONFIDENTIAL")):
        yield name, field("X-Protective-Marking: " + text), of(d, value, "header")
    yield "a subject with more", subject(
        "Re: Budget [SEC=PROTECTED, CAVEAT=SH:CABINET, ACCESS=Legal-Privilege]"), of(d, "PROTECTED", "subject")
    yield "a subject in an encoded word", (b"Subject: " + encoded_word("Étude [SEC=SECRET]") + b"\r\n\r\n"), of(
        d, "SECRET", "subject")
    yield "both, which differ", (f"Subject: a [SEC=OFFICIAL]\r\nX-Protective-Marking: {front}, SEC=SECRET, "
                                 "ORIGIN=a@b.example\r\n\r\n").encode(), (
        of(d, "OFFICIAL", "subject") | of(d, "SECRET", "header"))
    for name, text in (("a level that is none", front + ", SEC=TOPMOST, ORIGIN=a@b.example"),
                       ("out of order", f"SEC=PROTECTED, {front}, ORIGIN=a@b.example"),
                       ("twice the same key", front + ", SEC=OFFICIAL, SEC=SECRET, ORIGIN=a@b.example"),
                       ("a caveat of no kind", front + ", SEC=SECRET, CAVEAT=XX:Y, ORIGIN=a@b.example"),
                       ("no level", front + ", ORIGIN=a@b.example"), ("no keys", "PROTECTED"),
                       ("an access that is none", front + ", SEC=SECRET, ACCESS=Anybody, ORIGIN=a@b.example"),
                       ("a key of its own", front + ", SEC=SECRET, MORE=1, ORIGIN=a@b.example"),
                       ("an end without a beginning", front + ", SEC=SECRET, DOWNTO=OFFICIAL, ORIGIN=a@b.example")):
        yield f"broken: {name}", field("X-Protective-Marking: " + text), of(d, None, "header")
    yield "broken: a subject", subject("Minutes [SEC=WHATEVER]"), of(d, None, "subject")
    for text in ("Minutes of SEC=PROTECTED", "[SECRET] plans", "[SECTION=PROTECTED]"):
        yield f"none: {text}", subject(text), {f for f in of("uk-gsc", "SECRET", "subject") if text[0:7] == "[SECRET"}


def labels():
    d = "sio-label"
    yield "SIO, plain", field('SIO-Label: marking="UNCLASSIFIED FOUO"; fgcolor=black; bgcolor=#00FF00; '
                              'type=":ess"; label="MQYGASkCAQGhAwoBATAdoBsGCWCGSAFlAwEB"'), of(
        d, "UNCLASSIFIED FOUO", "header")
    yield "SIO, continued", field('SIO-Label: marking*0="UNCLASSI"; marking*1="FIED FOUO";\r\n fgcolor=red'), of(
        d, "UNCLASSIFIED FOUO", "header")
    yield "SIO, with its charset", field("SIO-Label: marking*=utf-8'de'Intern; type=\":xml\""), of(
        d, "Intern", "header")
    yield "SIO, folded before", field('SIO-Label:\r\n marking=Intern'), of(d, "Intern", "header")
    yield "SIO, without a marking", field('SIO-Label: fgcolor=red'), of(d, None, "header")

    d = "msip-label"
    one = (f"MSIP_Label_{LABEL}_Enabled=true;MSIP_Label_{LABEL}_SiteId={SITE};"
           f"MSIP_Label_{LABEL}_SetDate=2026-01-01T00:00:00Z;MSIP_Label_{LABEL}_Name=Secret;")
    yield "MSIP, one", field("msip_labels: " + one), of(d, f"{SITE}/{LABEL}", "header")
    yield "MSIP, folded", field("msip_labels: " + one.replace(";", ";\r\n ")), of(d, f"{SITE}/{LABEL}", "header")
    yield "MSIP, capitals", field("MSIP_Labels: " + one.replace(LABEL, LABEL.upper()).replace(
        SITE, SITE.upper()).replace("true", "True")), of(d, f"{SITE}/{LABEL}", "header")
    yield "MSIP, two", field("msip_labels: " + one + one.replace(LABEL, OTHER)), (
        of(d, f"{SITE}/{LABEL}", "header") | of(d, f"{SITE}/{OTHER}", "header"))
    yield "MSIP, disabled", field("msip_labels: " + one.replace("true", "false")), set()
    yield "MSIP, its name alone", field("msip_labels: Name=Secret"), of(d, None, "header")

    d = "office-label"
    info = make.docx({"docMetadata/LabelInfo.xml": make.label_info(SITE, LABEL)})
    own = {f"MSIP_Label_{LABEL}_Enabled": "true", f"MSIP_Label_{LABEL}_SiteId": SITE}
    yield "LabelInfo", with_file(info, "a.docx"), of(d, f"{SITE}/{LABEL}", "metadata", "2")
    yield "custom properties", with_file(make.docx({"docProps/custom.xml": make.custom_xml(own)}), "a.docx"), of(
        d, f"{SITE}/{LABEL}", "metadata", "2")
    yield "LabelInfo over what is older", with_file(make.docx({
        "docMetadata/LabelInfo.xml": make.label_info(SITE, LABEL), "docProps/custom.xml": make.custom_xml(
            {k.replace(LABEL, OTHER): v for k, v in own.items()})}), "a.docx"), of(
        d, f"{SITE}/{LABEL}", "metadata", "2")
    yield "TITUS", with_file(make.docx({"docProps/custom.xml": make.custom_xml(
        {"TitusClassification": "Secret"})}), "a.docx"), of(
        d, "TitusClassification=Secret", "metadata", "2/docProps/custom.xml")
    yield "beside what is encrypted", with_file(make.cfb([
        ("EncryptedPackage", b"\0" * 64), ("LabelInfo", make.label_info(SITE, LABEL).encode())]), "a.docx"), of(
        d, f"{SITE}/{LABEL}", "metadata", "2")
    pairs = b"".join(b"/%s(%s)" % (k.encode(), v.encode()) for k, v in own.items())
    yield "PDF", with_file(make.pdf(objects=[b"<</Producer(x)" + pairs + b">>"]), "a.pdf"), of(
        d, f"{SITE}/{LABEL}", "metadata", "2")
    yield "a label that is off", with_file(make.docx({"docMetadata/LabelInfo.xml": make.label_info(
        SITE, LABEL, "0")}), "a.docx"), set()
    yield "properties of no label", with_file(make.docx({"docProps/custom.xml": make.custom_xml(
        {"Project": "Secret"})}), "a.docx"), set()


def traffic_lights():
    d = "tlp"
    for value in TLP:
        yield f"TLP:{value} in a subject", subject(f"TLP:{value} Weekly report"), of(d, value, "subject")
        yield f"TLP:{value} in the first line", plain(f"TLP:{value}\r\n\r\nDear all".encode()), of(d, value, "body", "1")
    for text, value in (("[TLP:AMBER]", "AMBER"), ("TLP: RED", "RED"), ("TLP-RED", "RED"), ("TLP:WHITE", "CLEAR"),
                        ("tlp:green", "GREEN"), ("(TLP:AMBER+STRICT)", "AMBER+STRICT")):
        yield f"{text} as seen", subject(f"{text} Weekly report"), of(d, value, "subject")
    yield "TLP in HTML", plain(b"<html><body><p><b>TLP:RED</b></p><p>Dear all</p>", HTML), of(d, "RED", "body", "1")
    yield "TLP of a quoted message", plain(b"I agree.\r\n\r\nOn Monday a@b.example wrote:\r\n> TLP:AMBER\r\n> x"), of(
        d, "AMBER", "body", "1")
    for text in ("The TLP:RED label is for the eyes of", "TLP:PURPLE", "TLP RED", "HTLP:RED", "TLP:REDDISH"):
        yield f"none: {text}", plain(b"Dear all,\r\n\r\n" + text.encode()), set()


def governments():
    d = "uk-gsc"
    for value in UK:
        yield f"{value} first", plain(f"{value}\r\n\r\nDear all".encode()), of(d, value, "body", "1")
        yield f"{value} in a subject", subject(f"[{value}] plans"), of(d, value, "subject")
    for text, value in (("OFFICIAL - SENSITIVE", "OFFICIAL-SENSITIVE"), ("OFFICIAL SENSITIVE", "OFFICIAL-SENSITIVE"),
                        ("*** SECRET ***", "SECRET"), ("TOP SECRET - UK EYES ONLY", "TOP SECRET"),
                        ("OFFICIAL-SENSITIVE PERSONAL", "OFFICIAL-SENSITIVE"),
                        ("Classification: SECRET", "SECRET")):
        yield f"{text} first", plain(f"{text}\r\n\r\nDear all".encode()), of(d, value, "body", "1")
    for text in ("The secret of good coffee is fresh beans", "SECRET SANTA 2026", "Top secret recipe inside!",
                 "Official Secrets Act training", "our official, sensitive approach"):
        yield f"none: {text}", plain(text.encode()), set()
        yield f"none: {text}, in a subject", subject(text), set()
    d = "cui"
    for text, value in (("CUI", "CUI"), ("CUI//SP-PRVCY", "CUI//SP-PRVCY"), ("CONTROLLED", "CONTROLLED"),
                        ("CUI//SP-PRVCY / CTI//FED ONLY", "CUI//SP-PRVCY/CTI//FED ONLY"), ("CUI//NOFORN", "CUI//NOFORN"),
                        ("U//FOUO", "FOUO"), ("UNCLASSIFIED//FOUO", "FOUO")):
        yield f"{text} first", plain(f"{text}\r\n\r\nDear all".encode()), of(d, value, "body", "1")
        yield f"{text} in a subject", subject(f"[{text}] valves"), of(d, value, "subject")
    yield "a portion", plain(b"Dear all,\r\n\r\n(CUI) The valve leaks."), of(d, "CUI", "body", "1")
    for text in ("The cui of the matter", "Controlled environments need care", "CONTROLLED SUBSTANCES ACT, an overview",
                 "circuit CUI-4 was tested"):
        yield f"none: {text}", plain(b"Dear all,\r\n\r\n" + text.encode()), set()


def wishes():
    d = "sender-wish"
    for text in ("[encrypt]", "[secure]", "[SEND SECURE]", "#encrypt#", "#secure#", "ZSECURE"):
        yield f"{text} first", subject(f"{text} the contract"), of(d, text.lower(), "subject")
        yield f"{text} last", subject(f"the contract {text}"), of(d, text.lower(), "subject")
        yield f"{text} in an encoded word", b"Subject: " + encoded_word("Für Sie " + text) + b"\r\n\r\n", of(
            d, text.lower(), "subject")
    for text in ("secure the doors", "[securely] yours", "encrypt everything", "#encryption#", "zsecured"):
        yield f"no wish: {text}", subject(text), set()
    yield "a wish in the body", plain(b"[secure]"), set()
    d = "require-tls"
    yield "Require-TLS-ESMTP", field("Require-TLS-ESMTP: yes"), of(d, "yes", "header")
    yield "require-tls-esmtp", field("require-tls-esmtp:  YES"), of(d, "yes", "header")
    yield "Postern-Require", field("Postern-Require: requiretls"), of(d, "requiretls", "header")
    yield "Postern-Require, authenticated", field("Postern-Require: authenticated"), of(d, "authenticated", "header")
    yield "TLS-Required, which is another thing", field("TLS-Required: No"), set()


GROUPS = {"sensitivity": sensitivity, "Australian marking": australian, "labels": labels,
          "traffic lights": traffic_lights, "UK and US markings": governments, "wishes": wishes}


def cases():
    for group, give in GROUPS.items():
        for name, message, found in give():
            yield group, name, message, found
