/* SHA-256 in pieces (FIPS 180-4): WebCrypto only has it for a whole message, which would then
   lie in memory at once. */

const K = new Uint32Array(64);
const START = new Uint32Array(8);

/* The constants: fractions of the cube and square roots of the first primes, 32 bits each. */
(function constants() {
	const fraction = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32);
	for (let n = 2, have = 0; have < 64; n++) {
		let prime = true;
		for (let d = 2; d * d <= n; d++)
			prime = prime && n % d !== 0;
		if (!prime)
			continue;
		if (have < 8)
			START[have] = fraction(Math.sqrt(n));
		K[have++] = fraction(Math.cbrt(n));
	}
})();

export class Sha256 {
	#state = START.slice();
	#block = new Uint8Array(64);
	#words = new Uint32Array(64);
	#held = 0;
	#length = 0;

	update(bytes) {
		this.#length += bytes.length;
		let at = 0;
		if (this.#held > 0) {
			at = Math.min(64 - this.#held, bytes.length);
			this.#block.set(bytes.subarray(0, at), this.#held);
			this.#held += at;
			if (this.#held < 64)
				return this;
			this.#round(this.#block, 0);
			this.#held = 0;
		}
		for (; at + 64 <= bytes.length; at += 64)
			this.#round(bytes, at);
		this.#block.set(bytes.subarray(at), 0);
		this.#held = bytes.length - at;
		return this;
	}

	/* Ends it. */
	digest() {
		const length = this.#length;
		const tail = new Uint8Array((this.#held < 56 ? 64 : 128) - this.#held);
		tail[0] = 0x80;
		const view = new DataView(tail.buffer);
		view.setUint32(tail.length - 8, Math.floor(length / 2 ** 29));
		view.setUint32(tail.length - 4, length * 8 >>> 0);
		this.update(tail);
		const out = new DataView(new ArrayBuffer(32));
		this.#state.forEach((word, i) => out.setUint32(4 * i, word));
		this.#block.fill(0);
		this.#words.fill(0);
		return new Uint8Array(out.buffer);
	}

	#round(bytes, at) {
		const w = this.#words;
		for (let i = 0; i < 16; i++, at += 4)
			w[i] = bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
		for (let i = 16; i < 64; i++) {
			const x = w[i - 15], y = w[i - 2];
			const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
			const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
			w[i] = w[i - 16] + s0 + w[i - 7] + s1;
		}
		let [a, b, c, d, e, f, g, h] = this.#state;
		for (let i = 0; i < 64; i++) {
			const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
			const t1 = h + s1 + (e & f ^ ~e & g) + K[i] + w[i] | 0;
			const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
			const t2 = s0 + (a & b ^ a & c ^ b & c) | 0;
			h = g, g = f, f = e, e = d + t1 | 0;
			d = c, c = b, b = a, a = t1 + t2 | 0;
		}
		const s = this.#state;
		s[0] += a, s[1] += b, s[2] += c, s[3] += d, s[4] += e, s[5] += f, s[6] += g, s[7] += h;
	}
}
