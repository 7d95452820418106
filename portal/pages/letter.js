/* The opened message on the page: its head as it claims to be, its text, its HTML made
   harmless in a frame without scripts, and its attachments as downloads. */

import { decodeWords, fieldOf, safeName, tame } from "./header.js";
import { contentOf, readMessage, sortParts, textOf } from "./mime.js";
import { buildSafe, textOfHtml } from "./safe.js";
import { hush, label, phrase, say, size } from "./speech.js";

const PICTURES = /^image\/(png|jpeg|gif|webp)$/;
const PICTURE_MAX = 5 << 20;
const PICTURES_MAX = 20 << 20;
const FRAME_MAX = 20000;   /* pixels of height; beyond it the frame scrolls */
const MARGIN = 12;
const SAVED_MS = 60000;    /* a browser has begun to save by then */

const at = (id) => document.getElementById(id);

/* A file is saved by a link that is gone at once; the address ends with the visit at the latest. */
export class Saver {
	#addresses = new Set();

	save(blob, name) {
		const address = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
		this.#addresses.add(address);
		const link = document.createElement("a");
		link.href = address;
		link.download = name;
		link.click();
		setTimeout(() => this.#forget(address), SAVED_MS);
	}

	#forget(address) {
		URL.revokeObjectURL(address);
		this.#addresses.delete(address);
	}

	close() {
		this.#addresses.forEach((address) => this.#forget(address));
	}
}

function toDataAddress(blob, type) {
	return new Promise((resolve, reject) => {
		const reader = new FileReader();
		reader.onload = () => resolve(reader.result);
		reader.onerror = () => reject(reader.error);
		reader.readAsDataURL(new Blob([blob], { type }));
	});
}

export class Letter {
	#original;
	#parts;
	#saver;

	constructor(original, saver) {
		this.#original = original;
		this.#saver = saver;
	}

	async show() {
		const root = await readMessage(this.#original);
		this.#parts = sortParts(root);
		this.#head(root.fields);
		await this.#text();
		await this.#html();
		this.#files();
	}

	#head(fields) {
		const subject = decodeWords(fieldOf(fields, "subject"));
		if (subject) {
			hush(at("letter-subject"));
			at("letter-subject").textContent = subject;
		} else {
			say(at("letter-subject"), "letter_no_subject");
		}
		const rows = [];
		for (const name of ["from", "to", "cc", "date"]) {
			const value = decodeWords(fieldOf(fields, name));
			if (!value)
				continue;
			const row = document.createElement("div");
			const title = document.createElement("dt");
			const content = document.createElement("dd");
			const isolated = document.createElement("bdi");
			say(title, "letter_" + name);
			isolated.textContent = value.slice(0, 2000);
			content.append(isolated);
			row.append(title, content);
			rows.push(row);
		}
		at("letter-head").replaceChildren(...rows);
	}

	async #text() {
		const texts = [];
		let cut = this.#parts.odd;
		for (const part of this.#parts.texts) {
			const read = await textOf(this.#original, part);
			cut ||= read.cut;
			texts.push(part.type === "text/html" ?
				textOfHtml(read.text, (name) => phrase("picture", { name })) :
				read.text);
		}
		const text = texts.join("\n\n").replace(/\s+$/, "");
		if (text)
			at("letter-text").textContent = text;
		else
			say(at("letter-text"), "text_none");
		if (cut)
			this.#note("letter_odd");
	}

