/* The pickup page: code, proof, factor, key, message, receipt. Everything secret is held in one
   visit, which end() forgets; leaving the page ends it, so that going back shows nothing. */

import { codeInLink, printCode, readCode } from "./code.js";
import { Exchange, Trouble } from "./exchange.js";
import { FACTOR_CODE, FACTOR_LINK, FACTOR_PHRASE, boundOf, fromHex, linkProof, normalPhrase, openShare,
	 pickupProof, same, stretch, toHex, wipe } from "./keys.js";
import { Letter, Saver } from "./letter.js";
import { Payload, unseal } from "./records.js";
import { Reply } from "./reply.js";
import { begin, hush, phrase, say, size, time } from "./speech.js";
import { watchCode } from "./typing.js";

const STAGES = ["code", "factor", "open", "stop", "read", "closed"];
const STEPS = ["code", "factor", "open", "read"];
const RECEIPT_TRIES = 4;
const DRAWN_MS = 100;   /* between two looks at the progress */

const at = (id) => document.getElementById(id);
const idHex = at("pickup").dataset.id.toLowerCase();
const id = fromHex(idHex, 16);
const exchange = new Exchange(document.body.dataset.prefix + "/m/" + idHex);

let ticking = 0;    /* the timer of a count down */
let visit = null;   /* { link, facts, ticket, number, abort, letter, reply, saver, opened } */

/* What is on the page */

function show(stage, heading, step) {
	clearInterval(ticking);
	for (const button of [at("stop-again"), at("factor-go")]) {
		button.disabled = false;
		say(button, button.dataset.t);
	}
	for (const name of STAGES)
		at("stage-" + name).hidden = name !== stage;
	say(at("heading"), heading);
	at("trouble").hidden = true;
	at("steps").hidden = !step;
	for (const item of at("steps").children) {
		if (item.dataset.step === step)
			item.setAttribute("aria-current", "step");
		else
			item.removeAttribute("aria-current");
	}
	at("said").className = "said unseen";   /* who sees has the list of steps */
	if (step)
		say(at("said"), "step_now", { number: STEPS.indexOf(step) + 1, name: () => phrase("step_" + step) });
	else
		hush(at("said"));
	at("heading").focus();
}

function tell(place, key, mood = "", values) {
	at(place).className = "said " + mood;
	if (key)
		say(at(place), key, values);
	else
		hush(at(place));
}

function stop(key, again, date) {
	show("stop", "stop_title", "");
	say(at("stop-text"), key);
	at("stop-date").hidden = !date;
	if (date)
		at("stop-date").textContent = phrase("ended_when") + " " + time(date);
	at("stop-again").hidden = !again;
	at("stop-again").onclick = again;
}

/* The code */

function askCode(text) {
	show("code", "pickup_title", "code");
	at("code").value = text;
	at("code").focus();
	at("code").dispatchEvent(new Event("input"));
}

async function takeCode(text) {
	const read = readCode(codeInLink(text));
	if (read.state !== "good") {
		askCode(printCode(codeInLink(text)));
		return;
	}
	end();
	visit = { link: read.bytes, abort: new AbortController(), saver: new Saver() };
	at("code").value = "";
	await prove(visit);
}

/* Proof that the code is held: only now does the portal say anything of the message. */
async function prove(mine) {
	tell("said", "checking");
	try {
		const auth1 = toHex(await linkProof(mine.link, id));
		mine.facts = await exchange.ask("/prove", { auth1 }, mine.abort.signal);
		mine.ticket = mine.facts.ticket;
	} catch (failure) {
		if (mine === visit)
			refused(failure, mine);
		return;
	}
	if (mine !== visit)
		return;
	if (mine.facts.state !== "open")
		ended(mine.facts);
	else
		askFactor(mine);
}

function ended(facts) {
	end();
	const key = { revoked: "ended_revoked", expired: "ended_expired" }[facts.state] ?? "ended_sent";
	stop(key, null, facts.ended);
	say(at("heading"), "ended_title");
}

