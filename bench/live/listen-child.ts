/**
 * The program behind {@link Listeners}: reads a guard's GET /v1/events as often as it is told to.
 *
 * Argument: a {@link ListenOrder} as JSON. It prints a line when all streams are open, and one for
 * each ban in each stream, with the time of the machine's monotonic clock; a line on its input makes
 * it print how much it has heard, and it begins to count anew. It ends with its input.
 */
import { type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import type { Heard, ListenOrder } from "./listeners.ts";

const order = JSON.parse(process.argv[2] ?? "") as ListenOrder;

let heard: Heard = { events: 0, lagged: 0 };
let open = 0;

function print(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

interface Told {
  readonly kind: string;
  readonly dropped?: number;
  readonly event?: { readonly kind: string; readonly address?: string | null };
}

function hear(text: string): void {
  const told = JSON.parse(text) as Told;
  const { events, lagged } = heard;
  if (told.kind === "lagged") heard = { events, lagged: lagged + (told.dropped ?? 0) };
  else heard = { events: events + 1, lagged };
  if (told.event?.kind !== "ban") return;
  print({ address: told.event.address, atNs: String(process.hrtime.bigint()) });
}

function read(reply: IncomingMessage): void {
  if (reply.statusCode !== 200) throw new Error(`/v1/events: ${reply.statusCode}`);
  open += 1;
  if (open === order.overSocket + order.overTcp) print({ listening: open });
  createInterface({ input: reply }).on("line", (line) => {
    if (line.startsWith("data: ")) hear(line.slice("data: ".length));
  });
  reply.on("end", () => {
    throw new Error("the guard has ended a stream");
  });
}

const path = "/v1/events";
for (let place = 0; place < order.overSocket; place += 1) {
  request({ socketPath: order.socketPath, path, agent: false }, read).end();
}
const headers = { Authorization: `Bearer ${order.token}` };
for (let place = 0; place < order.overTcp; place += 1) {
  request({ host: "127.0.0.1", port: order.port, path, headers, agent: false }, read).end();
}
createInterface({ input: process.stdin })
  .on("line", () => {
    print(heard);
    heard = { events: 0, lagged: 0 };
  })
  .on("close", () => process.exit(0));
