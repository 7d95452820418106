// mime.js and header.js: messages as mailers write them, and as somebody hostile does.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { decodeWords, fieldOf, readFields, readParams, safeName } from "../../../portal/pages/header.js";
import { TEXT_MAX, contentOf, readMessage, sortParts, textOf, unflow } from "../../../portal/pages/mime.js";

const bytes = (text) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const lines = (...list) => list.join("\r\n");
const blobOf = (text) => new Blob([bytes(text)]);

async function leaves(blob) {
	const out = [];
	const root = await readMessage(blob);
	await (async function visit(part) {
		for (const child of part.parts)
			await visit(child);
		if (part.parts.length === 0)
			out.push({ type: part.type, name: part.name,
				   text: (await textOf(blob, part)).text });
	})(root);
	return { root, out };
}

test("a plain message is its text", async () => {
	const { root, out } = await leaves(blobOf("Subject: x\r\n\r\none\r\ntwo\r\n"));
	assert.deepEqual(out, [{ type: "text/plain", name: "", text: "one\ntwo\n" }]);
	assert.equal(fieldOf(root.fields, "subject"), "x");
});

test("messages without a body, a header or an end are read as far as they go", async () => {
	for (const [text, want] of [["", ""], ["Subject: x", ""], ["Subject: x\r\n", ""], ["\r\nbody", "body"],
		["\nbody", "body"], ["Subject: x\r\n\r\n", ""], ["no field at all\r\n\r\nbody", "body"]]) {
		const { out } = await leaves(blobOf(text));
		assert.deepEqual(out, [{ type: "text/plain", name: "", text: want }], JSON.stringify(text));
	}
});

const NESTED = lines("Content-Type: multipart/mixed; boundary=\"out side\"", "", "preamble",
	"--out side", "Content-Type: multipart/alternative;", " boundary=in", "",
	"--in", "", "plain", "--in", "Content-Type: text/html; charset=utf-8", "", "<p>rich", "--in--", "epilogue",
	"--out side", "Content-Type: application/pdf; name=a.pdf", "Content-Disposition: attachment;",
	" filename*0*=utf-8''%e2%82%ac; filename*1=\" b.pdf\"", "Content-Transfer-Encoding: base64", "",
	"aGFs", "bG8=", "--out side--", "epilogue", "--out side", "", "not a part");

test("nested parts are found, and nothing before, between or behind them", async () => {
	const { root, out } = await leaves(blobOf(NESTED));
	assert.deepEqual(out, [
		{ type: "text/plain", name: "", text: "plain" },
		{ type: "text/html", name: "", text: "<p>rich" },
		{ type: "application/pdf", name: "\u20ac b.pdf", text: "hallo" },
	]);
	const found = sortParts(root);
	assert.deepEqual([found.texts.length, found.pages.length, found.files.length], [1, 1, 1]);
	assert.equal(found.odd, false);
});

test("an outer boundary ends inner parts that were never closed", async () => {
	const { out } = await leaves(blobOf(lines("Content-Type: multipart/mixed; boundary=a", "", "--a",
		"Content-Type: multipart/mixed; boundary=b", "", "--b", "", "inner", "--a", "", "outer", "--a--")));
	assert.deepEqual(out.map((part) => part.text), ["inner", "outer"]);
});

test("a boundary is no boundary within a line or with more behind it", async () => {
	const { out } = await leaves(blobOf(lines("Content-Type: multipart/mixed; boundary=a", "", "--a", "",
		" --a", "--ab", "--a-", "--a--x", "--a  ", "", "second", "--a-- ")));
	assert.deepEqual(out.map((part) => part.text), [" --a\n--ab\n--a-\n--a--x", "second"]);
});