function refused(failure, mine) {
	const kind = failure instanceof Trouble ? failure.kind : "later";
	if (kind === "slow") {
		stop("slow", () => prove(mine));
		countDown(at("stop-again"), failure.wait);
	} else if (kind === "denied" || kind === "ended") {
		stop("denied", () => askCode(""));
	} else {
		stop(kind === "offline" ? "offline" : "later", () => prove(mine));
	}
}

/* Keeps a button back for so many seconds; each is shown on it, and only the beginning and the
   end are told to who listens. */
function countDown(button, seconds, place = "said") {
	if (!(seconds > 0))
		return;
	const key = button.dataset.t;
	const until = Date.now() + seconds * 1000;
	tell(place, "wait", "bad", { seconds });
	button.disabled = true;
	ticking = setInterval(() => {
		const left = Math.ceil((until - Date.now()) / 1000);
		button.textContent = left > 0 ? `${phrase(key)} (${left})` : phrase(key);
		if (left > 0)
			return;
		clearInterval(ticking);
		button.disabled = false;
		tell(place, "wait_over", "good");
	}, 1000);
}

/* The factor */

function askFactor(mine) {
	const { facts } = mine;
	show("factor", "pickup_title", "factor");
	at("fact-sender").textContent = facts.sender;
	at("fact-recipient").textContent = facts.address;
	at("fact-made").textContent = time(facts.made);
	at("fact-until").textContent = time(facts.until);
	at("fact-size").textContent = size(facts.payload_bytes);
	at("fact-before").hidden = !facts.acknowledged;
	at("fact-acknowledged").textContent = time(facts.acknowledged);
	at("ask-phrase").hidden = facts.factor !== FACTOR_PHRASE;
	at("ask-pin").hidden = facts.factor !== FACTOR_CODE;
	at("ask-number").hidden = facts.factor !== FACTOR_LINK;
	if (facts.factor === FACTOR_LINK) {
		mine.number = String(1000 + crypto.getRandomValues(new Uint16Array(1))[0] % 9000);
		at("number-shown").textContent = mine.number;
	}
	tell("factor-said", "");
}

const FIELDS = { [FACTOR_PHRASE]: "phrase", [FACTOR_CODE]: "pin", [FACTOR_LINK]: "number" };

function mend(key, values) {
	const field = at(FIELDS[visit.facts.factor]);
	tell("factor-said", key, "bad", values);
	field.setAttribute("aria-invalid", "true");
	field.focus();
}

async function sendPin() {
	const mine = visit;
	at("pin-send").disabled = true;
	try {
		const sent = await exchange.ask("/code", { ticket: mine.ticket }, mine.abort.signal);
		say(at("pin-sent"), "pin_sent", { to: sent.sent_to, until: () => time(sent.until) });
		mine.pinSent = true;
		at("pin").focus();
	} catch (failure) {
		if (mine === visit)
			mend({ slow: "pin_often", offline: "offline" }[failure.kind] ?? "later");
	} finally {
		at("pin-send").disabled = false;
	}
}

/* What was typed, or null where it cannot be right: then the person has been told. */
function typedFactor(mine) {
	const { factor } = mine.facts;
	const typed = at(FIELDS[factor]).value;
	if (factor === FACTOR_PHRASE) {
		const normal = normalPhrase(typed);
		if (!normal)
			mend(normal === null ? "phrase_letters" : "phrase_empty");
		return normal || null;
	}
	const digits = typed.normalize("NFKC").replace(/[٠-٩]/gu, (d) => d.charCodeAt(0) - 0x660)
		.replace(/[۰-۹]/gu, (d) => d.charCodeAt(0) - 0x6f0).replace(/\D/g, "");
	if (factor === FACTOR_CODE) {
		if (digits.length !== 8)
			mend(mine.pinSent ? "pin_empty" : "pin_first");
		return digits.length === 8 ? digits : null;
	}
	if (digits !== mine.number)
		mend("number_wrong");
	return digits === mine.number ? digits : null;
}

