// What the cases share: a real browser, a site, visits, and what a case may claim.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { request as send } from "node:https";
import { connect, createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
// npm's modules lie outside of the sources: ./dev puts them there.
const modules = resolve(process.env.POSTERN_BROWSER ?? join(here, "../../build-browser"));
const require = createRequire(modules + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const TO = "bob@plain.test";
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
	"--disable-background-networking", "--disable-component-update", "--mute-audio"];

export function claim(truth, text) {
	if (!truth)
		throw new Error(text);
}

export function equal(got, want, what = "it") {
	claim(got === want, `${what} is ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
}

// The wire between browser and portal, so that it can break.
class Wire {
	#server;
	#open = new Set();

	async start(to) {
		this.#server = createServer((near) => {
			const far = connect(to, "127.0.0.1");
			const both = [near, far];
			this.#open.add(near);
			for (const [one, other] of [both, [far, near]]) {
				one.on("error", () => other.destroy());
				one.on("close", () => other.destroy());
				one.pipe(other);
			}
			near.on("close", () => this.#open.delete(near));
		});
		await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
		this.port = this.#server.address().port;
		return this;
	}

	cut() {
		for (const one of this.#open)
			one.resetAndDestroy();
	}

	stop() {
		this.cut();
		this.#server.close();
	}
}

export class Site {
	#process;
	#lines;

	async start(build) {
		this.#process = spawn("/usr/bin/python3", [join(here, "site.py"), build],
			{ stdio: ["pipe", "pipe", "inherit"] });
		this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
		const first = await this.#lines.next();
		claim(!first.done, "the site did not start");
		const { port, url } = JSON.parse(first.value);
		this.url = url;
		this.wire = await new Wire().start(port);
		return this;
	}

	// One question after the other: the answers come in their order.
	#last = Promise.resolve();
	ask(name, values = {}) {
		this.#last = this.#last.catch(() => {}).then(async () => {
			this.#process.stdin.write(JSON.stringify({ do: name, ...values }) + "\n");
			const line = await this.#lines.next();
			claim(!line.done, `the site ended at ${name}`);
			const answer = JSON.parse(line.value);
			claim(!answer?.failed, answer?.failed);
			return answer;
		});
		return this.#last;
	}

	async deposit(original, { factor = "phrase", to = [TO] } = {}) {
		const bytes = Buffer.from(original.replace(/\r?\n/g, "\r\n"), "latin1");
		const made = await this.ask("deposit", { to, factor, original: bytes.toString("base64") });
		made.original = readFileSync(made.original);
		made.url = made.link[to[0]];
		return made;
	}

	// Does the browser's request in its place: { status, contentType, body }.
	pass(request) {
		return new Promise((resolve, reject) => {
			const there = new URL(request.url());
			const sent = send({ host: "127.0.0.1", port: this.wire.port, servername: there.hostname,
				path: there.pathname, method: request.method(), rejectUnauthorized: false,
				headers: { ...request.headers(), host: there.hostname } }, (response) => {
				const pieces = [];
				response.on("data", (piece) => pieces.push(piece));
				response.on("end", () => resolve({ status: response.statusCode,
					contentType: response.headers["content-type"], body: Buffer.concat(pieces) }));
				response.on("error", reject);
			});
			sent.on("error", reject);
			sent.end(request.postDataBuffer());
		});
	}

	async stop() {
		this.wire.stop();
		this.#process.stdin.end();
		await new Promise((resolve) => this.#process.once("exit", resolve));
	}
}

export async function startBrowser(site) {
	return chromium.launch({ executablePath: "/usr/bin/chromium",
		args: [...QUIET, `--host-resolver-rules=MAP secure.our.test 127.0.0.1:${site.wire.port}, MAP * ~NOTFOUND`] });
}

const SHOWN = (stage) => `#stage-${stage}:not([hidden])`;

// One person with one browser of their own.
export class Visit {
	constructor(lab, options = {}) {
		this.site = lab.site;
		this.lab = lab;
		this.options = { ignoreHTTPSErrors: true, viewport: { width: 1100, height: 900 }, locale: "en",
				 acceptDownloads: true, ...options };
		this.requests = [];
		this.errors = [];
	}

	async begin() {
		this.context = await this.lab.browser.newContext(this.options);
		this.page = await this.context.newPage();
		this.page.setDefaultTimeout(30000);
		this.page.on("request", (request) => this.requests.push(request));
		this.page.on("pageerror", (error) => this.errors.push(error.message));
		return this;
	}

	async end() {
		await this.context.close();
		equal(this.errors.join("; "), "", "what scripts threw");
	}

	at(id) {
		return this.page.locator(`#${id}`);
	}

	async text(id) {
		return (await this.at(id).textContent()).replace(/[\u2068\u2069]/gu, "");
	}

	stage(name) {
		return this.page.waitForSelector(SHOWN(name));
	}

	go(address) {
		return this.page.goto(address.startsWith("https:") ? address : this.site.url + address);
	}

	// Up to the open message.
	async open(made, { address = made.url, factor = "phrase" } = {}) {
		await this.go(address);
		await this.stage("factor");
		await this.confirm(made, factor);
		await this.stage("read");
	}

	async confirm(made, factor = "phrase") {
		if (factor === "phrase")
			await this.at("phrase").fill(made.phrase);
		else
			await this.at("number").fill(await this.text("number-shown"));
		await this.at("factor-go").click();
	}

	async saved(button) {
		const [download] = await Promise.all([this.page.waitForEvent("download"), button.click()]);
		return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
	}

	// rate(bytes a second) makes the network slow; -1: as fast as it is.
	async network() {
		const cdp = await this.context.newCDPSession(this.page);
		await cdp.send("Network.enable");
		return (downloadThroughput) => cdp.send("Network.emulateNetworkConditions",
			{ offline: false, latency: 20, downloadThroughput, uploadThroughput: -1 });
	}

	receipted() {
		return this.page.waitForSelector("#keep-proof:enabled");
	}

	// axe-core's findings by WCAG 2.2 A and AA, in words. The frame without scripts cannot be
	// asked; what is put into it has tests of its own.
	async findings() {
		await this.page.evaluate(axe);
		return this.page.evaluate(async () => {
			const result = await axe.run({ exclude: [["iframe"]] }, { iframes: false, runOnly: ["wcag2a",
				"wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
			return result.violations.map((one) => `${one.id}: ${one.nodes.map((node) =>
				node.target.join(" ")).join(", ")}`).join("; ");
		});
	}

	// For people to look at; kept nowhere unless asked for.
	async picture(name) {
		const folder = process.env.POSTERN_PICTURES;
		if (folder)
			await this.page.screenshot({ path: join(folder, name + ".png"), fullPage: true });
	}
}
