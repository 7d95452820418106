// Without scripts, for the sender, and when the portal is away.
import { TO, claim, equal } from "../lab.js";
import { PLAIN, RICH } from "./messages.js";

const PLAINLY = { javaScriptEnabled: false };

function alert(one) {
	return one.page.locator("p.alert[role]").innerText();
}

async function openPlainly(one, made, phrase = made.phrase) {
	await one.at("plain-code").fill(made.code[TO]);
	await one.at("plain-phrase").fill(phrase);
	await one.at("plain-confirm").check();
	await one.page.locator("#plain button").click();
}

export default {
	"without JavaScript the server decrypts, and page and audit say so": async ({ site, visit }) => {
		const made = await site.deposit(RICH);
		const one = await visit(PLAINLY);
		await one.go(made.url);
		claim((await one.at("plain").innerText()).includes("The server can decrypt it"), "nobody says who decrypts");
		await one.picture("plain");
		await openPlainly(one, made);
		const page = one.page.locator("main");
		claim((await page.innerText()).includes("The server decrypted this message"), await page.innerText());
		claim((await page.innerText()).includes("Dear reader, in plain words. <script>"), await page.innerText());
		claim((await page.innerText()).includes(made.digest[TO]), "no digest");
		equal(await page.locator("h2").first().textContent(), "<img src=x onerror=alert(1)> txt.exe", "the subject");
		equal(await one.page.locator(".languages").count(), 0, "links that ask for the answer again");
		await one.picture("plain-open");
		const saved = await one.saved(page.locator("form:has(input[value=original]) button"));
		claim(saved.bytes.equals(made.original), "not the original");
		const proof = await one.saved(page.locator("form:has(input[value=proof]) button"));
		const checked = await site.ask("verify", { original: saved.bytes.toString("base64"),
							   proof: proof.bytes.toString("base64") });
		equal(checked.status, 0, `postern deposit verify (${checked.said})`);
		const modes = (await site.ask("events", { deposit: made.id })).map((record) => record.mode);
		claim(modes.includes("server"), `modes in the audit: ${modes}`);
	},

	"without JavaScript: what is missing or wrong is said, and can be mended": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit(PLAINLY);
		await one.go(made.url);
		await openPlainly(one, made, "kadim botan rilos fanit");
		claim((await alert(one)).includes("Nothing is lost"), await alert(one));
		await one.picture("plain-wrong");
		await one.at("plain-phrase").fill(made.phrase);
		if (await one.at("plain-code").count())
			await one.at("plain-code").fill(made.code[TO]);
		await one.at("plain-confirm").check();
		await one.page.locator("#plain button").click();
		claim((await one.page.locator("main").innerText()).includes("rhubarb"), "not opened");
	},

	"without JavaScript: a mangled link brings its code, a typed code finds its message": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit(PLAINLY);
		await one.go(`/m/${made.id}%23${made.code[TO]}`);
		equal((await one.at("plain-code").inputValue()).replaceAll("-", ""), made.code[TO]);
		await one.go("/");
		await one.at("home-code").fill(made.code[TO].toLowerCase());
		await one.page.locator("#home button").click();
		await one.at("plain-phrase").fill(made.phrase);
		await one.at("plain-confirm").check();
		await one.page.locator("#plain button").click();
		claim((await one.page.locator("main").innerText()).includes("rhubarb"), "not opened");
	},

	"without JavaScript: a code of eight digits is sent and asked for": async ({ site, visit }) => {
		const to = ["carol@plain.test"];
		const made = await site.deposit(PLAIN, { factor: "code", to });
		const one = await visit({ ...PLAINLY, locale: "de" });
		await one.go(made.link[to[0]]);
		await one.at("plain-code").fill(made.code[to[0]]);
		await one.at("plain-confirm").check();
		await one.page.locator("#plain button").click();
		claim((await alert(one)).includes("42"), await alert(one));
		await one.picture("plain-code");
		await one.at("plain-pin").fill(await site.ask("sent_code"));
		await one.at("plain-confirm").check();
		await one.page.locator("#plain button").click();
		claim((await one.page.locator("main").innerText()).includes("rhubarb"), "not opened");
		equal(await one.page.getAttribute("html", "lang"), "de", "the language");
	},

	"where parts of the page are blocked, the form for the server stays": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.page.route("**/static/keys-*.js", (route) => route.abort());
		await one.go(made.url);
		await one.page.waitForSelector("#plain-old:not([hidden])");
		equal(await one.at("plain-code").inputValue(), made.code[TO]);
		await one.at("plain-phrase").fill(made.phrase);
		await one.at("plain-confirm").check();
		await one.page.locator("#plain button").click();
		await one.page.getByText("rhubarb").waitFor();
	},

	"an old browser is told so": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.page.addInitScript(() => {
			delete window.ReadableStream;
		});
		await one.go(made.url);
		await one.page.waitForSelector("#plain-old:not([hidden])");
		await one.picture("old");
	},

	"the sender sees the state, keeps it longer and withdraws it, with a number to type": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN, { factor: "link" });
		const one = await visit();
		await one.go(made.handle);
		const page = () => one.page.locator("main").innerText();
		claim((await page()).includes("not opened yet"), await page());
		equal(await one.findings(), "", "what axe finds");
		await one.picture("sender");
		const act = async (action, number) => {
			await one.at(`${action}-number`).fill(number);
			await one.page.locator(`form:has(#${action}-number) button`).click();
		};
		claim(!(await one.page.content()).includes(made.number), "the page shows the number");
		await act("revoke", made.number === "123456" ? "654321" : "123456");
		claim((await page()).includes("Nothing was changed"), await page());
		await act("extend", made.number);
		claim((await page()).includes("kept longer"), await page());
		await act("revoke", made.number);
		claim((await page()).includes("is withdrawn"), await page());
		const other = await visit();
		await other.go(made.url);
		await other.stage("stop");
		claim((await other.text("stop-text")).includes("withdrawn"), await other.text("stop-text"));
	},

	"a portal that is away is told kindly, and asked again": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.go(made.url);
		await one.stage("factor");
		await site.ask("portal", { run: false });
		await one.confirm(made);
		await one.stage("stop");
		claim(/Nothing is lost/.test(await one.text("stop-text")), await one.text("stop-text"));
		await one.picture("away");
		await site.ask("portal", { run: true });
		await one.at("stop-again").click();
		await one.stage("factor");
		await one.confirm(made);
		await one.stage("read");
	},
};
