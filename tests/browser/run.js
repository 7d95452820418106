// run.js BUILD [WORD…]: the portal in a real browser; prints TAP. Words choose cases whose names
// have one of them. POSTERN_PICTURES=FOLDER keeps pictures there.
import { Site, Visit, startBrowser } from "./lab.js";
import * as pickup from "./cases/pickup.js";
import * as safety from "./cases/safety.js";
import * as reach from "./cases/reach.js";
import * as other from "./cases/other.js";

const CASE_MS = 180000; // beside a compiler
const LANES = 2;
// What breaks the site for others, or measures, has it for itself.
const ALONE = /breaking network|is away|50 MB/;
const [build, ...words] = process.argv.slice(2);
const cases = [pickup, reach, safety, other].flatMap((module) => Object.entries(module.default))
	.filter(([name]) => words.length === 0 || words.some((word) => name.includes(word)));

function within(ms, promise) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`not done within ${ms / 1000} s`)), ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// visit(): a new person with a browser of their own, who goes when the case is over.
async function play(lab, run) {
	const visits = [];
	const visit = async (options) => {
		const one = await new Visit(lab, options).begin();
		visits.push(one);
		return one;
	};
	try {
		await within(CASE_MS, run({ site: lab.site, visit }));
	} finally {
		for (const one of visits)
			await one.end();
	}
}

const site = await new Site().start(build);
const lab = { site, browser: await startBrowser(site) };
let failed = 0;
let count = 0;

// Whoever ends this run ends what it started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
	process.once(signal, async () => {
		process.stdout.on("error", () => {});
		await lab.browser.close();
		await site.stop();
		process.exit(130);
	});

async function report([name, run]) {
	const began = Date.now();
	try {
		await play(lab, run);
		console.log(`ok ${++count} ${name}`);
	} catch (failure) {
		failed++;
		console.log(String(failure.stack ?? failure).replace(/^/gm, "# "));
		console.log(`not ok ${++count} ${name}`);
	}
	if (process.env.POSTERN_TIMES)
		console.log(`# ${Date.now() - began} ms`);
}

async function lane(waiting) {
	for (let next; (next = waiting.shift());)
		await report(next);
}

const together = cases.filter(([name]) => !ALONE.test(name));
await Promise.all(Array.from({ length: LANES }, () => lane(together)));
await lane(cases.filter(([name]) => ALONE.test(name)));
console.log(`1..${count}`);
await lab.browser.close();
await site.stop();
process.exitCode = failed > 0 ? 1 : 0;
