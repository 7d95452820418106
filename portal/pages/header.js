/* Header fields of a message, which are a stranger's text: decoded for reading, never for
   believing. Pure functions on bytes. */

const utf8 = new TextDecoder("utf-8", { fatal: true });

/* Bytes as text: UTF-8 where they are, else the charset named, else what mail of old used. */
export function decodeBytes(bytes, charset) {
	const name = charset?.toLowerCase().replace(/\*.*$/, "");
	if (name && name !== "us-ascii" && name !== "utf-8") {
		try {
			return new TextDecoder(name).decode(bytes);
		} catch {
			/* Nobody knows that charset: go on as without a name. */
		}
	}
	try {
		return utf8.decode(bytes);
	} catch {
		return new TextDecoder("windows-1252").decode(bytes);
	}
}

/* Without what could turn the line around or pass for its end. */
export function tame(text) {
	return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/gu, " ")
		.replace(/ {2,}/g, " ").trim();
}

/* The fields of a header block, unfolded: [{ name (lower case), value }]. */
export function readFields(bytes) {
	const fields = [];
	for (const line of decodeBytes(bytes).split(/\r\n|\n|\r/)) {
		if (/^[ \t]/.test(line)) {
			if (fields.length > 0)
				fields[fields.length - 1].value += line;
			continue;
		}
		const colon = line.indexOf(":");
		const name = line.slice(0, colon).trimEnd();
		if (colon > 0 && /^[\x21-\x7e]+$/.test(name))
			fields.push({ name: name.toLowerCase(), value: line.slice(colon + 1) });
	}
	return fields;
}

export function fieldOf(fields, name) {
	return fields.find((field) => field.name === name)?.value.trim() ?? "";
}

function latin(text) {
	return Uint8Array.from(text, (char) => char.charCodeAt(0) & 255);
}

export function fromBase64(text) {
	try {
		return latin(atob(text.replace(/[^A-Za-z0-9+/]/g, "")));
	} catch {
		return new Uint8Array(0);
	}
}

function fromQ(text) {
	return latin(text.replace(/_/g, " ")
		.replace(/=([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))));
}

/* Encoded words (RFC 2047): neighbours of one charset are one text, since some cut a
   character in two; blanks between them do not count. */
export function decodeWords(value) {
	const word = /=\?([^?\s]{1,40})\?([BbQq])\?([^?]*)\?=/g;   /* some write blanks where none may be */
	let out = "";
	let end = 0;
	let held = null;
	const flush = () => {
		if (held)
			out += decodeBytes(Uint8Array.from(held.bytes), held.charset);
		held = null;
	};
	for (const found of value.matchAll(word)) {
		const between = value.slice(end, found.index);
		const charset = found[1].toLowerCase();
		if (!held || held.charset !== charset || /\S/.test(between))
			flush();
		if (end === 0 || /\S/.test(between))
			out += between;
		held ??= { charset, bytes: [] };
		const bytes = found[2].toLowerCase() === "b" ? fromBase64(found[3]) : fromQ(found[3]);
		held.bytes = held.bytes.concat(Array.from(bytes));
		end = found.index + found[0].length;
	}
	flush();
	return tame(out + value.slice(end));
}

/* A value with parameters: { value, params }. Continued and encoded ones (RFC 2231) are put
   together. */
export function readParams(text) {
	const value = /^[^;]*/.exec(text)[0].trim().toLowerCase();
	const pieces = new Map();
	const pattern = /;\s*([^\s=;*]+)(?:\*(\d{1,3}))?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/gs;
	for (const [, name, place, encoded, quoted, bare] of text.slice(value.length).matchAll(pattern)) {
		const key = name.toLowerCase();
		if (!pieces.has(key))
			pieces.set(key, []);
		pieces.get(key).push({ place: Number(place ?? 0), encoded: Boolean(encoded), whole: place === undefined,
				       text: quoted !== undefined ? quoted.replace(/\\(.)/gs, "$1") : bare.trim() });
	}
	const params = Object.create(null);
	for (const [key, list] of pieces)
		params[key] = joinPieces(list);
	return { value, params };
}

function joinPieces(list) {
	list.sort((a, b) => a.place - b.place);
	if (!list.some((piece) => piece.encoded))
		return decodeWords(list.filter((piece) => piece.whole === list[0].whole)
			.slice(0, list[0].whole ? 1 : undefined).map((piece) => piece.text).join(""));
	const chosen = list.filter((piece) => piece.encoded || !piece.whole);
	let charset = "utf-8";
	const bytes = chosen.flatMap((piece, i) => {
		let rest = piece.text;
		if (i === 0 && piece.encoded) {
			const head = /^([^']*)'[^']*'/.exec(rest);
			charset = head?.[1] || charset;
			rest = rest.slice(head?.[0].length ?? 0);
		}
		return Array.from(piece.encoded ?
			latin(rest.replace(/%([0-9A-Fa-f]{2})/g,
				(_, hex) => String.fromCharCode(parseInt(hex, 16)))) :
			new TextEncoder().encode(rest));
	});
	return tame(decodeBytes(Uint8Array.from(bytes), charset));
}

const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const NAME_MAX = 120;

/* A name under which a file may be saved anywhere: no folder, nothing hidden, nothing that
   turns the ending around. otherwise: for one of which nothing is left. */
export function safeName(name, otherwise) {
	let plain = tame(name.normalize("NFC")).split(/[\\/]/).pop()
		.replace(/[<>:"|?*\u200b-\u200d\u2060\ufeff]/gu, "_").replace(/^[.\s]+|[.\s]+$/g, "");
	if (RESERVED.test(plain))
		plain = "_" + plain;
	const chars = [...plain];
	if (chars.length > NAME_MAX) {
		const ending = /\.[A-Za-z0-9]{1,10}$/.exec(plain)?.[0] ?? "";
		plain = chars.slice(0, NAME_MAX - ending.length).join("") + ending;
	}
	return plain || otherwise;
}
