// keys.js, records.js, sha256.js: messages sealed by another program are opened, and none that
// anybody has touched.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { bytesOf, vectors } from "./vectors.js";
import { boundOf, fromHex, join, linkProof, locateProof, normalPhrase, openShare, pickupProof, same, stretch,
	 toHex } from "../../../portal/pages/keys.js";
import { Payload, unseal } from "../../../portal/pages/records.js";
import { Sha256 } from "../../../portal/pages/sha256.js";

const SEALED = 65536 + 16;

async function keysOf(vector) {
	const id = fromHex(vector.id, 16);
	const link = fromHex(vector.half, 16);
	const stretched = vector.phrase ?
		await stretch(normalPhrase(vector.phrase), id, vector.to, vector.rounds) : null;
	const share = { server: fromHex(vector.server, 32), wrappedDek: fromHex(vector.wrapped_dek, 60),
			commitment: fromHex(vector.commitment, 32) };
	return { id, link, stretched, share };
}

async function* pieces(bytes, size) {
	for (let at = 0; at < bytes.length; at += size)
		yield bytes.slice(at, at + size);
}

async function openBlob(vector, blob, size = 10000) {
	const { id, link, stretched, share } = await keysOf(vector);
	const key = await openShare(link, stretched, id, share);
	const payload = new Payload();
	for await (const piece of unseal(pieces(blob, size), key, boundOf(id)))
		payload.add(piece);
	return payload.end();
}

for (const name of ["phrase", "none", "several", "bucket"])
	test(`a message sealed by another program is opened to the byte: ${name}`, async () => {
		const vector = vectors[name];
		const { id, link, stretched } = await keysOf(vector);
		assert.equal(toHex(await linkProof(link, id)), vector.auth1);
		assert.equal(toHex(await pickupProof(link, stretched, id)), vector.auth2);
		assert.equal(toHex(await locateProof(link)), vector.locate);
		for (const size of [1 << 20, 65536, 4097]) {
			const opened = await openBlob(vector, bytesOf(vector.blob), size);
			assert.deepEqual(Buffer.from(await opened.original.arrayBuffer()),
				Buffer.from(vector.message, "base64"));
			assert.equal(toHex(opened.digest), vector.digest);
			assert.equal(toHex(opened.salt), vector.salt);
		}
	});

test("a blob that arrives byte by byte is opened", async () => {
	const opened = await openBlob(vectors.phrase, bytesOf(vectors.phrase.blob), 1);
	assert.equal(toHex(opened.digest), vectors.phrase.digest);
});

test("no blob that was touched is opened", async () => {
	const vector = vectors.several;
	const blob = bytesOf(vector.blob);
	const head = blob.slice(0, 12);
	const record = (n) => blob.slice(12 + n * SEALED, 12 + (n + 1) * SEALED);
	const flipped = (at) => {
		const bad = blob.slice();
		bad[at] ^= 1;
		return bad;
	};
	for (const [name, bad] of [
		["cut by a byte", blob.slice(0, -1)],
		["cut after a record", blob.slice(0, 12 + 2 * SEALED)],
		["without its last record", blob.slice(0, 12 + 4 * SEALED)],
		["reordered", join(head, record(1), record(0), blob.slice(12 + 2 * SEALED))],
		["with a record twice", join(head, record(0), record(0), blob.slice(12 + SEALED))],
		["with a record left out", join(head, record(0), blob.slice(12 + 2 * SEALED))],
		["longer", join(blob, [0])],
		["with another blob behind it", join(blob, blob)],
		["empty", new Uint8Array(0)],
		["a head alone", head],
		["a bit flipped in the first record", flipped(100)],
		["a bit flipped in the last tag", flipped(blob.length - 1)],
		["a bit flipped in the prefix", flipped(5)],
		["another version", flipped(3)],
		["a byte set that must be 0", flipped(11)],
	])
		await assert.rejects(openBlob(vector, bad), name);
});

test("filling that is not empty, and a length beyond the payload, are refused", async () => {
	await assert.rejects(openBlob(vectors.phrase, bytesOf(vectors.phrase.dirty)), /filling/);
	await assert.rejects(openBlob(vectors.phrase, bytesOf(vectors.phrase.too_long)), /not all there/);
});

test("another key that decrypts is refused: the commitment counts", async () => {
	const { id, link, stretched, share } = await keysOf(vectors.phrase);
	share.commitment = fromHex(vectors.phrase.other_commitment, 32);
	await assert.rejects(openShare(link, stretched, id, share), /another key/);
});

test("nothing opens with a wrong half, phrase or deposit", async () => {
	const right = await keysOf(vectors.phrase);
	const flip = (bytes) => bytes.map((byte, i) => i === 0 ? byte ^ 1 : byte);
	const { id, link, stretched, share } = right;
	await assert.rejects(openShare(flip(link), stretched, id, share));
	await assert.rejects(openShare(link, flip(stretched), id, share));
	await assert.rejects(openShare(link, null, id, share));
	await assert.rejects(openShare(link, stretched, flip(id), share));
	await assert.rejects(openShare(link, stretched, id, { ...share, server: flip(share.server) }));
	await assert.rejects(openShare(link, stretched, id, { ...share, wrappedDek: flip(share.wrappedDek) }));
});

test("the key of a message cannot be taken out of the browser", async () => {
	const { id, link, stretched, share } = await keysOf(vectors.phrase);
	const key = await openShare(link, stretched, id, share);
	assert.equal(key.extractable, false);
	assert.deepEqual(key.usages, ["decrypt"]);
});

test("a phrase is read as people type it", () => {
	for (const [typed, normal] of [
		["  Kadim BOTAN\trilos\u00a0fanit \n", "kadim botan rilos fanit"],
		["\uff4bADIM botan", "kadim botan"],
		["", ""],
		["kad\u0001m", null],
		["kad\ue000m", null],
		["a".repeat(201), null],
	])
		assert.equal(normalPhrase(typed), normal);
});

test("a phrase in any letters is read as the gateway reads it", () => {
	const unescape = (s) => s.replace(/\\u([0-9a-f]{4})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
	const table = readFileSync(new URL("../../support/caseless.txt", import.meta.url), "utf8");
	const rows = table.split("\n").filter((line) => line && !line.startsWith("#"));
	assert.ok(rows.length >= 20);
	for (const row of rows) {
		const [typed, normal] = row.split("\t").map(unescape);
		assert.equal(normalPhrase(typed), normal);
	}
});

test("hex that is not what is expected is refused", () => {
	for (const bad of ["", "00", "0g".repeat(16), "AB".repeat(16), undefined, 7, "ab".repeat(17)])
		assert.throws(() => fromHex(bad, 16));
	assert.equal(same(new Uint8Array(2), new Uint8Array(3)), false);
	assert.equal(same(new Uint8Array([1, 2]), new Uint8Array([1, 3])), false);
	assert.equal(same(new Uint8Array([1, 2]), new Uint8Array([1, 2])), true);
});

test("SHA-256 in pieces is what OpenSSL says, whatever the pieces", () => {
	for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1000, 100001]) {
		const data = randomBytes(length);
		const sum = new Sha256();
		for (let at = 0; at < length; at += 37)
			sum.update(data.subarray(at, at + 37));
		assert.equal(toHex(sum.digest()), createHash("sha256").update(data).digest("hex"));
	}
});
