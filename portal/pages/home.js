/* The first page: a code that is typed finds its message. */

import { codeInLink, printCode, readCode } from "./code.js";
import { Exchange } from "./exchange.js";
import { locateProof, toHex, wipe } from "./keys.js";
import { begin, say } from "./speech.js";
import { watchCode } from "./typing.js";

async function look(field, place) {
	const text = codeInLink(field.value);
	const read = readCode(text);
	if (read.state !== "good")
		return;
	const { prefix } = document.body.dataset;
	try {
		const locate = toHex(await locateProof(read.bytes));
		const { id } = await new Exchange(prefix).ask("/locate", { locate });
		window.posternHand(printCode(text));
		field.value = "";
		location.assign(`${prefix}/m/${id}?lang=${document.documentElement.lang}`);
	} catch (failure) {
		place.className = "said bad";
		say(place, { slow: "slow", offline: "offline" }[failure.kind] ?? "later");
	} finally {
		wipe(read.bytes);
	}
}

async function start() {
	await begin();
	const field = document.getElementById("home-code");
	const place = document.getElementById("home-code-said");
	watchCode(field, place);
	field.form.addEventListener("submit", (event) => {
		event.preventDefault();
		look(field, place);
	});
	const brought = window.posternTake();
	if (brought) {
		field.value = printCode(codeInLink(brought));
		field.dispatchEvent(new Event("input"));
	}
	window.addEventListener("pagehide", () => {
		field.value = "";
	});
}

window.posternStarted = true;
start().catch(() => window.posternFail());
