// code.js: codes read as people type and mail programs mangle them.
import assert from "node:assert/strict";
import test from "node:test";
import { vectors } from "./vectors.js";
import { codeInLink, printCode, readCode } from "../../../portal/pages/code.js";
import { toHex } from "../../../portal/pages/keys.js";

const CODE = "008J4CT4ANK7F24SNAXWSQFEZW81";
const HALF = "00112233445566778899aabbccddeeff";
const ID = "0123456789abcdef0123456789abcdef";

test("codes made by another program are read", () => {
	for (const [half, code] of Object.entries(vectors.codes)) {
		const read = readCode(code);
		assert.equal(read.state, "good");
		assert.equal(toHex(read.bytes), half);
	}
	assert.equal(vectors.codes[HALF], CODE);
});

test("a code is read however it is typed", () => {
	for (const [name, typed] of [
		["with hyphens", "008J-4CT4-ANK7-F24S-NAXW-SQFE-ZW81"],
		["small", CODE.toLowerCase()],
		["with O for 0, I and l for 1", CODE.replaceAll("0", "O").replaceAll("1", "l")],
		["with blanks and a line end", " 008J 4CT4\u00a0ANK7 F24S NAXW SQFE ZW81\n"],
		["with long hyphens", "008J\u20134CT4\u2011ANK7\u2014F24S\u2212NAXW-SQFE-ZW81"],
		["with marks that cannot be seen", "\u200e008J4CT4ANK7\u200bF24SNAXWSQFEZW81\ufeff"],
	]) {
		const read = readCode(typed);
		assert.equal(read.state, "good", name);
		assert.equal(toHex(read.bytes), HALF, name);
	}
});

test("what is wrong with a code is told", () => {
	assert.equal(readCode("").state, "empty");
	assert.deepEqual(readCode("008J-4C"), { state: "short", have: 6 });
	assert.equal(readCode(CODE + "0").state, "long");
	assert.deepEqual(readCode("008J-4CU4"), { state: "char", char: "U", group: 2, have: 6 });
	assert.deepEqual(readCode("008J?"), { state: "char", char: "?", group: 2, have: 4 });
	assert.equal(readCode("008\u212a").state, "char", "a Kelvin sign is no K");
});

test("each wrong character is found, and its group where only one fits", () => {
	let named = 0;
	for (let at = 0; at < CODE.length; at++) {
		const wrong = CODE.slice(0, at) + (CODE[at] === "Z" ? "Y" : "Z") + CODE.slice(at + 1);
		const read = readCode(wrong);
		assert.equal(read.state, "wrong");
		if (read.group !== 0) {
			assert.equal(read.group, Math.floor(at / 4) + 1);
			assert.equal(read.text, wrong.slice(4 * (read.group - 1), 4 * read.group));
			named++;
		}
	}
	assert.ok(named > 14, `${named} of 28 named`);
});

test("two neighbours that changed places are found", () => {
	for (let at = 0; at + 1 < CODE.length; at++) {
		if (CODE[at] === CODE[at + 1])
			continue;
		const swapped = CODE.slice(0, at) + CODE[at + 1] + CODE[at] + CODE.slice(at + 2);
		assert.equal(readCode(swapped).state, "wrong");
	}
});

test("the code is found in whatever became of the link", () => {
	for (const [name, text] of [
		["a fragment", "#" + CODE],
		["an escaped fragment", "%23" + CODE],
		["escaped twice", "%2523" + CODE],
		["a path", "/" + CODE],
		["a path and an escaped fragment", "/%23" + CODE],
		["with a full stop", "#" + CODE + "."],
		["with a bracket", "#" + CODE + ">,"],
		["with what a rewriter adds", "#" + CODE + "&data=05%7C01%7Cb%40plain.test&reserved=0"],
		["in a query", "?url=x#" + CODE],
		["with hyphens", "#008J-4CT4-ANK7-F24S-NAXW-SQFE-ZW81"],
		["a whole link", `https://secure.our.test/m/${ID}#${CODE}`],
		["a rewritten link", "https://links.test/?url=https%3A%2F%2Fsecure.our.test%2Fm%2F" + ID +
			"%23" + CODE + "&data=05"],
		["a typed code", "008J-4CT4-ANK7-F24S-NAXW-SQFE-ZW81"],
	])
		assert.equal(readCode(codeInLink(text)).state, "good", name);
});

test("a broken code in a link is shown to be mended, and nothing else of the link", () => {
	assert.equal(codeInLink("#008J4CT4ANK7F24SNAXWSQFEZW8"), "008J4CT4ANK7F24SNAXWSQFEZW8");
	assert.equal(codeInLink(`https://secure.our.test/m/${ID}#008J4CT4`), "008J4CT4");
	assert.equal(codeInLink("%"), "%");
	assert.equal(printCode("008j 4ct4ank"), "008J-4CT4-ANK");
	assert.equal(printCode(""), "");
});
