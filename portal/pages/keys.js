/* The keys of a deposit as postern-deposit(5) has them, by WebCrypto. What is secret is kept in
   arrays that wipe() can zero, or in keys that cannot be taken out of the browser. */

const VERSION = 1;
const PHRASE_MAX = 200; /* bytes, as many as the gateway reads */
const text = new TextEncoder();

export const FACTOR_PHRASE = "phrase";
export const FACTOR_CODE = "code";
export const FACTOR_LINK = "link";

export function join(...parts) {
	const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		out.set(part, at);
		at += part.length;
	}
	return out;
}

export function wipe(...arrays) {
	for (const array of arrays)
		array?.fill(0);
}

export function toHex(bytes) {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* Throws where it is not hex of so many bytes. */
export function fromHex(hex, bytes) {
	if (typeof hex !== "string" || hex.length !== 2 * bytes || !/^[0-9a-f]*$/.test(hex))
		throw new Error("not a number of that length");
	return Uint8Array.from({ length: bytes }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/* Looks at every byte, whatever it finds. */
export function same(a, b) {
	let differ = a.length ^ b.length;
	for (let i = 0; i < a.length; i++)
		differ |= a[i] ^ b[i % b.length];
	return differ === 0;
}

export function boundOf(id) {
	return join(id, [VERSION]);
}

async function hkdf(secret, label, context) {
	const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
	const info = join(text.encode(label), context);
	const bits = await crypto.subtle.deriveBits(
		{ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info }, key, 256);
	return new Uint8Array(bits);
}

/* The form of a phrase from which keys are made, as lib/mime/caseless.h has it, step by step; each
 * character is put into lower case by itself, since a whole word's last sigma differs. Null
 * where a character is left that no phrase has. */
export function normalPhrase(typed) {
	const plain = typed.replace(/\p{Cf}/gu, "").normalize("NFKC")
		.replace(/./gsu, (c) => c.toLowerCase()).replace(/\u00df/g, "ss").replace(/\u03c2/g, "\u03c3")
		.normalize("NFKC").replace(/\s+/gu, " ").trim();
	return /[\p{Cc}\p{Cn}\p{Co}\p{Cs}]/u.test(plain) || text.encode(plain).length > PHRASE_MAX ? null : plain;
}

/* P': takes a moment on purpose. */
export async function stretch(phrase, id, address, rounds) {
	const secret = text.encode(phrase);
	const key = await crypto.subtle.importKey("raw", secret, "PBKDF2", false, ["deriveBits"]);
	wipe(secret);
	const salt = join(id, text.encode(address));
	const bits = await crypto.subtle.deriveBits(
		{ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, key, 256);
	return new Uint8Array(bits);
}

export function locateProof(link) {
	return hkdf(link, "locate", [VERSION]);
}

export function linkProof(link, id) {
	return hkdf(link, "link", boundOf(id));
}

/* stretched: P', or null for a factor without a phrase. */
async function derive(label, link, server, stretched, id) {
	const secret = join(link, server, stretched ?? new Uint8Array(32));
	try {
		return await hkdf(secret, stretched ? label : label + "-none", boundOf(id));
	} finally {
		wipe(secret);
	}
}

export function pickupProof(link, stretched, id) {
	return derive("pickup", link, [], stretched, id);
}

function gcm(key, usage) {
	return crypto.subtle.importKey("raw", key, "AES-GCM", false, [usage]);
}

/* The message's key, for opening only: share is { server, wrappedDek, commitment }. GCM can be
   opened under more keys than one, so the commitment is compared before the key is given.
   Throws where anything does not fit. */
export async function openShare(link, stretched, id, share) {
	const bound = boundOf(id);
	const kek = await derive("kek", link, share.server, stretched, id);
	let dek = null;
	try {
		const sealed = share.wrappedDek;
		const opened = await crypto.subtle.decrypt(
			{ name: "AES-GCM", iv: sealed.subarray(0, 12), additionalData: bound },
			await gcm(kek, "decrypt"), sealed.subarray(12));
		dek = new Uint8Array(opened);
		if (!same(await hkdf(dek, "commitment", bound), share.commitment))
			throw new Error("another key");
		return await gcm(dek, "decrypt");
	} finally {
		wipe(kek, dek);
	}
}