test("parts, depth and headers have bounds, and what is past them is said to be odd", async () => {
	let deep = "";
	for (let i = 0; i < 60; i++)
		deep += lines(`Content-Type: multipart/mixed; boundary=b${i}`, "", `--b${i}`, "");
	const many = "Content-Type: multipart/mixed; boundary=a\r\n\r\n" + "--a\r\n\r\nx\r\n".repeat(3000);
	const long = "Subject: " + "x".repeat(1 << 20) + "\r\n\r\nbody";
	for (const text of [deep, many, long])
		assert.equal(sortParts(await readMessage(blobOf(text))).odd, true);
	assert.ok((await readMessage(blobOf(many))).parts.length <= 500);
	const fields = (await readMessage(blobOf("X: y\r\n".repeat(100000) + "\r\nbody"))).fields;
	assert.ok(fields.length < 100000);
	assert.equal((await readMessage(blobOf("Content-Type: multipart/mixed\r\n\r\nbody"))).odd, true);
});

test("a line without an end is read at a stretch", async () => {
	const blob = blobOf("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n" + "-".repeat(3 << 20) +
		"\r\n--a\r\n\r\nsecond\r\n--a--");
	const { out } = await leaves(blob);
	assert.equal(out[1].text, "second");
	assert.equal(out[0].text.length, TEXT_MAX);
});

test("base64 is decoded to the byte, whatever stands between", async () => {
	const data = randomBytes(3 << 20);
	const text = data.toString("base64").replace(/.{76}/g, "$&\r\n");
	const blob = blobOf(`Content-Type: x/y\r\nContent-Transfer-Encoding: BASE64\r\n\r\n${text}`);
	const content = await contentOf(blob, await readMessage(blob));
	assert.deepEqual(Buffer.from(await content.arrayBuffer()), data);
	for (const [encoded, want] of [["aGF!s*bG8=", "hallo"], ["aGFsbG8", "hallo"], ["aGFsbG8=aGFs", "hallo"],
		["=", ""], ["a", ""], ["", ""]]) {
		const small = blobOf(`Content-Transfer-Encoding: base64\r\n\r\n${encoded}`);
		assert.equal((await textOf(small, await readMessage(small))).text, want);
	}
});

test("quoted-printable is decoded, with its faults left as they are", async () => {
	for (const [encoded, want] of [["a=C3=A4b", "a\u00e4b"], ["a=\r\nb", "ab"], ["a= \t\r\nb", "ab"],
		["a=zz", "a=zz"], ["a=4", "a=4"], ["a=", "a"], ["=3D=", "="], ["a=c3=a4", "a\u00e4"], ["a \r\nb", "a \nb"]]) {
		const blob = blobOf(`Content-Transfer-Encoding: quoted-printable\r\n\r\n${encoded}`);
		assert.equal((await textOf(blob, await readMessage(blob))).text, want, encoded);
	}
	const long = "=41".repeat(1 << 20);
	const blob = blobOf(`Content-Transfer-Encoding: quoted-printable\r\n\r\n${long}`);
	assert.equal((await textOf(blob, await readMessage(blob))).text, "A".repeat(1 << 20));
});

test("texts are read in their charset", async () => {
	for (const [charset, raw, want] of [["iso-8859-1", "\xe4", "\u00e4"], ["UTF-8", "\xc3\xa4", "\u00e4"],
		["windows-1256", "\xc7", "\u0627"], ["utf-8", "\xe4", "\u00e4"], ["nonsense", "\xc3\xa4", "\u00e4"],
		["us-ascii", "\xe4", "\u00e4"], ["utf-16le", "a\0", "a"], ["shift_jis", "\x82\xa0", "\u3042"]]) {
		const blob = blobOf(`Content-Type: text/plain; charset="${charset}"\r\n\r\n${raw}`);
		assert.equal((await textOf(blob, await readMessage(blob))).text, want, charset);
	}
});

test("a long text is cut, at a character", async () => {
	const blob = new Blob(["\r\n", "\u20ac".repeat(1 << 20)]);
	const { text, cut } = await textOf(blob, await readMessage(blob));
	assert.equal(cut, true);
	assert.match(text, /^\u20ac+$/u);
});

