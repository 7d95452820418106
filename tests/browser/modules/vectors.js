// Messages sealed by another program: ../vectors.py, run once.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../vectors.py", import.meta.url));

export const vectors = JSON.parse(
	execFileSync("/usr/bin/python3", [script], { maxBuffer: 64 << 20, encoding: "utf8" }));

export function bytesOf(base64) {
	return new Uint8Array(Buffer.from(base64, "base64"));
}
