/* What the page says, in the language chosen: texts by key, sizes and times, and the change of
   language while the page is open. */

let texts = {};

async function load(address) {
	const answer = await fetch(address, { credentials: "omit", mode: "same-origin" });
	if (!answer.ok)
		throw new Error("no texts");
	texts = await answer.json();
}

const ISOLATE = "\u2068", END = "\u2069";   /* so that a value does not turn the sentence around */

export function phrase(key, values = {}) {
	return (texts[key] ?? key).replace(/\{(\w+)\}/g,
		(whole, name) => name in values ? ISOLATE + values[name] + END : whole);
}

/* Writes the text into an element, which keeps the key for when the language changes. Values may
   be functions: they are asked again then. */
const spoken = new WeakMap();

function write(element) {
	const values = spoken.get(element) ?? {};
	const now = Object.fromEntries(Object.entries(values)
		.map(([name, value]) => [name, typeof value === "function" ? value() : value]));
	if (element.dataset.t)
		element.textContent = phrase(element.dataset.t, now);
	if (element.dataset.tLabel)
		element.setAttribute("aria-label", phrase(element.dataset.tLabel, now));
}

export function say(element, key, values) {
	element.dataset.t = key;
	spoken.set(element, values);
	write(element);
}

export function label(element, key, values) {
	element.dataset.tLabel = key;
	spoken.set(element, values);
	write(element);
}

export function hush(element) {
	delete element.dataset.t;
	element.textContent = "";
}

export function language() {
	return texts._language ?? "en";
}

/* The person may read the day in words, in the zone of the device. */
export function time(text) {
	const when = new Date(text);
	if (Number.isNaN(when.getTime()))
		return "";
	return new Intl.DateTimeFormat(language(), { dateStyle: "long", timeStyle: "short" }).format(when);
}

export function size(bytes) {
	const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
	let unit = 0;
	let value = bytes;
	for (; value >= 1000 && unit < units.length - 1; unit++)
		value /= 1000;
	return new Intl.NumberFormat(language(), { style: "unit", unit: units[unit],
		unitDisplay: unit === 0 ? "long" : "short",
		maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 }).format(value);
}

export function number(value) {
	return new Intl.NumberFormat(language()).format(value);
}

function mark(links) {
	for (const link of links) {
		if (link.lang === language())
			link.setAttribute("aria-current", "true");
		else
			link.removeAttribute("aria-current");
	}
}

/* Loads the page's language and makes its language links work without a new page, which
   would forget the code. */
export async function begin() {
	await load(document.body.dataset.texts);
	const links = [...document.querySelectorAll(".languages a")];
	mark(links);
	for (const link of links)
		link.addEventListener("click", async (event) => {
			event.preventDefault();
			try {
				await load(link.dataset.texts);
			} catch {
				return;   /* the language stays */
			}
			document.documentElement.lang = link.lang;
			document.documentElement.dir = link.dataset.direction;
			document.querySelectorAll("[data-t], [data-t-label]").forEach(write);
			document.querySelectorAll("[data-language]").forEach((field) => {
				field.value = link.lang;
			});
			mark(links);
		});
}
