// From the notice to the receipt.
import { randomBytes } from "node:crypto";
import { TO, claim, equal } from "../lab.js";
import { PLAIN, withAttachment } from "./messages.js";

const CODE = "008J4CT4ANK7F24SNAXWSQFEZW81";
const NOWHERE = "0".repeat(32);

function group(code) {
	return code.match(/.{4}/g).join("-");
}

async function refused(one, words) {
	await one.stage("stop");
	claim((await one.text("stop-text")).includes(words), await one.text("stop-text"));
}

export default {
	"a message opens from its notice, to the byte, and its proof verifies without the portal": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.open(made);
		equal(await one.text("letter-subject"), "Quarterly figures");
		claim((await one.text("letter-text")).includes("rhubarb und Gr\u00fc\u00dfe"), "no text");
		await one.receipted();
		equal(await one.text("check-digest"), made.digest[TO], "the digest");
		claim((await one.text("check-factor")).includes("another way"), await one.text("check-factor"));
		claim((await one.text("check-receipt")).includes("is told"), await one.text("check-receipt"));
		await one.picture("open");
		equal(await one.at("plain").isVisible(), false, "the form for the server, seen,");
		const original = await one.saved(one.at("keep-original"));
		const proof = await one.saved(one.at("keep-proof"));
		equal(original.name, "message.eml");
		claim(original.bytes.equals(made.original), "not the original");
		const checked = await site.ask("verify", { original: original.bytes.toString("base64"),
							   proof: proof.bytes.toString("base64") });
		equal(checked.status, 0, `postern deposit verify (${checked.said})`);
		const events = (await site.ask("events", { deposit: made.id })).map((record) => record.event);
		claim(events.includes("acknowledged"), `the audit has ${events}`);
		claim((await site.ask("mail", { has: TO })).length > 0, "no receipt to the sender");
	},

	"address, title and history reveal nothing": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.open(made);
		equal(one.page.url(), `${site.url}/m/${made.id}`);
		equal(await one.page.title(), "Message pickup - Our Test");
		const shown = await one.page.evaluate(() => [document.referrer, window.name,
			JSON.stringify(history.state), history.length, document.cookie,
			localStorage.length, sessionStorage.length].join("|"));
		equal(shown, "||null|2||0|0", "what the browser keeps");
		for (const request of one.requests)
			claim(!request.url().includes(made.code[TO]) || request.isNavigationRequest(),
				`the code went to ${request.url()}`);
	},

	"the code is taken from whatever mail programs make of the link": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const code = made.code[TO];
		const one = await visit();
		for (const end of [`%23${code}`, `/%23${code}`, `/${code}`, `%2523${code}`, `%23${code}.`, `#${code}.`,
			`#${code}%3E`, `#${group(code)}`, `#${code.toLowerCase()}`, `%23${code}&data=05%7C01&reserved=0`,
			`?lang=de#${code}`]) {
			await one.page.goto("about:blank");
			await one.go(`/m/${made.id}${end}`);
			await one.stage("factor").catch(() => claim(false, `not taken from ${end}`));
			claim(!one.page.url().toUpperCase().includes(code), `the address keeps ${one.page.url()}`);
		}
	},

	"a second link in the same tab is taken too": async ({ site, visit }) => {
		const [first, second] = [await site.deposit(PLAIN), await site.deposit(PLAIN, { to: [TO, "carol@plain.test"] })];
		const one = await visit();
		await one.go(second.link[TO]);
		await one.stage("factor");
		await one.page.evaluate((code) => {
			location.hash = code;
		}, second.code["carol@plain.test"]);
		await one.page.waitForFunction(() => document.getElementById("fact-recipient").textContent ===
			"carol@plain.test");
		await one.open(first);
	},

	"a code that is typed is checked while it is, and finds its message": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const code = made.code[TO];
		const one = await visit();
		await one.go("/");
		const said = (words) => one.page.waitForFunction((text) =>
			document.getElementById("home-code-said").textContent.includes(text), words);
		await one.at("home-code").fill(code.slice(0, 6));
		await said("of 28 characters");
		await one.at("home-code").fill(code.slice(0, 6) + "?");
		await said("no code contains");
		await one.at("home-code").fill(`${CODE.slice(0, 9)}B${CODE.slice(10)}`);
		await said("typing mistake");
		equal(await one.at("home-code").getAttribute("aria-invalid"), "true");
		await one.picture("typed");
		await one.at("home-code").fill(group(code).toLowerCase());
		await said("is complete");
		await one.page.keyboard.press("Enter");
		await one.stage("factor");
		equal(one.page.url(), `${site.url}/m/${made.id}?lang=en`);
		await one.confirm(made);
		await one.stage("read");
	},

	"a link that lost its code asks for it": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.go(`/m/${made.id}#${made.code[TO].slice(0, 20)}`);
		await one.stage("code");
		equal((await one.at("code").inputValue()).replaceAll("-", ""), made.code[TO].slice(0, 20));
		await one.at("code").fill(made.url);
		await one.page.keyboard.press("Enter");
		await one.stage("factor");
	},

	"a wrong phrase burns nothing and is told kindly": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.go(made.url);
		await one.stage("factor");
		await one.confirm({ phrase: "kadim botan rilos fanit" });
		await one.page.waitForSelector("#factor-said.bad");
		claim((await one.text("factor-said")).includes("Nothing is lost"), await one.text("factor-said"));
		equal(await one.page.evaluate(() => document.activeElement.id), "phrase", "the focus");
		await one.picture("wrong");
		await one.at("phrase").fill(" " + made.phrase.toUpperCase().replaceAll(" ", "  "));
		await one.at("factor-go").click();
		await one.stage("read");
	},

	"guessing is slowed down, and the wait is shown": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit({ extraHTTPHeaders: { "X-Forwarded-For": "198.51.100.9" } });
		await one.go(made.url);
		await one.stage("factor");
		const slowed = () => one.page.locator("#factor-go:disabled").count();
		for (let tries = 0; tries < 12 && !await slowed(); tries++) {
			await one.confirm({ phrase: `wrong words number ${"abcdefghijkl"[tries]}` });
			await one.page.waitForSelector("#stage-factor:not([hidden]) #factor-said.bad");
		}
		claim(await slowed(), "never slowed");
		claim((await one.text("factor-said")).includes("try again in"), await one.text("factor-said"));
		await one.picture("slow");
	},

	"revoked and expired messages are said to be, to who has the code and to nobody else": async ({ site, visit }) => {
		for (const [verb, words] of [["revoke", "withdrawn"], ["expire", "is over"]]) {
			const made = await site.deposit(PLAIN);
			await site.ask(verb, { deposit: made.id });
			const one = await visit();
			await one.go(made.url);
			await refused(one, words);
			await one.picture(verb);
			const other = await visit();
			await other.go(`/m/${made.id}#${CODE}`);
			await refused(other, "No message can be opened");
		}
	},

	"unknown messages and wrong codes look alike": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const said = [];
		for (const address of [`/m/${made.id}#${CODE}`, `/m/${NOWHERE}#${CODE}`]) {
			const one = await visit({ extraHTTPHeaders: { "X-Forwarded-For": `203.0.113.${said.length}` } });
			await one.go(address);
			await one.stage("stop");
			said.push((await one.page.locator("main").innerText()).replace(/[0-9a-f]{32}/g, ""));
		}
		equal(said[0], said[1]);
	},

	"several recipients of one message each have their own way to it": async ({ site, visit }) => {
		const to = [TO, "carol@plain.test", "dave@plain.test"];
		const made = await site.deposit(PLAIN, { to });
		for (const address of to) {
			const one = await visit();
			await one.go(made.link[address]);
			await one.stage("factor");
			equal(await one.text("fact-recipient"), address);
			await one.confirm(made);
			await one.stage("read");
			equal(await one.text("check-digest"), made.digest[address]);
		}
	},

	"a second client is reported to the sender": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		for (const [from, userAgent] of [["192.0.2.7", "First/1"], ["198.51.100.7", "Second/2"]]) {
			const one = await visit({ userAgent, extraHTTPHeaders: { "X-Forwarded-For": from } });
			await one.open(made);
			await one.receipted();
		}
		const events = (await site.ask("events", { deposit: made.id })).map((record) => record.event);
		claim(events.includes("alert"), `the audit has ${events}`);
	},

	"a code of eight digits, sent to a number of the directory, opens a message": async ({ site, visit }) => {
		const to = ["carol@plain.test"];
		const made = await site.deposit(PLAIN, { factor: "code", to });
		const one = await visit();
		await one.go(made.link[to[0]]);
		await one.stage("factor");
		equal(await one.at("ask-phrase").isVisible(), false, "the phrase, asked for,");
		await one.at("pin").fill("12345678");
		await one.at("pin-send").click();
		await one.page.waitForFunction(() => document.getElementById("pin-sent").textContent.includes("was sent to"));
		claim((await one.text("pin-sent")).includes("42"), await one.text("pin-sent"));
		claim(!(await one.text("pin-sent")).includes("123454"), "the whole number is shown");
		await one.picture("code");
		const code = await site.ask("sent_code");
		await one.at("pin").fill(code === "12345678" ? "87654321" : "12345678");
		await one.at("factor-go").click();
		await one.page.waitForSelector("#stage-factor:not([hidden]) #factor-said.bad");
		claim((await one.text("factor-said")).includes("not the right number"), await one.text("factor-said"));
		await one.at("pin").fill(`${code.slice(0, 4)} ${code.slice(4)}`);
		await one.at("factor-go").click();
		await one.stage("read");
		claim((await one.text("check-factor")).includes("rests on the organisation"), await one.text("check-factor"));
	},

	"a scanner that follows and clicks everything opens nothing and counts for nothing": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN, { factor: "link" });
		const scanner = await visit({ userAgent: "LinkScanner/1.0" });
		await scanner.go(made.url);
		await scanner.stage("factor");
		for (const element of await scanner.page.locator("main button:visible, main input:visible").all()) {
			await element.click({ timeout: 1000 }).catch(() => {});
			await scanner.page.keyboard.press("Enter");
		}
		await scanner.page.waitForTimeout(300);
		await scanner.stage("factor");
		const events = (await site.ask("events", { deposit: made.id })).map((record) => record.event);
		claim(!events.some((event) => ["factored", "sent", "acknowledged"].includes(event)), `${events}`);
		const one = await visit();
		await one.open(made, { factor: "link" });
		await one.receipted();
		claim((await one.text("check-factor")).includes("None that is independent"), await one.text("check-factor"));
	},

	"a slow and breaking network: progress is shown, and the rest comes from where it stopped": async ({ site, visit }) => {
		const made = await site.deposit(withAttachment(randomBytes(1200000)), { factor: "link" });
		const one = await visit();
		await one.go(made.url);
		await one.stage("factor");
		const rate = await one.network();
		await rate(400000);
		await one.confirm(made, "link");
		await one.page.waitForFunction(() => document.getElementById("open-bar").value > 0.15);
		await one.picture("slow-network");
		site.wire.cut();
		await one.page.waitForFunction(() => document.getElementById("said").textContent.includes("connection broke"));
		await rate(-1);
		await one.stage("read");
		const asked = one.requests.filter((request) => request.url().endsWith("/blob"))
			.map((request) => request.postDataJSON().from);
		claim(asked.length > 1 && asked[asked.length - 1] > 0, `the blob was asked from ${asked}`);
		claim((await one.saved(one.at("keep-original"))).bytes.equals(made.original), "not the original");
	},

	"who cancels has opened nothing and may try again": async ({ site, visit }) => {
		const made = await site.deposit(withAttachment(randomBytes(1200000)), { factor: "link" });
		const one = await visit();
		await one.go(made.url);
		await one.stage("factor");
		const rate = await one.network();
		await rate(100000);
		await one.confirm(made, "link");
		await one.stage("open");
		await one.at("open-cancel").click();
		await one.stage("factor");
		claim((await one.text("factor-said")).includes("Cancelled"), await one.text("factor-said"));
		await rate(-1);
		await one.confirm(made, "link");
		await one.stage("read");
	},

	"a message with a file of 50 MB opens without being held in memory": async ({ site, visit }) => {
		const made = await site.deposit(withAttachment(randomBytes(37 << 20)), { factor: "link" });
		claim(made.size > 50e6, `${made.size} bytes`);
		const one = await visit();
		await one.open(made, { factor: "link" });
		const cdp = await one.context.newCDPSession(one.page);
		await cdp.send("HeapProfiler.collectGarbage");
		const { usedSize, backingStorageSize } = await cdp.send("Runtime.getHeapUsage");
		claim(usedSize + (backingStorageSize ?? 0) < 30e6, `${usedSize} + ${backingStorageSize} bytes`);
		claim((await one.saved(one.at("keep-original"))).bytes.equals(made.original), "not the original");
		const file = await one.saved(one.page.locator("#letter-files button"));
		equal(file.name, "big.bin");
		equal(file.bytes.length, 37 << 20);
	},

	"after leaving, neither the back button nor a cache has anything": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.open(made);
		await one.go("/about");
		await one.page.goBack();
		const left = async () => (await one.page.content()) + JSON.stringify(await one.page.evaluate(async () =>
			[await caches.keys(), [...document.querySelectorAll("input, textarea")].map((field) => field.value)]));
		for (const word of ["rhubarb", "Quarterly", made.phrase, made.code[TO], made.digest[TO]])
			claim(!(await left()).includes(word), `"${word}" is still there`);
		equal(await one.page.locator("#stage-read:not([hidden])").count(), 0);
		for (const request of one.requests.filter((request) => !request.url().includes("/static/"))) {
			const headers = (await request.response())?.headers() ?? {};
			claim(/no-store/.test(headers["cache-control"] ?? "no-store"), `${request.url()} may be cached`);
		}
	},

	"a page that the browser keeps for going back is empty": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.open(made);
		await one.at("reply-text").fill("not yet sent");
		await one.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
		await one.stage("closed");
		const left = await one.page.content() + await one.at("reply-text").inputValue();
		for (const word of ["rhubarb", "Quarterly", made.digest[TO], "jane@our.test", "not yet sent"])
			claim(!left.includes(word), `"${word}" is still there`);
	},

	"closing forgets the message": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.open(made);
		await one.at("close").click();
		await one.stage("closed");
		claim(!(await one.page.content()).includes("rhubarb"), "the text is still there");
		await one.picture("closed");
	},

	"a reply with a file goes to the sender": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN, { factor: "link" });
		const one = await visit();
		await one.open(made, { factor: "link" });
		await one.at("reply-send").click();
		claim((await one.text("reply-said")).includes("write something"), await one.text("reply-said"));
		await one.at("reply-text").fill("Thank you, celery.\n\u0634\u0643\u0631\u0627");
		await one.at("reply-files").setInputFiles({ name: "answer.txt", mimeType: "text/plain",
							    buffer: Buffer.from("leek") });
		equal(await one.page.locator("#reply-list li").count(), 1);
		await one.picture("reply");
		await one.at("reply-send").click();
		await one.page.waitForSelector("#reply-said.good");
		equal(await one.at("reply-text").inputValue(), "");
		claim((await site.ask("mail", { has: "celery" })).includes("\u0634\u0643\u0631\u0627"), "the reply was changed");
	},
};
