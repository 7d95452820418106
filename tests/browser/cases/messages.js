// Messages as text of bytes (latin1), line ends as they come; Site.deposit() makes them CRLF.
const utf8 = (text) => Buffer.from(text, "utf8").toString("latin1");
const base64 = (bytes) => Buffer.from(bytes).toString("base64").replace(/.{76}/g, "$&\n");

export const PLAIN = `From: Jane <jane@our.test>
To: bob@plain.test
Subject: Quarterly figures
Date: Sun, 22 Nov 2026 08:00:00 +0100
Content-Type: text/plain; charset=utf-8

Hello Bob,
here are the figures: rhubarb ${utf8("und Grüße")}.
`;

export const ARABIC = `From: Jane <jane@our.test>
Subject: =?utf-8?b?${Buffer.from("الأرقام المطلوبة").toString("base64")}?=
Content-Type: text/plain; charset=utf-8

${utf8("مرحبا بوب، هذه هي الأرقام المطلوبة لعام 2026.")}
`;

// A red square of four pixels.
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==";

export const HOSTILE_HTML = `<html><head><base href="https://evil.test/"><title>t</title>
<meta http-equiv="refresh" content="0;url=https://evil.test/refresh">
<style>@import "https://evil.test/i.css"; body { background: url(https://evil.test/s.png) }</style>
<link rel="stylesheet" href="https://evil.test/l.css"><script>top.pwned = 1</script></head>
<body onload="top.pwned = 2" background="https://evil.test/bg.png">
<p id="heading" name="body" style="color: red; position: fixed; background: url(https://evil.test/p.png)">Dear reader</p>
<img src="https://evil.test/tracker.gif" alt="tracker"><img src="cid:square" alt="square">
<img src=x onerror="top.pwned = 3"><svg onload="top.pwned = 4"><script>top.pwned = 5</script></svg>
<iframe src="https://evil.test/frame"></iframe><object data="https://evil.test/o"></object>
<form action="https://evil.test/form"><input name="childNodes" value="x"><button>Log in</button></form>
<a href="https://good.test/page">a good link</a> <a href="javascript:top.pwned=6">a bad link</a>
<a href="data:text/html,<script>top.pwned=7</script>">another</a>
<video src="https://evil.test/v" autoplay></video><div style="display:none">hidden words</div>
</body></html>`;

export const RICH = `From: "=?utf-8?q?J=C3=A4ne_=3Cb=3E?=" <jane@our.test>
To: bob@plain.test
Subject: <img src=x onerror=alert(1)> =?utf-8?b?${Buffer.from("\u202etxt.exe").toString("base64")}?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8

Dear reader, in plain words. <script>top.pwned = 8</script>
--inner
Content-Type: multipart/related; boundary=related

--related
Content-Type: text/html; charset=utf-8

${HOSTILE_HTML}
--related
Content-Type: image/png
Content-ID: <square>
Content-Transfer-Encoding: base64

${PNG}
--related--
--inner--
--outer
Content-Type: text/html; name="page.html"
Content-Disposition: attachment; filename="../../..\\\\up/page.html"
Content-Transfer-Encoding: base64

${base64("<script>alert(1)</script>")}
--outer
Content-Type: application/octet-stream
Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent("invoice\u202efdp.exe")}
Content-Transfer-Encoding: base64

${base64("second")}
--outer--
`;

export function withAttachment(bytes, name = "big.bin") {
	return `From: jane@our.test
Subject: With a large file
Content-Type: multipart/mixed; boundary=edge

--edge
Content-Type: text/plain

See the file.
--edge
Content-Type: application/octet-stream; name="${name}"
Content-Disposition: attachment; filename="${name}"
Content-Transfer-Encoding: base64

${base64(bytes)}
--edge--
`;
}