/* From the factor to the open message. */
async function open(mine) {
	const typed = typedFactor(mine);
	if (typed === null)
		return;
	at(FIELDS[mine.facts.factor]).removeAttribute("aria-invalid");
	show("open", "pickup_title", "open");
	mine.abort = new AbortController();
	let stretched = null;
	try {
		stretched = await makeKey(mine, typed);
		const share = await release(mine, stretched, typed);
		const key = await openShare(mine.link, stretched, id, share)
			.catch(() => Promise.reject(new Trouble("damaged")));
		const opened = await fetchMessage(mine, key);
		if (mine === visit)
			await read(mine, opened, share);
	} catch (failure) {
		if (mine === visit)
			notOpened(mine, failure instanceof Trouble ? failure : new Trouble("damaged"));
	} finally {
		wipe(stretched);
	}
}

/* What is being done, for who sees and for who listens. */
function working(key) {
	if (at("open-what").dataset.t === key)
		return;
	say(at("open-what"), key);
	tell("said", key, "unseen");
}

async function makeKey(mine, typed) {
	at("open-bar").removeAttribute("value");
	hush(at("open-much"));
	hush(at("open-what"));
	if (mine.facts.factor !== FACTOR_PHRASE)
		return null;
	working("open_phrase");
	return stretch(typed, id, mine.facts.address, mine.facts.rounds);
}

/* The server's half, for who has proved both. A visit that is over is begun anew, once. */
async function release(mine, stretched, typed) {
	working("open_ask");
	const auth2 = toHex(await pickupProof(mine.link, stretched, id));
	const question = () => ({ ticket: mine.ticket, auth2,
				  ...(mine.facts.factor === FACTOR_CODE ? { code: typed } : {}) });
	let answer;
	try {
		answer = await exchange.ask("/factor", question(), mine.abort.signal);
	} catch (failure) {
		if (failure.kind !== "order")
			throw failure;
		const auth1 = toHex(await linkProof(mine.link, id));
		mine.facts = await exchange.ask("/prove", { auth1 }, mine.abort.signal);
		mine.ticket = mine.facts.ticket;
		answer = await exchange.ask("/factor", question(), mine.abort.signal);
	}
	return { server: fromHex(answer.server, 32), wrappedDek: fromHex(answer.wrapped_dek, 60),
		 commitment: fromHex(answer.commitment, 32), digest: answer.digest, scan: answer.scan };
}

/* The message, decrypted while it comes; what is shown of it waits for its digest. */
async function fetchMessage(mine, key) {
	const total = mine.facts.blob_bytes;
	let done = 0;
	let drawn = 0;
	const progress = (whole) => {
		if (!whole && Date.now() - drawn < DRAWN_MS)
			return;
		drawn = Date.now();
		at("open-bar").value = done / total;
		say(at("open-much"), "open_much", { done: () => size(done), total: () => size(total) });
	};
	working("open_fetch");
	const pieces = exchange.blob(mine.ticket, total, mine.abort.signal, () => working("open_resume"));
	async function* counted() {
		for await (const piece of pieces) {
			done += piece.length;
			working("open_fetch");
			progress(false);
			yield piece;
		}
	}
	const payload = new Payload();
	for await (const piece of unseal(counted(), key, boundOf(id)))
		payload.add(piece);
	progress(true);
	working("open_check");
	return payload.end();
}

function notOpened(mine, failure) {
	const back = () => askFactor(mine);
	switch (failure.kind) {
	case "denied":
		back();
		mend(mine.facts.factor === FACTOR_CODE ? "wrong_pin" : "wrong_phrase");
		at(FIELDS[mine.facts.factor]).select();
		break;
	case "slow":
		back();
		countDown(at("factor-go"), failure.wait, "factor-said");
		at(FIELDS[mine.facts.factor]).focus();
		break;
	case "cancelled":
		back();
		tell("factor-said", "cancelled");
		break;
	case "ended":
		prove(mine);   /* which says how it ended */
		break;
	case "offline":
		stop("offline", back);
		break;
	case "damaged":
		stop("damaged", back);
		break;
	default:
		stop("later", back);
	}
}

/* The open message */

