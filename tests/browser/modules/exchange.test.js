// exchange.js against a server that breaks off, refuses, stalls and lies.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import test from "node:test";
import { Exchange, Trouble } from "../../../portal/pages/exchange.js";

const BLOB = randomBytes(200000);

// A server whose answers are made by play(request body, response, how many before).
async function served(play, use) {
	let count = 0;
	const asked = [];
	const server = createServer((request, response) => {
		let text = "";
		request.on("data", (more) => text += more);
		request.on("end", () => {
			asked.push(JSON.parse(text));
			play(JSON.parse(text), response, count++);
		});
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	try {
		await use(new Exchange(`http://127.0.0.1:${server.address().port}`), asked);
	} finally {
		server.closeAllConnections();
		server.close();
	}
}

function fail(response, status, body = {}) {
	response.writeHead(status, { "Content-Type": "application/json" });
	response.end(JSON.stringify(body));
}

async function fetched(exchange, signal, broke = () => {}) {
	const pieces = [];
	for await (const piece of exchange.blob("t", BLOB.length, signal, broke))
		pieces.push(piece);
	return Buffer.concat(pieces);
}

test("an answer is an object, and a refusal says what kind it is", async () => {
	const answers = [[200, { ok: true }], [403, { error: "denied" }], [429, { error: "slow", wait: 7 }],
		[410, {}], [409, {}], [413, {}], [503, { error: "later" }], [500, {}]];
	await served((_, response, n) => fail(response, ...answers[n]), async (exchange) => {
		assert.deepEqual(await exchange.ask("/x", {}), { ok: true });
		for (const [kind, wait] of [["denied", 0], ["slow", 7], ["ended", 0], ["order", 0], ["large", 0],
			["later", 0], ["later", 0]])
			await assert.rejects(exchange.ask("/x", {}), { kind, wait });
	});
});

test("an answer that is no JSON, and no answer, are told apart", async () => {
	await served((_, response) => response.end("<html>"), async (exchange) => {
		await assert.rejects(exchange.ask("/x", {}), { kind: "later" });
	});
	await assert.rejects(new Exchange("http://127.0.0.1:1").ask("/x", {}), { kind: "offline" });
});

test("a blob comes whole", async () => {
	await served((_, response) => response.end(BLOB), async (exchange, asked) => {
		assert.deepEqual(await fetched(exchange), BLOB);
		assert.deepEqual(asked, [{ ticket: "t", from: 0 }]);
	});
});

test("a blob whose connection breaks goes on where it stopped", async () => {
	let broken = 0;
	await served(({ from }, response, n) => {
		if (n === 3) {
			response.end(BLOB.subarray(from));
			return;
		}
		response.writeHead(200, { "Content-Length": BLOB.length - from });
		response.write(BLOB.subarray(from, from + 50000), () => setTimeout(() => response.destroy(), 50));
	}, async (exchange, asked) => {
		assert.deepEqual(await fetched(exchange, undefined, () => broken++), BLOB);
		assert.deepEqual(asked.map(({ from }) => from), [0, 50000, 100000, 150000]);
		assert.equal(broken, 3);
	});
});

test("a portal that cannot for a moment is asked again", async () => {
	await served(({ from }, response, n) => n === 0 ? fail(response, 503) : response.end(BLOB.subarray(from)),
		async (exchange) => assert.deepEqual(await fetched(exchange), BLOB));
});

test("a refusal is not tried again", async () => {
	await served((_, response) => fail(response, 410), async (exchange, asked) => {
		await assert.rejects(fetched(exchange), { kind: "ended" });
		assert.equal(asked.length, 1);
	});
});

test("more than the blob has is refused", async () => {
	await served((_, response) => response.end(Buffer.concat([BLOB, BLOB])), async (exchange) => {
		await assert.rejects(fetched(exchange), { kind: "damaged" });
	});
});

test("who cancels is heard at once, while it comes and while it waits", async () => {
	for (const play of [
		(_, response) => {
			response.writeHead(200, { "Content-Length": BLOB.length });
			response.write(BLOB.subarray(0, 1000));
		},
		(_, response) => fail(response, 503),
	])
		await served(play, async (exchange) => {
			const abort = new AbortController();
			setTimeout(() => abort.abort(), 200);
			const began = Date.now();
			await assert.rejects(fetched(exchange, abort.signal), (failure) =>
				failure instanceof Trouble && failure.kind === "cancelled");
			assert.ok(Date.now() - began < 5000);
		});
});
