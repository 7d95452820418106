// pickup.js SOCKET CERTIFICATE LINK PHRASE FOLDER: opens one message of a portal that listens on a
// unix socket, with this as the web server before it, and saves the original and its proof in
// FOLDER. Prints what the page says as JSON. For the lab (tests/lab/test_pages.py).
import { readFileSync, writeFileSync } from "node:fs";
import { request as ask } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { Visit, startBrowser } from "./lab.js";

const [socket, certificate, link, phrase, folder] = process.argv.slice(2);

const pem = readFileSync(certificate);
const proxy = createServer({ key: pem, cert: pem }, (request, response) => {
	const inner = ask({ socketPath: socket, path: request.url, method: request.method,
		headers: { ...request.headers, "x-forwarded-for": "192.0.2.45" } }, (answer) => {
		response.writeHead(answer.statusCode, answer.headers);
		answer.pipe(response);
	});
	inner.on("error", () => response.destroy());
	request.pipe(inner);
});
await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
const site = { url: new URL(link).origin, wire: { port: proxy.address().port } };
const browser = await startBrowser(site);
try {
	const one = await new Visit({ site, browser }).begin();
	await one.open({ phrase }, { address: link });
	await one.receipted();
	for (const button of ["keep-original", "keep-proof"]) {
		const file = await one.saved(one.at(button));
		writeFileSync(join(folder, file.name), file.bytes);
	}
	console.log(JSON.stringify({ text: await one.text("letter-text"), digest: await one.text("check-digest"),
				     receipt: await one.text("check-receipt") }));
	await one.end();
} finally {
	await browser.close();
	proxy.closeAllConnections();
	proxy.close();
}