	#note(key) {
		say(at("letter-blocked"), key);
		at("letter-blocked").hidden = false;
	}

	async #pictures() {
		const addresses = new Map();
		let left = PICTURES_MAX;
		for (const [id, part] of this.#parts.images) {
			if (!PICTURES.test(part.type) || part.end - part.start > Math.min(left, PICTURE_MAX))
				continue;
			left -= part.end - part.start;
			addresses.set(id, await toDataAddress(await contentOf(this.#original, part), part.type));
		}
		return addresses;
	}

	async #html() {
		if (this.#parts.pages.length === 0)
			return;
		const pictures = await this.#pictures();
		const pages = [];
		for (const part of this.#parts.pages)
			pages.push({ html: part.type === "text/html",
				     text: (await textOf(this.#original, part)).text });
		const frame = document.createElement("iframe");
		/* Without scripts nothing in it can act; ours builds its content from outside. */
		frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
		frame.setAttribute("referrerpolicy", "no-referrer");
		frame.title = phrase("letter_html");
		frame.addEventListener("load", () => this.#fill(frame, pages, pictures), { once: true });
		at("letter-html").replaceChildren(frame);
		at("letter-choice").hidden = false;
		this.#choose(false);
		at("letter-as-text").onclick = () => this.#choose(false);
		at("letter-as-html").onclick = () => this.#choose(true);
	}

	#fill(frame, pages, pictures) {
		const inner = frame.contentDocument;
		const body = inner.body;
		inner.documentElement.lang = document.documentElement.lang;
		for (const [name, value] of [["margin", MARGIN + "px"], ["color", "#1b1f24"], ["font", "16px/1.5 sans-serif"],
			["background-color", "#ffffff"], ["overflow-wrap", "anywhere"]])
			body.style.setProperty(name, value);
		let blocked = 0;
		for (const page of pages) {
			const holder = inner.createElement("div");
			holder.dir = "auto";
			body.append(holder);
			if (page.html) {
				const made = buildSafe(page.text, holder, {
					picture: (id) => pictures.get(plainId(id)) ?? null,
					missing: (name) => phrase("picture", { name }),
				});
				blocked += made.blocked;
				if (made.cut)
					this.#note("letter_odd");
			} else {
				holder.style.setProperty("white-space", "pre-wrap");
				holder.textContent = page.text;
			}
		}
		if (blocked > 0)
			this.#note("letter_blocked");
		const fit = () => frame.style.setProperty("height",
			Math.min(body.offsetHeight + 2 * MARGIN, FRAME_MAX) + "px");
		new ResizeObserver(fit).observe(body);
	}

	#choose(html) {
		at("letter-text").hidden = html;
		at("letter-html").hidden = !html;
		at("letter-as-text").setAttribute("aria-pressed", String(!html));
		at("letter-as-html").setAttribute("aria-pressed", String(html));
	}

	#files() {
		const items = this.#parts.files.map((part, i) => this.#file(part, i + 1));
		at("letter-files").replaceChildren(...items);
		at("letter-files-part").hidden = items.length === 0;
	}

	#file(part, number) {
		const ending = part.type === "message/rfc822" ? ".eml" : "";
		const name = safeName(part.name, tame(phrase("file_unnamed", { number })).replace(/ /g, "") + ending);
		const item = document.createElement("li");
		const title = document.createElement("bdi");
		const much = document.createElement("span");
		const button = document.createElement("button");
		title.className = "name";
		title.textContent = name;
		much.className = "size";
		const bytes = part.encoding === "base64" ? (part.end - part.start) * 0.73 : part.end - part.start;
		much.textContent = size(Math.round(bytes));
		button.type = "button";
		say(button, "download");
		label(button, "file_label", { name });
		button.addEventListener("click", async () => {
			button.disabled = true;
			try {
				this.#saver.save(await contentOf(this.#original, part), name);
			} catch {
				say(much, "file_failed");
			} finally {
				button.disabled = false;
				button.focus();
			}
		});
		item.append(title, much, button);
		return item;
	}

	close() {
		for (const id of ["letter-subject", "letter-text", "letter-head", "letter-html", "letter-files"]) {
			delete at(id).dataset.t;
			at(id).replaceChildren();
		}
		this.#original = null;
		this.#parts = null;
	}
}

function plainId(id) {
	try {
		return decodeURIComponent(id);
	} catch {
		return id;
	}
}
