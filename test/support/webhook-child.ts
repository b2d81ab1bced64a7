/**
 * Runs inside a namespace: takes webhooks on a loopback port, and prints a line of JSON for each, with
 * the body as it came. The path /flaky is answered 503 until it was asked twice.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

let refused = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const isRefused = request.url === "/flaky" && refused++ < 2;
    response.writeHead(isRefused ? 503 : 200).end();
    const { authorization = "" } = request.headers;
    const raw = Buffer.concat(chunks).toString();
    const body: unknown = JSON.parse(raw);
    process.stdout.write(`${JSON.stringify({ isRefused, authorization, body, raw })}\n`);
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`);
});
