// What a hostile message, a hostile server and a hostile network cannot do.
import { TO, claim, equal } from "../lab.js";
import { PLAIN, RICH, withAttachment } from "./messages.js";

// HTML, and what is left of it.
const TABLE = [
	["text", "a &lt;b&gt; c", "a &lt;b&gt; c"],
	["plain markup", "<p>a <b>b</b> <i>c</i></p>", "<p>a <b>b</b> <i>c</i></p>"],
	["a script", "a<script>x()</script>b", "ab"],
	["a script in another case", "<ScRiPt src=//evil.test></sCrIpT >b", "b"],
	["an event handler", "<p onclick=x() ONLOAD=y()>a</p>", "<p>a</p>"],
	["a picture that fails", "<img src=x onerror=x()>", ""],
	["a picture from elsewhere", "<img src=https://evil.test/p.gif alt=logo>", "<span>[logo]</span>"],
	["a picture from elsewhere, without a scheme", "<img src=//evil.test/p.gif>", ""],
	["pictures for several sizes", "<img srcset='//evil.test/a 2x' alt=a>", "<span>[a]</span>"],
	["a picture of the message", "<img src=cid:one alt=a>",
		"<img alt=\"a\" src=\"data:image/png;base64,QQ==\" style=\"max-width: 100%; height: auto;\">"],
	["a picture in the page", "<img src='data:image/gif;base64,QQ=='>",
		"<img alt=\"\" src=\"data:image/gif;base64,QQ==\" style=\"max-width: 100%; height: auto;\">"],
	["a drawing in the page", "<img src='data:image/svg+xml;base64,QQ=='>", ""],
	["a page as a picture", "<img src='data:text/html,<script>x()</script>'>", ""],
	["a link", "<a href=https://good.test/>a</a>", "<a href=\"https://good.test/\" title=\"https://good.test/\" " +
		"target=\"_blank\" rel=\"noopener noreferrer nofollow\" referrerpolicy=\"no-referrer\">a</a>"],
	["javascript:", "<a href=javascript:x()>a</a>", "<a>a</a>"],
	["javascript: with blanks and tabs", "<a href=' java\tscr\nipt:x()'>a</a>", "<a>a</a>"],
	["javascript: with entities", "<a href='&#106;avascript&colon;x()'>a</a>", "<a>a</a>"],
	["vbscript:", "<a href=vbscript:x()>a</a>", "<a>a</a>"],
	["a page in a link", "<a href='data:text/html,<script>x()</script>'>a</a>", "<a>a</a>"],
	["a relative link", "<a href=/m/x>a</a>", "<a>a</a>"],
	["a link that opens itself", "<a href=https://good.test target=_top ping=//evil.test>a</a>", /target="_blank"/],
	["a base address", "<base href=//evil.test>a", "a"],
	["a refresh", "<meta http-equiv=refresh content='0;url=//evil.test'>a", "a"],
	["a style sheet", "<style>@import '//evil.test'</style><link rel=stylesheet href=//evil.test>a", "a"],
	["styles that stay", "<p style='color: red; font-size: 12px'>a</p>", "<p style=\"color: red; font-size: 12px;\">a</p>"],
	["styles that leave their place", "<p style='position: fixed; z-index: 9; transform: scale(9); opacity: 0'>a</p>", "<p>a</p>"],
	["styles that load", "<p style='background: url(//evil.test); list-style: url(//evil.test)'>a</p>", /^<p[^>]*>a<\/p>$/],
	["styles that load, escaped", "<p style='background-color: \\75 rl(//evil.test)'>a</p>", "<p>a</p>"],
	["styles with variables", "<p style='--x: url(//evil.test); color: var(--x)'>a</p>", "<p>a</p>"],
	["a margin that covers", "<p style='margin-top: -500px'>a</p>", "<p>a</p>"],
	["a background", "<table background=//evil.test><tr><td background=//evil.test>a</table>", /^<table><tbody><tr><td>a<\/td>/],
	["a drawing", "<svg onload=x()><script>x()</script><a href=javascript:x()>a</a></svg>b", "b"],
	["a formula", "<math><mtext><style><img src=x onerror=x()></style></mtext></math>b", "b"],
	["a frame", "<iframe srcdoc='<script>x()</script>'></iframe><frameset><frame src=//evil.test></frameset>b", "b"],
	["an object", "<object data=//evil.test><embed src=//evil.test></object>b", "b"],
	["a form", "<form action=//evil.test><input name=p><button>Log in</button>a</form>", "a"],
	["a form that hides its children", "<form><input name=childNodes><input name=localName>a<b>b</b></form>c", "a<b>b</b>c"],
	["a form that hides its kind", "<form><input name=nodeType><input name=namespaceURI>a</form>c", "c"],
	["names that stand in for ours", "<p id=heading name=body>a</p><img name=body alt=x>", "<p>a</p><span>[x]</span>"],
	["a class", "<p class=alert>a</p>", "<p>a</p>"],
	["a template", "<template><img src=x onerror=x()></template>b", "b"],
	["markup without scripts", "<noscript><p title='</noscript><img src=x onerror=x()>'></noscript>b", /^(?!.*onerror=x\(\)>)/],
	["a comment", "a<!-- <img src=x onerror=x()> -->b", "ab"],
	["a text area", "<textarea><img src=x onerror=x()></textarea>b", "b"],
	["an end of a title", "<title><img title='</title><img src=x onerror=x()>'></title>b", /b$/],
	["a dialogue and a slot", "<dialog open>a</dialog><slot>b</slot>c", "c"],
	["an element that nobody knows", "<x-y onclick=x()>a<b>b</b></x-y>", "a<b>b</b>"],
	["old markup", "<center><font color=red size=2 face=Arial>a</font></center>",
		"<center><font color=\"red\" size=\"2\" face=\"Arial\">a</font></center>"],
	["a table", "<table border=1 width=100%><tr><td colspan=2 align=center>a</td></tr></table>",
		"<table border=\"1\" width=\"100%\"><tbody><tr><td colspan=\"2\" align=\"center\">a</td></tr></tbody></table>"],
	["a table wider than the world", "<table width=99999999><tr><td colspan=9999>a", "<table><tbody><tr><td>a</td></tr></tbody></table>"],
	["a line of text that ends it all", "<plaintext>a<script>x()</script>", ""],
];

