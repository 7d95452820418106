/* The parts of a message, found without holding it: the Blob is read once in slices, and a part
   is a range in it until somebody wants it. A stranger wrote the message, so depth, count
   and header sizes are bounded, and what is past a bound is left to the original file. */

import { decodeBytes, fieldOf, readFields, readParams } from "./header.js";
import { join } from "./keys.js";

const SLICE = 1 << 20;
const DEPTH_MAX = 20;
const PARTS_MAX = 500;
const HEADER_MAX = 256 << 10;   /* bytes of one part's header that are looked at */
const LINE_MAX = 4096;          /* bytes of a line of a body that are looked at: boundaries have 70 */
export const TEXT_MAX = 2 << 20;   /* bytes of a text that are shown */

const CR = 13, LF = 10, DASH = 45;

/* Calls line(bytes, start, end, next) for each line: the line without its line end, cut where it
   is very long, and where in the Blob it starts and ends and the next one starts. */
async function eachLine(blob, line) {
	let kept = new Uint8Array(0);   /* the beginning of a line whose end has not come */
	let start = 0;
	let before = 0;                 /* the byte before this slice */
	for (let from = 0; from < blob.size; from += SLICE) {
		const bytes = new Uint8Array(await blob.slice(from, from + SLICE).arrayBuffer());
		let at = 0;
		for (let end; (end = bytes.indexOf(LF, at)) >= 0; at = end + 1) {
			const tail = (end > 0 ? bytes[end - 1] : before) === CR && from + end > start ? 1 : 0;
			const whole = kept.length > 0 ? append(kept, bytes.subarray(at, end)) : bytes.subarray(at, end);
			const size = Math.min(whole.length, from + end - tail - start);
			line(whole.subarray(0, size), start, from + end - tail, from + end + 1);
			start = from + end + 1;
			kept = new Uint8Array(0);
		}
		kept = append(kept, bytes.subarray(at));
		before = bytes[bytes.length - 1];
	}
	if (start < blob.size)
		line(kept, start, blob.size, blob.size);
}

function append(kept, more) {
	const room = Math.max(0, HEADER_MAX - kept.length);
	const out = new Uint8Array(kept.length + Math.min(more.length, room));
	out.set(kept);
	out.set(more.subarray(0, room), kept.length);
	return out;
}

function newPart() {
	return { fields: [], type: "text/plain", params: {}, disposition: "", name: "", id: "",
		 encoding: "", start: 0, end: 0, parts: [], odd: false };
}

class Reader {
	constructor() {
		this.root = newPart();
		this.part = this.root;      /* whose header or body is being read; null between parts */
		this.open = [];             /* multiparts around it: { part, delimiter } */
		this.header = [];
		this.headerBytes = 0;
		this.inHeader = true;
		this.count = 1;
		this.lastEnd = 0;           /* where the line before ended, without its line end */
	}

	line(bytes, start, end, next) {
		const level = this.delimiter(bytes);
		if (level) {
			this.between(level, start);
		} else if (this.inHeader) {
			if (bytes.length === 0)
				this.endHeader(next);
			else if ((this.headerBytes += bytes.length + 1) <= HEADER_MAX)
				this.header.push(bytes.slice(), [LF]);
			else
				this.part.odd = true;
		}
		this.lastEnd = end;
	}

	/* Which of the open multiparts the line ends a part of: { at, closing }. */
	delimiter(bytes) {
		if (bytes.length < 3 || bytes.length > LINE_MAX || bytes[0] !== DASH || bytes[1] !== DASH)
			return null;
		const text = String.fromCharCode(...bytes.subarray(2, 256)).trimEnd();
		for (let at = this.open.length - 1; at >= 0; at--) {
			const { boundary } = this.open[at];
			if (text === boundary || text === boundary + "--")
				return { at, closing: text !== boundary };
		}
		return null;
	}

	between({ at, closing }, start) {
		if (this.inHeader)
			this.endHeader(start);
		this.close(Math.max(this.lastEnd, this.part?.start ?? 0));
		for (const { part } of this.open.splice(at + 1))
			part.end = this.lastEnd;
		this.part = null;
		if (closing) {
			this.open.pop().part.end = start;
			return;
		}
		if (this.count >= PARTS_MAX) {
			this.root.odd = true;
			return;
		}
		this.count++;
		this.part = newPart();
		this.open[at].part.parts.push(this.part);
		this.header = [];
		this.headerBytes = 0;
		this.inHeader = true;
	}

