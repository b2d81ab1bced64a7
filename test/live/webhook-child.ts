/**
 * Runs inside a namespace: takes webhooks on the loopback port of the command line, and prints a line
 * of JSON for each. The path /flaky is answered 503 until it was asked twice.
 */
import { createServer } from "node:http";

let refused = 0;

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const isRefused = request.url === "/flaky" && refused++ < 2;
    response.writeHead(isRefused ? 503 : 200).end();
    const { authorization = "" } = request.headers;
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    process.stdout.write(`${JSON.stringify({ isRefused, authorization, body })}\n`);
  });
}).listen(Number(process.argv[2]), "127.0.0.1", () => process.stdout.write("listening\n"));
