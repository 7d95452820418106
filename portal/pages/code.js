/* The code: 16 bytes as 28 characters of Crockford's base32 with a checksum of 12 bits
   (postern-deposit(5)). Pure functions. */

export const CODE_CHARS = 28;
const GROUP = 4;
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const POLYNOMIAL = 0b1100000001111n;
const PASSED = /[\s\u00a0\u00ad\u200b-\u200f\u2060\ufeff\u2010-\u2015\u2212_-]/u;

function digit(char) {
	const upper = char.toUpperCase();
	if (upper === "O")
		return 0;
	if (upper === "I" || upper === "L")
		return 1;
	return upper.length === 1 ? DIGITS.indexOf(upper) : -1;
}

function remainder(number) {
	let rest = number;
	for (let bit = 139n; bit >= 12n; bit--)
		if (rest >> bit & 1n)
			rest ^= POLYNOMIAL << (bit - 12n);
	return rest;
}

/* The group in which one wrong character explains the remainder; 0 where several do, or none.
   The remainder of a sum is the sum of remainders, so it does not depend on the code. */
function suspect(rest) {
	const groups = new Set();
	for (let at = 0; at < CODE_CHARS; at++)
		for (let change = 1n; change < 32n; change++)
			if (remainder(change << BigInt(135 - 5 * at)) === rest)
				groups.add(Math.floor(at / GROUP) + 1);
	return groups.size === 1 ? [...groups][0] : 0;
}

/* What has been typed so far.
     state  "empty", "short", "char" (char, in group), "long", "wrong" (group, 0 where not
            knowable; text of the group), or "good" (bytes: 16)
     have   characters read */
export function readCode(typed) {
	const digits = [];
	const seen = [];
	for (const char of typed) {
		if (PASSED.test(char))
			continue;
		const value = digit(char);
		if (value < 0)
			return { state: "char", char, group: Math.floor(digits.length / GROUP) + 1,
				 have: digits.length };
		digits.push(value);
		seen.push(char.toUpperCase());
	}
	const have = digits.length;
	if (have !== CODE_CHARS)
		return { state: have === 0 ? "empty" : have < CODE_CHARS ? "short" : "long", have };

	const number = digits.reduce((sum, value) => sum << 5n | BigInt(value), 0n);
	const rest = remainder(number);
	if (rest !== 0n) {
		const group = suspect(rest);
		const text = seen.slice((group - 1) * GROUP, group * GROUP).join("");
		return { state: "wrong", group, text, have };
	}
	const bytes = new Uint8Array(16);
	for (let i = 0; i < 16; i++)
		bytes[i] = Number(number >> BigInt(132 - 8 * i) & 255n);
	return { state: "good", bytes, have };
}

function decoded(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/* The code in what follows a deposit's number in a link, or in a whole link that was pasted:
   "#CODE", "%23CODE", "%2523CODE", "/CODE.", "#CODE&data=…". What does not hold one comes back
   as it is, for the person to see and mend. */
export function codeInLink(text) {
	let plain = text;
	for (let i = 0; i < 3 && plain.includes("%"); i++)
		plain = decoded(plain);
	const runs = plain.match(/[0-9A-Za-z-]+/g) ?? [];
	for (const run of runs)
		if (readCode(run).state === "good")
			return run;
	const marked = /[#/]([0-9A-Za-z-]{4,})/g;
	const tries = [...plain.matchAll(marked)].map((found) => found[1])
		.filter((run) => !/^[0-9a-f]{32}$/i.test(run) && run !== "https");
	return tries.length > 0 && /[#/]/.test(plain) ? tries[tries.length - 1] : plain.trim();
}

/* The text of a code as it is printed. */
export function printCode(text) {
	const plain = [...text].filter((char) => !PASSED.test(char)).join("").toUpperCase();
	return plain.match(/.{1,4}/g)?.join("-") ?? "";
}
