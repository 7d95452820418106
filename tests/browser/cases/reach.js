// The pages for everybody: small screens, keyboards, screen readers, other scripts and colours.
import { claim, equal } from "../lab.js";
import { ARABIC, PLAIN, RICH } from "./messages.js";

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const LANGUAGES = { en: "Open the message", de: "Nachricht \u00f6ffnen", fr: "Ouvrir le message",
		    ar: "\u0641\u062a\u062d \u0627\u0644\u0631\u0633\u0627\u0644\u0629" };

async function fits(one, what) {
	const [wide, room] = await one.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
	claim(wide <= room, `${what} is ${wide} wide, with room for ${room}`);
}

async function wellFormed(one, what) {
	equal(await one.findings(), "", `what axe finds on ${what}`);
}

function luminance(color) {
	const [r, g, b] = color.match(/\d+/g).map(Number);
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// Presses Tab until that element has the focus; each stop must be visible.
async function tabTo(one, id) {
	for (let presses = 0; presses < 60; presses++) {
		await one.page.keyboard.press("Tab");
		const [now, seen] = await one.page.evaluate(() => {
			const element = document.activeElement;
			const box = element.getBoundingClientRect();
			const within = element.localName === "iframe" || element === document.body;
			return [element.id, within || (box.width > 0 && getComputedStyle(element).outlineStyle !== "none")];
		});
		claim(seen, `the focus on ${now} cannot be seen`);
		if (now === id)
			return;
	}
	claim(false, `${id} cannot be reached with Tab`);
}

export default {
	"on a phone": async ({ site, visit }) => {
		const made = await site.deposit(RICH);
		const one = await visit(PHONE);
		await one.go(made.url);
		await one.stage("factor");
		await fits(one, "the page with the phrase");
		await one.picture("phone-factor");
		await one.confirm(made);
		await one.stage("read");
		await one.receipted();
		await fits(one, "the open message");
		await one.at("letter-as-html").tap();
		await fits(one, "the formatted message");
		await one.picture("phone-open");
		const small = await one.page.locator("button:visible, a:visible, input:visible").evaluateAll((all) => all
			.filter((one) => !one.classList.contains("skip"))
			.map((one) => [one.id || one.textContent, one.getBoundingClientRect()])
			.filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name).join());
		equal(small, "", "targets below 24 pixels");
		await wellFormed(one, "a phone");
	},

	"at 320 pixels, as with four-fold zoom, and with wide text": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN, { factor: "link" });
		const one = await visit({ viewport: { width: 320, height: 600 }, locale: "de" });
		for (const address of ["/", "/about", `/m/${made.id}`]) {
			await one.go(address);
			await fits(one, address);
		}
		await one.open(made, { factor: "link" });
		await one.page.evaluate(() => {
			for (const element of document.querySelectorAll("main *"))
				for (const [name, value] of [["line-height", "1.5"], ["letter-spacing", "0.12em"], ["word-spacing", "0.16em"]])
					element.style.setProperty(name, value);
		});
		await fits(one, "the open message with wide text");
	},

	"with the keyboard alone": async ({ site, visit }) => {
		const made = await site.deposit(RICH);
		const one = await visit();
		await one.go(made.url);
		await one.stage("factor");
		await tabTo(one, "phrase");
		await one.page.keyboard.type(made.phrase);
		await one.page.keyboard.press("Enter");
		await one.stage("read");
		equal(await one.page.evaluate(() => document.activeElement.id), "heading", "the focus");
		await one.receipted();
		await tabTo(one, "letter-as-html");
		await one.page.keyboard.press("Space");
		equal(await one.at("letter-as-html").getAttribute("aria-pressed"), "true");
		await tabTo(one, "keep-original");
		const [download] = await Promise.all([one.page.waitForEvent("download"), one.page.keyboard.press("Enter")]);
		equal(download.suggestedFilename(), "message.eml");
		await tabTo(one, "close");
		await one.page.keyboard.press("Enter");
		await one.stage("closed");
	},

	"the first Tab skips to the content": async ({ visit }) => {
		const one = await visit();
		await one.go("/about");
		await one.page.keyboard.press("Tab");
		equal(await one.page.evaluate(() => document.activeElement.className), "skip");
		await one.page.keyboard.press("Enter");
		equal(await one.page.evaluate(() => document.activeElement.id), "main");
	},

	"what a screen reader is told": async ({ site, visit }) => {
		const made = await site.deposit(RICH);
		const one = await visit();
		const told = [];
		await one.page.exposeFunction("told", (text) => told.push(text));
		await one.page.addInitScript(() => document.addEventListener("DOMContentLoaded", () => {
			for (const region of document.querySelectorAll("[role=status], [role=alert]"))
				new MutationObserver(() => region.textContent && window.told(region.textContent))
					.observe(region, { childList: true, characterData: true, subtree: true });
		}));
		await one.go(made.url);
		await one.stage("factor");
		let tree = await one.page.locator("body").ariaSnapshot();
		for (const line of ["link \"Skip to the content\"", "navigation \"Language\"", "main", "heading \"A protected message for you\" [level=1]",
			"term: From", "textbox \"Phrase\"", "button \"Open the message\""])
			claim(tree.includes(line), `${line} is not in\n${tree}`);
		equal(await one.at("phrase").evaluate((field) => field.getAttribute("aria-describedby")
			.split(" ").map((id) => document.getElementById(id)?.tagName).join()), "P,P", "what describes the phrase");
		await one.confirm(made);
		await one.stage("read");
		await one.receipted();
		tree = await one.page.locator("body").ariaSnapshot();
		for (const line of ["heading \"Your message is open\" [level=1]", "heading \"Attachments\" [level=2]",
			"button \"Text\" [pressed]", "button \"Download page.html\"", "button \"Download the original message\"",
			"term: Digest (SHA-256)", "textbox \"Your reply\""])
			claim(tree.replace(/[\u2068\u2069]/gu, "").includes(line), `${line} is not in\n${tree}`);
		for (const words of ["Checking the code", "Step 2 of 4", "Making a key", "Fetching the message", "The message is open"])
			claim(told.some((text) => text.replace(/[\u2068\u2069]/gu, "").includes(words)),
				`"${words}" was not told, but ${told}`);
	},

	"from right to left": async ({ site, visit }) => {
		const made = await site.deposit(ARABIC);
		const one = await visit({ locale: "ar", viewport: { width: 800, height: 900 } });
		await one.open(made);
		await one.receipted();
		equal(await one.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir].join()), "ar,rtl");
		const [title, button] = [await one.page.locator("#keep-title").boundingBox(), await one.at("keep-original").boundingBox()];
		claim(button.x < 100 && title.x + title.width > 700, `the button is at ${button.x}, the title up to ${title.x + title.width}`);
		equal(await one.at("check-digest").evaluate((code) => getComputedStyle(code).direction), "ltr", "the digest");
		await fits(one, "the page");
		await one.picture("rtl");
		await wellFormed(one, "a page from right to left");
	},

	"in the dark, with high contrast, and without motion": async ({ site, visit }) => {
		const made = await site.deposit(RICH, { factor: "link" });
		const one = await visit({ colorScheme: "dark" });
		await one.open(made, { factor: "link" });
		await one.receipted();
		const paper = await one.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
		claim(luminance(paper) < 50, `the paper is ${paper}`);
		await one.picture("dark");
		await wellFormed(one, "a dark page");
		for (const media of [{ contrast: "more" }, { forcedColors: "active" }, { reducedMotion: "reduce" }]) {
			await one.page.emulateMedia({ colorScheme: "light", ...media });
			await wellFormed(one, `a page with ${JSON.stringify(media)}`);
		}
		equal(await one.page.evaluate(() => [...document.querySelectorAll("*")].filter((element) =>
			parseFloat(getComputedStyle(element).transitionDuration) > 0).length), 0, "what moves");
	},

	"the language changes while the page is open, and the code is not lost": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN);
		const one = await visit();
		await one.go(made.url);
		await one.stage("factor");
		for (const [tag, words] of Object.entries(LANGUAGES)) {
			await one.page.locator(`.languages a[lang=${tag}]`).click();
			await one.page.waitForFunction((text) => document.getElementById("factor-go").textContent === text, words);
			equal(await one.page.evaluate(() => document.documentElement.lang), tag);
			equal(await one.page.locator(".languages [aria-current]").getAttribute("lang"), tag);
		}
		await one.confirm(made);
		await one.stage("read");
		equal(await one.page.evaluate(() => document.documentElement.dir), "rtl");
	},

	"the browser's language is spoken, and another one by a link without scripts": async ({ visit }) => {
		for (const [locale, want] of [["de-AT", "de"], ["fr-CA", "fr"], ["ar-EG", "ar"], ["ja", "en"]]) {
			const one = await visit({ locale, javaScriptEnabled: false });
			await one.go("/");
			equal(await one.page.getAttribute("html", "lang"), want, `the language for ${locale}`);
			await one.page.locator(".languages a[lang=fr]").click();
			equal(await one.page.getAttribute("html", "lang"), "fr", "the language chosen");
		}
	},

	"axe finds nothing on any page, in any language": async ({ site, visit }) => {
		const made = await site.deposit(PLAIN, { factor: "link" });
		for (const locale of Object.keys(LANGUAGES)) {
			const one = await visit({ locale });
			const whole = locale === "en" || locale === "ar";
			for (const address of whole ? ["/", "/about", "/nowhere", `/m/${made.id}`, made.url] : [made.url]) {
				await one.page.goto("about:blank");
				await one.go(address);
				await one.page.waitForFunction(() => !document.getElementById("live") ||
					document.querySelector("main section:not([hidden]) form, #stage-stop:not([hidden])"));
				await wellFormed(one, `${address} in ${locale}`);
			}
			await one.picture(`about-${locale}`);
		}
	},
};
