/* What is said to the portal: JSON questions, and the blob, which goes on where it broke off. */

const TRIES = 6;             /* broken connections in a row, without a byte between them */
const STALLED_MS = 45000;    /* without a byte: the connection is taken for broken */
const ANSWER_MS = 60000;     /* for a question */

/* kind: "denied", "slow" (wait in seconds), "ended", "order" (the visit is over or a step is
   missing), "large", "later" (the portal cannot now), "offline", "cancelled", "damaged" */
export class Trouble extends Error {
	constructor(kind, wait = 0) {
		super(kind);
		this.kind = kind;
		this.wait = wait;
	}
}

const KINDS = { 400: "order", 403: "denied", 404: "denied", 409: "order", 410: "ended",
		413: "large", 429: "slow" };

export async function troubleOf(status, body) {
	let wait = 0;
	try {
		wait = Number(JSON.parse(body).wait) || 0;
	} catch {
		/* The status says enough. */
	}
	return new Trouble(KINDS[status] ?? "later", wait);
}

/* Ends what fetch does when the caller cancels, and when nothing comes for too long. */
class Watch {
	#abort = new AbortController();
	#timer = 0;
	#ms;

	constructor(outer, ms) {
		this.#ms = ms;
		this.outer = outer;
		this.cancel = () => this.#abort.abort();
		outer?.addEventListener("abort", this.cancel);
		this.moved();
	}

	get signal() {
		return this.#abort.signal;
	}

	moved() {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(this.cancel, this.#ms);
	}

	end() {
		clearTimeout(this.#timer);
		this.outer?.removeEventListener("abort", this.cancel);
	}

	/* What a failed fetch means. */
	trouble() {
		return new Trouble(this.outer?.aborted ? "cancelled" : "offline");
	}
}

export class Exchange {
	/* base: the path of the portal, and of one deposit where there is one: "/m/ID" */
	constructor(base) {
		this.base = base;
	}

	#post(path, body, signal) {
		return fetch(this.base + path, {
			method: "POST", body: JSON.stringify(body), signal, cache: "no-store",
			credentials: "omit", mode: "same-origin", redirect: "error",
			referrerPolicy: "no-referrer", headers: { "Content-Type": "application/json" },
		});
	}

	/* The answer as an object. Throws Trouble. */
	async ask(path, body, signal) {
		const watch = new Watch(signal, ANSWER_MS);
		try {
			const answer = await this.#post(path, body, watch.signal);
			const said = await answer.text();
			if (!answer.ok)
				throw await troubleOf(answer.status, said);
			return JSON.parse(said);
		} catch (failure) {
			if (failure instanceof SyntaxError)
				throw new Trouble("later");
			throw failure instanceof Trouble ? failure : watch.trouble();
		} finally {
			watch.end();
		}
	}

	/* Gives the blob of size bytes in pieces. broke() is called at each broken connection.
	   Throws Trouble. */
	async *blob(ticket, size, signal, broke) {
		let from = 0;
		for (let tries = 0; from < size;) {
			const watch = new Watch(signal, STALLED_MS);
			const before = from;
			try {
				const answer = await this.#post("/blob", { ticket, from }, watch.signal);
				if (!answer.ok)
					throw await troubleOf(answer.status, await answer.text());
				const reader = answer.body.getReader();
				for (let got; !(got = await reader.read()).done;) {
					watch.moved();
					from += got.value.length;
					if (from > size)
						throw new Trouble("damaged");
					yield got.value;
				}
				if (from === size)
					return;
			} catch (failure) {
				const trouble = failure instanceof Trouble ? failure : watch.trouble();
				if (trouble.kind !== "offline" && trouble.kind !== "later")
					throw trouble;
				if (from === before && tries >= TRIES)
					throw trouble;
			} finally {
				watch.end();
				watch.cancel();
			}
			tries = from > before ? 1 : tries + 1;
			if (tries > TRIES)
				throw new Trouble("offline");
			broke();
			await pause(Math.min(500 * 2 ** tries, 15000), signal);
		}
	}
}

/* Waits, but no longer than until the network is back. */
function pause(ms, signal) {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(done, ms);
		function done() {
			clearTimeout(timer);
			globalThis.removeEventListener?.("online", done);
			signal?.removeEventListener("abort", done);
			if (signal?.aborted)
				reject(new Trouble("cancelled"));
			else
				resolve();
		}
		globalThis.addEventListener?.("online", done);
		signal?.addEventListener("abort", done);
	});
}