async function read(mine, opened, share) {
	const said = fromHex(share.digest, 32);
	if (!same(opened.digest, said) || mine.facts.digest !== share.digest)
		throw new Trouble("damaged");
	wipe(mine.link, share.server, share.wrappedDek);
	for (const name of Object.values(FIELDS))
		at(name).value = "";
	mine.opened = opened;
	mine.letter = new Letter(opened.original, mine.saver);
	let odd = false;
	await mine.letter.show().catch(() => {
		odd = true;   /* nobody's message is lost because we cannot lay it out */
	});
	if (mine !== visit)
		return;
	show("read", "read_title", "read");
	tell("said", odd ? "letter_odd" : "open_done", odd ? "bad" : "good");
	keep(mine, share);
	if (mine.facts.reply)
		mine.reply = new Reply(exchange.base + "/reply", mine.ticket, mine.facts.reply_bytes);
	await acknowledge(mine, share);
}

function keep(mine, share) {
	at("keep-size").textContent = size(mine.opened.original.size);
	at("keep-original").onclick = () => mine.saver.save(mine.opened.original, "message.eml");
	at("check-digest").textContent = share.digest;
	const { scan } = share;
	if (!scan)
		say(at("check-scan"), "scan_none");
	else
		say(at("check-scan"), "scan_with", {
			result: () => scan.result === "clean" ? phrase("scan_clean") : scan.result,
			engine: scan.engine, date: () => time(scan.date) });
	say(at("check-factor"), !mine.facts.independent ? "factor_dependent" :
		mine.facts.factor === FACTOR_CODE ? "factor_sent" : "factor_independent");
}

/* Tells the portal that the whole message was opened and is what was sealed; its answer is the
   proof. */
async function acknowledge(mine, share) {
	say(at("keep-proof-said"), "keep_proof_wait");
	say(at("check-receipt"), "receipt_wait");
	for (let tries = 0; tries < RECEIPT_TRIES && mine === visit; tries++) {
		if (tries > 0)
			await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** tries));
		try {
			const proof = await exchange.ask("/acknowledge", { ticket: mine.ticket, digest: share.digest },
				mine.abort.signal);
			if (mine === visit)
				receipted(mine, proof);
			return;
		} catch {
			/* Tried again; after the last time the page says so. */
		}
	}
	if (mine === visit) {
		say(at("keep-proof-said"), "keep_proof_failed");
		say(at("check-receipt"), "receipt_failed");
	}
}

function receipted(mine, proof) {
	const { version, deposit, digest, ...rest } = proof;
	const whole = { version, deposit, digest, salt: toHex(mine.opened.salt), ...rest };
	const file = new Blob([JSON.stringify(whole, null, 1) + "\n"]);
	hush(at("keep-proof-said"));
	at("keep-proof").disabled = false;
	at("keep-proof").onclick = () => mine.saver.save(file, "proof.json");
	say(at("check-receipt"), "receipt_told");
}

/* The end of a visit: all that it held is forgotten. */
function end() {
	const old = visit;
	visit = null;
	if (old) {
		wipe(old.link);
		old.abort.abort();
		old.saver.close();
		old.letter?.close();
		old.reply?.close();
		old.ticket = old.facts = old.opened = null;
	}
	for (const name of ["phrase", "pin", "number", "code"])
		at(name).value = "";
	for (const name of ["fact-sender", "fact-recipient", "fact-made", "fact-until", "fact-size",
		"fact-acknowledged", "check-digest", "keep-size", "number-shown", "check-scan", "check-receipt"])
		hush(at(name));
	at("keep-original").onclick = at("keep-proof").onclick = null;
	at("keep-proof").disabled = true;
}

function leave() {
	end();
	show("closed", "closed_title", "");
}

async function start() {
	await begin();
	for (const link of document.querySelectorAll("footer a")) {
		link.target = "_blank";   /* to leave the page is to close the message */
		link.rel = "noopener";
	}
	watchCode(at("code"), at("code-said"));
	at("code-form").addEventListener("submit", (event) => {
		event.preventDefault();
		takeCode(at("code").value);
	});
	at("factor-form").addEventListener("submit", (event) => {
		event.preventDefault();
		if (visit && !at("factor-go").disabled)
			open(visit);
	});
	at("pin-send").addEventListener("click", sendPin);
	at("open-cancel").addEventListener("click", () => visit?.abort.abort());
	at("close").addEventListener("click", leave);
	window.addEventListener("pagehide", leave);
	document.addEventListener("postern-code", () => takeCode(window.posternTake()));
	await takeCode(window.posternTake());
}

window.posternStarted = true;
start().catch(() => window.posternFail());