	close(end) {
		if (this.part && this.part.end === 0)
			this.part.end = Math.max(end, this.part.start);
	}

	endHeader(next) {
		const part = this.part;
		this.inHeader = false;
		part.start = next;
		part.fields = readFields(join(...this.header));
		describe(part);
		if (!part.type.startsWith("multipart/"))
			return;
		const boundary = part.params.boundary;
		if (!boundary || this.open.length >= DEPTH_MAX) {
			part.odd = true;
			part.type = "application/octet-stream";
			return;
		}
		this.open.push({ part, boundary: boundary.trimEnd() });
		this.part = null;
	}

	end(size) {
		if (this.inHeader)
			this.endHeader(size);
		this.close(size);
		for (const { part } of this.open)
			part.end = size;
		return this.root;
	}
}

function describe(part) {
	const type = readParams(fieldOf(part.fields, "content-type"));
	const disposition = readParams(fieldOf(part.fields, "content-disposition"));
	part.type = /^[\w.+-]+\/[\w.+-]+$/.test(type.value) ? type.value : "text/plain";
	part.params = type.params;
	part.disposition = disposition.value;
	part.name = disposition.params.filename || type.params.name || "";
	part.id = fieldOf(part.fields, "content-id").replace(/^<|>$/g, "");
	part.encoding = fieldOf(part.fields, "content-transfer-encoding").toLowerCase();
}

/* The tree of a message's parts. Each: fields, type, params, disposition, name, id, encoding,
   start and end in the Blob, parts, and odd where a bound or a fault cut it short. */
export async function readMessage(blob) {
	const reader = new Reader();
	await eachLine(blob, (...line) => reader.line(...line));
	return reader.end(blob.size);
}

