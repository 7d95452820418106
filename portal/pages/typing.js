/* A code that is typed: checked while it is, before a server is asked. */

import { codeInLink, readCode } from "./code.js";
import { hush, say } from "./speech.js";

const TOLD_MS = 400;   /* after the last key: who listens is not told of each */

const SAID = {
	empty: () => [],
	short: (read) => ["code_count", { have: read.have }],
	char: (read) => ["code_char", { group: read.group, char: read.char }],
	long: () => ["code_long"],
	wrong: (read) => read.group ? ["code_group", { group: read.group, text: read.text }] : ["code_wrong"],
	good: () => ["code_good"],
};
const MOODS = { empty: "", short: "", good: "good" };

/* Says at place what is right and wrong with what stands in the field. */
export function watchCode(field, place) {
	let timer = 0;
	const tell = () => {
		const read = readCode(codeInLink(field.value));
		const mood = MOODS[read.state] ?? "bad";
		const [key, values] = SAID[read.state](read);
		place.className = "said " + mood;
		if (key)
			say(place, key, values);
		else
			hush(place);
		if (mood === "bad")
			field.setAttribute("aria-invalid", "true");
		else
			field.removeAttribute("aria-invalid");
	};
	field.addEventListener("input", () => {
		clearTimeout(timer);
		timer = setTimeout(tell, TOLD_MS);
	});
	field.form.addEventListener("submit", () => {
		clearTimeout(timer);
		tell();
		if (field.hasAttribute("aria-invalid"))
			field.focus();
	});
	if (field.value)
		tell();   /* typed before this script had come */
}
