/* The reply: text and files, sent with their progress shown. What was written stays until it has
   gone. */

import { label, phrase, say, size } from "./speech.js";
import { troubleOf } from "./exchange.js";

const OVERHEAD = 1024;   /* bytes that the form itself adds for each file, at most */
const at = (id) => document.getElementById(id);
const KEYS = { large: "reply_large", slow: "reply_often", order: "reply_closed", denied: "reply_closed",
	       ended: "reply_closed" };

export class Reply {
	#files = [];
	#target;
	#most;
	#request = null;

	/* target: the address of the form, ticket: of the visit, most: bytes */
	constructor(target, ticket, most) {
		this.#target = target;
		this.ticket = ticket;
		this.#most = most;
		at("reply-part").hidden = false;
		at("reply-files").onchange = () => this.#take();
		at("reply-text").oninput = () => this.#weigh();
		at("reply-form").onsubmit = (event) => {
			event.preventDefault();
			this.#send();
		};
		this.#list();
	}

	#take() {
		this.#files.push(...at("reply-files").files);
		at("reply-files").value = "";
		this.#list();
	}

	#list() {
		at("reply-list").replaceChildren(...this.#files.map((file) => this.#item(file)));
		this.#weigh();
	}

	#item(file) {
		const item = document.createElement("li");
		const name = document.createElement("bdi");
		const much = document.createElement("span");
		const button = document.createElement("button");
		name.className = "name";
		name.textContent = file.name;
		much.className = "size";
		much.textContent = size(file.size);
		button.type = "button";
		say(button, "remove");
		label(button, "remove_label", { name: file.name });
		button.addEventListener("click", () => {
			this.#files = this.#files.filter((other) => other !== file);
			this.#list();
			at("reply-files").focus();
		});
		item.append(name, much, button);
		return item;
	}

	#bytes() {
		return this.#files.reduce((sum, file) => sum + file.size + OVERHEAD,
			new Blob([at("reply-text").value]).size + OVERHEAD);
	}

	#weigh() {
		const bytes = this.#bytes();
		const overhead = OVERHEAD * (this.#files.length + 1);
		say(at("reply-size"), "reply_size", { size: () => size(bytes - overhead),
						      most: () => size(this.#most) });
		this.#said(bytes > this.#most ? "reply_large" : "", "bad");
	}

	#said(key, mood = "", values) {
		const place = at("reply-said");
		place.className = "said " + mood;
		if (key) {
			say(place, key, values);
		} else {
			delete place.dataset.t;
			place.textContent = "";
		}
	}

	#send() {
		if (this.#request)
			return;
		if (this.#files.length === 0 && !at("reply-text").value.trim()) {
			this.#said("reply_empty", "bad");
			at("reply-text").focus();
			return;
		}
		if (this.#bytes() > this.#most) {
			this.#said("reply_large", "bad");
			at("reply-files").focus();
			return;
		}
		const form = new FormData();
		form.append("ticket", this.ticket);
		form.append("text", at("reply-text").value);
		for (const file of this.#files)
			form.append("file", file, file.name);
		this.#post(form);
	}

	/* Not by fetch(), which does not tell how far a body has got. */
	#post(form) {
		const request = this.#request = new XMLHttpRequest();
		const began = phrase("reply_sending", { done: size(0), total: size(this.#bytes()) });
		at("reply-said").className = "said";
		at("reply-said").textContent = began;
		delete at("reply-said").dataset.t;
		at("reply-send").setAttribute("aria-disabled", "true");
		request.upload.onprogress = (event) => {
			if (event.lengthComputable && this.#request)
				at("reply-size").textContent = phrase("reply_sending",
					{ done: size(event.loaded), total: size(event.total) });
		};
		request.onloadend = () => this.#answered(request);
		request.open("POST", this.#target);
		request.send(form);
	}

	async #answered(request) {
		if (this.#request !== request)
			return;
		this.#request = null;
		at("reply-send").removeAttribute("aria-disabled");
		if (request.status === 202) {
			at("reply-text").value = "";
			this.#files = [];
			this.#list();
			this.#said("reply_sent", "good");
			return;
		}
		const trouble = await troubleOf(request.status, request.responseText);
		this.#weigh();
		this.#said(KEYS[trouble.kind] ?? "reply_failed", "bad");
	}

	close() {
		const request = this.#request;
		this.#request = null;
		request?.abort();
		this.ticket = "";
		this.#files = [];
		at("reply-list").replaceChildren();
		at("reply-text").value = "";
		at("reply-files").value = "";
		at("reply-part").hidden = true;
	}
}