test("flowing text flows (RFC 3676)", () => {
	assert.equal(unflow("one \ntwo\nthree", false), "one two\nthree");
	assert.equal(unflow("one \ntwo", true), "onetwo");
	assert.equal(unflow("> one \n> two\nthree", false), "> one two\nthree");
	assert.equal(unflow("> one \n>> two", false), "> one \n>> two");
	assert.equal(unflow(" >not quoted\n-- \nme", false), ">not quoted\n-- \nme");
});

test("header fields are unfolded, and what is none is passed over", () => {
	const fields = readFields(bytes("A: b\r\n c\r\nnothing\r\n: x\r\nB\u00e4: y\r\nC : d\nA: second"));
	assert.deepEqual(fields.map(({ name, value }) => [name, value.trim()]),
		[["a", "b c"], ["c", "d"], ["a", "second"]]);
	assert.equal(fieldOf(fields, "a"), "b c");
	assert.equal(fieldOf(fields, "__proto__"), "");
});

test("encoded words are decoded, also where a character was cut in two", () => {
	for (const [value, want] of [
		["=?utf-8?Q?gr=C3=BC=C3=9Fe?= x", "gr\u00fc\u00dfe x"],
		["=?utf-8?B?w6Q=?= =?utf-8?B?w7Y=?=", "\u00e4\u00f6"],
		["=?utf-8?Q?=E2=82?=\r\n =?utf-8?Q?=AC?=", "\u20ac"],
		["a =?iso-8859-1?q?=E4_b?= c", "a \u00e4 b c"],
		["=?utf-8*de?q?x?=", "x"],
		["=?x-none?q?=E4?=", "\u00e4"],
		["=?utf-8?b?!!?=", ""],
		["=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"],
		["=?utf-8?q?=E2=80=AEgpj.exe?=", "gpj.exe"],
		["=?utf-8?q?with blanks =C3=A4?=", "with blanks \u00e4"],
		["=?not closed", "=?not closed"],
	])
		assert.equal(decodeWords(value), want, value);
});

test("parameters are read, in each of the ways in which they are written", () => {
	for (const [text, name, want] of [
		["a/b; x=1", "x", "1"],
		["a/b;x=\"a;b\\\"c\"", "x", "a;b\"c"],
		["a/b; X = y ", "x", "y"],
		["a/b; x*=utf-8'de'%C3%A4", "x", "\u00e4"],
		["a/b; x*0=a; x*1=b; x*2=c", "x", "abc"],
		["a/b; x*1=b; x*0=a", "x", "ab"],
		["a/b; x=plain; x*=utf-8''better", "x", "better"],
		["a/b; x*0*=utf-8''%C3; x*1*=%A4", "x", "\u00e4"],
		["a/b; x==?utf-8?q?=C3=A4?=", "x", "\u00e4"],
		["a/b; x=first; x=second", "x", "first"],
		["a/b; y=1", "x", undefined],
		["a/b", "x", undefined],
	]) {
		const read = readParams(text);
		assert.equal(read.value, "a/b");
		assert.equal(read.params[name], want, text);
	}
	assert.equal(readParams("a/b; __proto__=x; constructor=y").params.toString, undefined);
});

test("a file's name leads nowhere and hides nothing", () => {
	for (const [name, want] of [
		["report.pdf", "report.pdf"],
		["../../etc/passwd", "passwd"],
		["..\\..\\boot.ini", "boot.ini"],
		["/absolute", "absolute"],
		["C:\\x.txt", "x.txt"],
		["..", "-"], [".", "-"], ["", "-"], ["///", "-"],
		[".bashrc", "bashrc"],
		["a\u202egpj.exe", "a gpj.exe"],
		["a\r\nSet-Cookie: x.txt", "a Set-Cookie_ x.txt"],
		["a\0.txt", "a .txt"],
		["a<b>|?*\".txt", "a_b_____.txt"],
		["CON.txt", "_CON.txt"],
		["trailing. . ", "trailing"],
		["gr\u0075\u0308n.txt", "gr\u00fcn.txt"],
	])
		assert.equal(safeName(name, "-"), want, JSON.stringify(name));
	const long = safeName("x".repeat(500) + ".pdf", "-");
	assert.equal(long.length, 120);
	assert.ok(long.endsWith(".pdf"));
});