// Changes what the portal answers on its way to the browser.
function meddle(one, path, change) {
	return one.page.route("**" + path, async (route) => {
		const answer = await one.site.pass(route.request());
		await route.fulfill({ ...answer, body: change(answer.body) });
	});
}

async function notShown(site, visit, path, change, original = PLAIN) {
	const made = await site.deposit(original, { factor: "link" });
	const one = await visit();
	await meddle(one, path, change);
	await one.go(made.url);
	await one.stage("factor");
	await one.confirm(made, "link");
	await one.stage("stop");
	claim((await one.text("stop-text")).includes("not what was sealed"), await one.text("stop-text"));
	claim(!(await one.page.content()).includes("rhubarb"), "something of it is shown");
	const events = (await site.ask("events", { deposit: made.id })).map((record) => record.event);
	claim(!events.includes("acknowledged"), "it was acknowledged");
	return one;
}

function changed(name, value) {
	return (body) => JSON.stringify({ ...JSON.parse(body), [name]: value });
}

export default {
	"HTML: what is harmful is not built, what is harmless stays": async ({ visit }) => {
		const one = await visit();
		await one.go("/m/" + "0".repeat(32));
		const results = await one.page.evaluate(async (table) => {
			const address = document.querySelector("link[href*='/safe-']").href;
			const { buildSafe } = await import(address);
			const frame = document.createElement("iframe");
			frame.setAttribute("sandbox", "allow-same-origin");
			document.body.append(frame);
			return table.map((html) => {
				const body = frame.contentDocument.createElement("div");
				frame.contentDocument.body.append(body);
				buildSafe(html, body, { picture: (id) => id === "one" ? "data:image/png;base64,QQ==" : null,
							missing: (alt) => `[${alt}]` });
				return body.innerHTML;
			});
		}, TABLE.map(([, html]) => html));
		TABLE.forEach(([name, , want], i) => {
			if (want instanceof RegExp)
				claim(want.test(results[i]), `${name}: ${results[i]}`);
			else
				equal(results[i], want, name);
			claim(!/<script|onerror=|onload=|javascript:/i.test(results[i].replace(/title="[^"]*"/g, "")),
				`${name}: ${results[i]}`);
		});
	},

	"HTML: depth and size have bounds": async ({ visit }) => {
		const one = await visit();
		await one.go("/m/" + "0".repeat(32));
		const cut = await one.page.evaluate(async () => {
			const { buildSafe } = await import(document.querySelector("link[href*='/safe-']").href);
			return ["<div>".repeat(5000) + "a", "<br>".repeat(100000)].map((html) =>
				buildSafe(html, document.createElement("div"), { picture: () => null, missing: () => "" }).cut);
		});
		equal(cut.join(), "true,true");
	},

	"a hostile message is shown without doing anything": async ({ site, visit }) => {
		const made = await site.deposit(RICH, { factor: "link" });
		const one = await visit();
		await one.open(made, { factor: "link" });
		claim((await one.text("letter-text")).includes("<script>top.pwned = 8</script>"), "text is text");
		await one.at("letter-as-html").click();
		const frame = one.page.frameLocator("#letter-html iframe");
		await frame.getByText("Dear reader").waitFor();
		await one.picture("html");
		equal(await one.at("letter-html").locator("iframe").getAttribute("sandbox"),
			"allow-same-origin allow-popups allow-popups-to-escape-sandbox");
		const inside = await one.page.evaluate(() => {
			const inner = document.querySelector("#letter-html iframe").contentDocument;
			return { all: [...new Set([...inner.querySelectorAll("body *")].map((e) => e.localName))].sort().join(),
				 links: [...inner.querySelectorAll("a[href]")].map((a) => a.href).join(),
				 pictures: [...inner.images].map((i) => `${i.src.slice(0, 15)} ${i.naturalWidth}`).join(),
				 pwned: window.pwned, title: document.title, heading: document.getElementById("heading").localName };
		});
		equal(inside.all, "a,div,img,p,span", "the elements");
		equal(inside.links, "https://good.test/page", "the links");
		equal(inside.pictures, "data:image/png; 2", "the pictures");
		equal(inside.pwned, undefined, "what a script wrote");
		equal(inside.heading, "h1");
		claim((await one.text("letter-blocked")).includes("not loaded"), "nobody says what was not loaded");
		const elsewhere = one.requests.map((request) => request.url())
			.filter((url) => !url.startsWith(site.url) && !/^(data|blob|about):/.test(url));
		equal(elsewhere.join(), "", "requests to others");
	},

	"the head of a message is text that leads nowhere and turns nothing around": async ({ site, visit }) => {
		const made = await site.deposit(RICH, { factor: "link" });
		const one = await visit();
		await one.open(made, { factor: "link" });
		const subject = await one.at("letter-subject").textContent();
		equal(subject, "<img src=x onerror=alert(1)> txt.exe", "the subject");
		claim((await one.text("letter-head")).includes("\"J\u00e4ne <b>\" <jane@our.test>"), await one.text("letter-head"));
		equal(await one.page.locator("#letter-head a, #letter-subject a, #letter-head img").count(), 0, "links in the head");
	},

	"attachments are saved under names that lead nowhere": async ({ site, visit }) => {
		const made = await site.deposit(RICH, { factor: "link" });
		const one = await visit();
		await one.open(made, { factor: "link" });
		const buttons = await one.page.locator("#letter-files button").all();
		equal(buttons.length, 2, "the number of attachments");
		const names = [];
		for (const button of buttons)
			names.push((await one.saved(button)).name);
		equal(names.join(), "page.html,invoice fdp.exe", "the names");
		equal(one.page.url(), `${site.url}/m/${made.id}`, "the page");
	},

	"a flipped bit in the blob: nothing is shown": ({ site, visit }) => notShown(site, visit, "/blob", (body) => {
		body[5000] ^= 1;
		return body;
	}),

	"records cut off, or in another order: nothing is shown": async ({ site, visit }) => {
		const long = withAttachment(Buffer.alloc(150000, "rhubarb"));
		const sealed = 65536 + 16;
		await notShown(site, visit, "/blob", (body) => Buffer.concat([body.subarray(0, 12),
			body.subarray(12 + sealed, 12 + 2 * sealed), body.subarray(12, 12 + sealed),
			body.subarray(12 + 2 * sealed)]), long);
		await notShown(site, visit, "/blob", (body) => Buffer.concat([body.subarray(0, body.length - sealed),
			Buffer.alloc(sealed)]), long);
	},

	"another commitment, key, half or digest: nothing is shown": async ({ site, visit }) => {
		for (const [name, bytes] of [["commitment", 32], ["wrapped_dek", 60], ["server", 32], ["digest", 32]])
			await notShown(site, visit, "/factor", changed(name, "ab".repeat(bytes)));
	},

	"a portal that answers nonsense shows nothing and breaks nothing": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN, { factor: "link" });
		for (const [path, body, words] of [["/prove", "<html>", "cannot answer"], ["/prove", "{}", "mailbox"]]) {
			const one = await visit();
			await meddle(one, path, () => body);
			await one.go(made.url);
			await one.page.waitForSelector("#stage-stop:not([hidden])");
			claim((await one.text("stop-text")).includes(words), await one.text("stop-text"));
		}
	},

	"pages allow no script, frame or connection but their own": async ({ site, visit }) => {
		const one = await visit();
		const answer = await one.go("/");
		const policy = answer.headers()["content-security-policy"] ?? "";
		for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
			"base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'", "require-trusted-types-for 'script'"])
			claim(policy.includes(part), `${part} is not in ${policy}`);
		const ran = await one.page.evaluate(async () => {
			const script = document.createElement("script");
			let refused = "";
			try {
				script.textContent = "window.ran = true";
			} catch (failure) {
				refused = failure.name;
			}
			document.body.append(script);
			const elsewhere = await fetch("https://evil.test/").then(() => "fetched", () => "refused");
			return [window.ran, refused, elsewhere].join();
		});
		equal(ran, ",TypeError,refused");
		claim(!answer.headers()["set-cookie"], "a cookie was set");
	},

	"the code and the phrase are in no request but the first": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.open(made);
		await one.receipted();
		for (const request of one.requests) {
			const sent = `${request.url()} ${request.postData() ?? ""} ${JSON.stringify(request.headers())}`;
			for (const secret of [made.code[TO], made.phrase])
				claim(!sent.includes(secret) || request.url().startsWith(`${site.url}/m/${made.id}#`),
					`a secret is in ${request.method()} ${request.url()}`);
		}
	},
};
