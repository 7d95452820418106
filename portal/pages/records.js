/* The sealed blob and what is in it (postern-deposit(5)), opened as it arrives: records of
   64 KiB, each with its place and whether it is the last sealed in, so that none can be moved,
   left out or cut off. What comes out lies in Blobs, which browsers keep outside of the
   script's memory. */

import { Sha256 } from "./sha256.js";
import { join, wipe } from "./keys.js";

const MAGIC = [0x50, 0x53, 0x42, 0x31];   /* PSB1 */
const HEAD = 12;
const RECORD = 65536;
const SEALED = RECORD + 16;
const SALT = 32;
const PAYLOAD_HEAD = SALT + 8;
const PIECE = 4 << 20;   /* bytes gathered before they become a Blob */

/* Pieces in order, of which so many bytes can be taken from the front. */
class Queue {
	#pieces = [];
	#first = 0;
	length = 0;

	add(piece) {
		this.#pieces.push(piece);
		this.length += piece.length;
	}

	take(count) {
		const out = new Uint8Array(count);
		for (let have = 0; have < count;) {
			const piece = this.#pieces[0];
			const part = piece.subarray(this.#first, this.#first + count - have);
			out.set(part, have);
			have += part.length;
			this.#first += part.length;
			if (this.#first === piece.length) {
				this.#pieces.shift();
				this.#first = 0;
			}
		}
		this.length -= count;
		return out;
	}
}

/* Gives the payload of a blob in pieces. blob: what is iterated over gives the blob's bytes in
   any pieces. Throws where a record is changed, missing, moved or cut, and where the blob is
   longer than it says; what it gave before must then be thrown away. */
export async function* unseal(blob, key, bound) {
	const queue = new Queue();
	let prefix = null;
	let number = 0;

	async function open(sealed, last) {
		const place = new DataView(new ArrayBuffer(5));
		place.setUint32(0, number++);
		place.setUint8(4, last ? 1 : 0);
		const iv = join(prefix, new Uint8Array(place.buffer));
		const plain = await crypto.subtle.decrypt(
			{ name: "AES-GCM", iv, additionalData: bound }, key, sealed);
		return new Uint8Array(plain);
	}

	for await (const piece of blob) {
		queue.add(piece);
		if (!prefix && queue.length >= HEAD) {
			const head = queue.take(HEAD);
			if (MAGIC.some((byte, i) => head[i] !== byte) || head[11] !== 0)
				throw new Error("not a sealed message");
			prefix = head.subarray(4, 11);
		}
		while (prefix && queue.length > SEALED)
			yield await open(queue.take(SEALED), false);
	}
	if (!prefix || queue.length <= 16)
		throw new Error("cut off");
	yield await open(queue.take(queue.length), true);
}

/* Takes a payload in pieces: salt, length, the original, zeros. */
export class Payload {
	#head = new Uint8Array(PAYLOAD_HEAD);
	#have = 0;
	#left = 0;
	#digest = new Sha256();
	#pieces = [];
	#gathered = 0;
	#blobs = [];

	/* The piece is zeroed when it is done with. */
	add(piece) {
		let at = 0;
		if (this.#have < PAYLOAD_HEAD) {
			at = Math.min(PAYLOAD_HEAD - this.#have, piece.length);
			this.#head.set(piece.subarray(0, at), this.#have);
			this.#have += at;
			if (this.#have < PAYLOAD_HEAD)
				return;
			const view = new DataView(this.#head.buffer);
			this.#left = view.getUint32(SALT) * 2 ** 32 + view.getUint32(SALT + 4);
			if (!Number.isSafeInteger(this.#left))
				throw new Error("no message is that long");
			this.#digest.update(this.#head.subarray(0, SALT));
		}
		const original = piece.subarray(at, at + Math.min(this.#left, piece.length - at));
		this.#left -= original.length;
		this.#digest.update(original);
		this.#keep(original);
		if (piece.subarray(at + original.length).some((byte) => byte !== 0))
			throw new Error("the filling is not empty");
	}

	#keep(original) {
		if (original.length > 0)
			this.#pieces.push(original);
		this.#gathered += original.length;
		if (this.#gathered >= PIECE)
			this.#flush();
	}

	#flush() {
		this.#blobs.push(new Blob(this.#pieces));
		wipe(...this.#pieces);
		this.#pieces = [];
		this.#gathered = 0;
	}

	/* { original: Blob, salt, digest }. Throws where the original is not all there. */
	end() {
		if (this.#have < PAYLOAD_HEAD || this.#left > 0)
			throw new Error("the message is not all there");
		this.#flush();
		return { original: new Blob(this.#blobs), salt: this.#head.slice(0, SALT),
			 digest: this.#digest.digest() };
	}
}