const BASE64 = new Uint8Array(256).fill(255);
[..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"]
	.forEach((char, value) => BASE64[char.charCodeAt(0)] = value);

/* Decoders take bytes in pieces: add() gives what is decoded so far, end() the rest. */
class Base64 {
	#bits = 0;
	#have = 0;
	#over = false;

	add(bytes) {
		const out = new Uint8Array(Math.ceil(bytes.length * 3 / 4) + 3);
		let at = 0;
		for (const byte of bytes) {
			const value = BASE64[byte];
			if (value === 255) {
				this.#over ||= byte === 61;   /* "=": padding ends it */
				continue;
			}
			if (this.#over)
				continue;
			this.#bits = this.#bits << 6 | value;
			this.#have += 6;
			if (this.#have >= 8) {
				this.#have -= 8;
				out[at++] = this.#bits >> this.#have & 255;
			}
		}
		return out.subarray(0, at);
	}

	end() {
		return new Uint8Array(0);
	}
}

function hexDigit(byte) {
	const value = parseInt(String.fromCharCode(byte), 16);
	return Number.isNaN(value) ? -1 : value;
}

class QuotedPrintable {
	#line = new Uint8Array(0);

	add(bytes) {
		const joined = join(this.#line, bytes);
		let whole = joined.lastIndexOf(LF) + 1;
		if (whole === 0 && joined.length > SLICE) {
			const sign = joined.lastIndexOf(61);   /* an escape is not cut */
			whole = sign > joined.length - LINE_MAX ? sign : joined.length;
		}
		this.#line = joined.slice(whole);
		return this.#decode(joined.subarray(0, whole));
	}

	end() {
		return this.#decode(this.#line);
	}

	#decode(bytes) {
		const out = new Uint8Array(bytes.length);
		let at = 0;
		for (let i = 0; i < bytes.length;) {
			if (bytes[i] !== 61) {
				out[at++] = bytes[i++];
				continue;
			}
			let end = i + 1;
			while (bytes[end] === 32 || bytes[end] === 9 || bytes[end] === CR)
				end++;
			if (bytes[end] === LF || end >= bytes.length) {
				i = end + 1;   /* a soft line end */
				continue;
			}
			const high = hexDigit(bytes[i + 1]), low = hexDigit(bytes[i + 2]);
			if (high < 0 || low < 0) {
				out[at++] = bytes[i++];
				continue;
			}
			out[at++] = high << 4 | low;
			i += 3;
		}
		return out.subarray(0, at);
	}
}

const DECODERS = { "base64": Base64, "quoted-printable": QuotedPrintable };

/* A part's content, decoded, as a Blob. most: bytes after which it may stop. */
export async function contentOf(blob, part, most = Infinity) {
	const range = blob.slice(part.start, part.end);
	const Decoder = DECODERS[part.encoding];
	if (!Decoder)
		return range.size > most ? range.slice(0, most) : range;
	const decoder = new Decoder();
	const pieces = [];
	let size = 0;
	for (let from = 0; from < range.size && size <= most; from += SLICE / 4) {
		const bytes = await range.slice(from, from + SLICE / 4).arrayBuffer();
		const piece = decoder.add(new Uint8Array(bytes));
		size += piece.length;
		pieces.push(new Blob([piece]));
	}
	pieces.push(new Blob([decoder.end()]));
	const whole = new Blob(pieces);
	return whole.size > most ? whole.slice(0, most) : whole;
}

/* A text part's text: { text, cut }. */
export async function textOf(blob, part) {
	const content = await contentOf(blob, part, TEXT_MAX + 1);
	const cut = content.size > TEXT_MAX;
	const bytes = new Uint8Array(await content.slice(0, TEXT_MAX).arrayBuffer());
	let text = decodeBytes(cut ? wholeCharacters(bytes) : bytes, part.params.charset)
		.replace(/\r\n?/g, "\n");
	if (part.params.format?.toLowerCase() === "flowed")
		text = unflow(text, part.params.delsp?.toLowerCase() === "yes");
	return { text, cut };
}

/* Without a character of UTF-8 that was cut. */
function wholeCharacters(bytes) {
	let end = bytes.length;
	while (end > 0 && end > bytes.length - 4 && (bytes[end - 1] & 0xc0) === 0x80)
		end--;
	return end > 0 && bytes[end - 1] >= 0xc0 ? bytes.subarray(0, end - 1) : bytes;
}

/* RFC 3676: a line that ends in a blank goes on in the next one of the same quoting. */
export function unflow(text, delsp) {
	const out = [];
	let going = false;
	let before = 0;
	for (const line of text.split("\n")) {
		const quotes = /^>*/.exec(line)[0];
		const rest = line.slice(quotes.length).replace(/^ /, "");
		const flows = rest.endsWith(" ") && rest !== "-- ";
		const plain = flows && delsp ? rest.slice(0, -1) : rest;
		if (going && quotes.length === before && rest !== "-- ")
			out[out.length - 1] += plain;
		else
			out.push(quotes ? quotes + " " + plain : plain);
		going = flows;
		before = quotes.length;
	}
	return out.join("\n");
}

function isShown(part) {
	return (part.type === "text/plain" || part.type === "text/html") &&
		part.disposition !== "attachment" && !part.name;
}

/* What of a message is read and what is saved: { texts, pages, files, images }: parts of
   text, parts of HTML, all other leaves, and leaves by Content-ID. Of alternatives the
   last HTML and the last text count (RFC 2046 §5.1.4). */
export function sortParts(root) {
	const found = { texts: [], pages: [], files: [], images: new Map(), odd: false };
	const pictures = [];
	(function visit(part, alternative, related) {
		found.odd ||= part.odd;
		for (const child of part.parts)
			visit(child, alternative || part.type === "multipart/alternative",
				part.type === "multipart/related");
		if (part.type.startsWith("multipart/"))
			return;
		if (part.id && !found.images.has(part.id))
			found.images.set(part.id, part);
		if (related && part.id && part.type.startsWith("image/") && part.disposition !== "attachment") {
			pictures.push(part);
		} else if (!isShown(part)) {
			found.files.push(part);
		} else if (part.type === "text/plain") {
			found.texts.push(part);
			/* In a mixed message each shown text is shown in both views. */
			if (!alternative)
				found.pages.push(part);
		} else {
			found.pages.push(part);
			if (!alternative)
				found.texts.push(part);
		}
	})(root, false, false);
	/* Pictures of a page are shown with it; without one they are files. */
	if (!found.pages.some((part) => part.type === "text/html")) {
		found.pages = [];
		found.files.push(...pictures);
	}
	if (found.texts.length === 0)
		found.texts = found.pages;
	return found;
}
