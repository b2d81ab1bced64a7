/**
 * What a guard that somebody else has taken over can do, and what not: raw lines to a real broker
 * over a Unix socket, against sets that refuse every command that is not ours.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AlertRunner } from "../../src/broker/alert-runner.ts";
import { Broker } from "../../src/broker/broker.ts";
import { NftablesExecutor } from "../../src/broker/executors/nftables.ts";
import { BlockLog, LINES_A_MINUTE, LINES_A_SOURCE } from "../../src/broker/legacy/block-log.ts";
import { HistoryFile } from "../../src/broker/legacy/history-file.ts";
import { HistoryWriter } from "../../src/broker/legacy/history-writer.ts";
import { MAX_LINE_BYTES } from "../../src/broker/protocol.ts";
import { TrustedSet } from "../../src/broker/trusted-set.ts";
import type { Outcome } from "../../src/model/order.ts";
import { FakeClock, FakeNft, prefix, RULES } from "./fakes.ts";
import { rowsOf } from "./rows-of.ts";

type Json = Record<string, unknown>;

const TRUSTED = ["192.0.2.1", "198.51.100.10", "2001:db8::10", "203.0.113.0/28", "2001:db8:f::/48"];

let folder: string;
let server: Server;
let socket: Socket;
let nft: FakeNft;
let clock: FakeClock;
let told: string[];
let isClosed: Promise<void>;
let log: BlockLog;
let replies: Json[];
let wake: () => void;

const historyPath = () => join(folder, "portsentry.history");

function historyLines(): string[] {
  if (!existsSync(historyPath())) return [];
  return readFileSync(historyPath(), "utf8").split("\n").slice(0, -1);
}

/** Fulfilled when `condition` holds, checked at every reply and at the end of the channel. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "vedette-broker-"));
  nft = new FakeNft();
  clock = new FakeClock();
  log = new BlockLog(
    { path: join(folder, "block.log"), sender: "portsentry[1]", hostName: "server" },
    clock,
  );
  told = [];
  replies = [];
  wake = () => {};
  const trusted = new TrustedSet();
  trusted.replace(TRUSTED.map((text) => ({ prefix: prefix(text), why: "a test" })));
  const closed = Promise.withResolvers<void>();
  isClosed = closed.promise;
  server = createServer((stream) => {
    const history = new HistoryWriter({
      file: new HistoryFile({ path: historyPath(), stateDirectory: folder }, clock),
      trusted,
      clock,
      formatScan: undefined,
      onFault: (reason) => told.push(`fault: ${reason}`),
    });
    const alerts = new AlertRunner({
      path: () => "/usr/local/sbin/alert",
      isTrusted: (source) => trusted.check(source) !== undefined,
      timeoutMs: () => 1000,
      clock,
      run: async (path, alert) => {
        told.push(`alert ${path} ${JSON.stringify(alert)}`);
        return { status: "ended", exitStatus: 0, output: { stdout: "", stderr: "" } };
      },
    });
    new Broker(
      {
        restore: { bans: 1_048_576, wide: 1_048_576 },
        bansPerMinute: 600,
        claimedBansPerMinute: 60,
        ...RULES,
      },
      {
        stream,
        executor: new NftablesExecutor(
          { ipv6PrefixBits: 64 },
          { nft, elements: nft, reader: nft, clock, trusted, sharedIpv6: () => [] },
        ),
        legacy: () => undefined,
        blocklists: () => undefined,
        clock,
        trust: () => ({ status: "applied" }),
        onDropped: (packet) => log.append(packet),
        history: () => history,
        alert: (alert) => alerts.run(alert),
        onConfirm: () => {
          told.push("confirm");
          return { status: "already-applied" };
        },
        onApply: () => Promise.reject(new Error("nothing was to be tried out")),
        onReload: () => Promise.reject(new Error("no reload was to be asked")),
        onReady: () => told.push("ready"),
        onCount: () => {},
        onBreach: (reason) => told.push(`breach: ${reason}`),
        onClose: () => {
          closed.resolve();
          wake();
        },
      },
    );
  });
  const path = join(folder, "guard.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  socket = connect(path);
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    replies.push(...lines.map((line) => JSON.parse(line) as Json));
    wake();
  });
  // The broker cuts the line while we still write: that is what is tested.
  socket.on("error", () => {});
});

afterEach(async () => {
  socket.destroy();
  log.close();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** Sends lines and waits for as many replies. */
async function say(...lines: (string | Json)[]): Promise<Json[]> {
  const before = replies.length;
  for (const line of lines) {
    socket.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
  }
  await until(() => replies.length >= before + lines.length);
  return replies.slice(before);
}

async function say1(line: string | Json): Promise<Json> {
  return (await say(line))[0] as Json;
}

const ready = { id: 0, request: "ready" };

const ban = (text: string, overrides: Json = {}): Json => ({
  prefix: text,
  timeoutMs: null,
  evidence: "proven",
  origin: "operator",
  ...overrides,
});

async function outcomesOf(...bans: Json[]): Promise<Outcome[]> {
  return (await say1({ id: 1, request: "ban", bans }))["outcomes"] as Outcome[];
}

const tcp: Json = {
  protocol: "tcp",
  sourcePort: 40_000,
  destinationPort: 445,
  window: 1024,
  reservedBits: 0,
  flags: 2,
  urgentPointer: 0,
};

const dropped = (packet: Json = {}, transport: Json = {}): Json => ({
  id: 1,
  request: "dropped",
  packet: {
    interfaceIndex: 0,
    linkHeader: "",
    source: "203.0.113.7",
    destination: "198.51.100.10",
    lengthBytes: 44,
    trafficClass: 0,
    ttlHops: 52,
    identification: 1,
    fragmentField: 0,
    flowLabel: 0,
    transport: { ...tcp, ...transport },
    ...packet,
  },
});

function blockLines(): string[] {
  const path = join(folder, "block.log");
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}

const scan = (source: string, overrides: Json = {}): Json => ({
  source,
  host: source,
  transport: "tcp",
  port: 11,
  tcpFlags: 2,
  ipOptions: "not set",
  result: "blocked",
  ...overrides,
});

const allElements = () => [...nft.sets.keys()].flatMap((set) => nft.elements(set));

describe("a guard that was taken over", () => {
  it.each([
    "0.0.0.0/0",
    "::/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "192.0.2.1",
    "192.0.2.1/32",
    "192.0.2.0/24",
    "192.0.0.0/8",
    "192.0.2.99/24",
    "::ffff:192.0.2.1",
    "::ffff:c000:201",
    "::ffff:192.0.2.0/120",
    "0:0:0:0:0:ffff:192.0.2.1/128",
    "198.51.100.10",
    "203.0.113.5",
    "203.0.113.0/24",
    "2001:db8::10",
    "2001:DB8:0:0:0:0:0:10",
    "2001:db8::/64",
    "2001:db8::/32",
    "2001:db8:f:1::/64",
    "2000::/3",
    "16.0.0.0/7",
    "2a00::/31",
    "127.0.0.1",
    "::1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "ff02::1",
    "::ffff:0:0/96",
    "::ffff:0:0/95",
  ])("cannot ban %s", async (text) => {
    await say(ready);
    expect(await outcomesOf(ban(text))).toMatchObject([{ status: "refused" }]);
    expect(allElements()).toEqual([]);
  });

  it("cannot bring a trusted address back as a ban that stood", async () => {
    const reply = await say1({
      id: 1,
      request: "restore",
      bans: rowsOf(TRUSTED.map((text) => ban(text))),
    });
    expect((reply["outcomes"] as Outcome[]).map(({ status }) => status)).toEqual(
      TRUSTED.map(() => "refused"),
    );
    expect(allElements()).toEqual([]);
  });

  it("gets 600 bans a minute out of five thousand requests, and 600 more a minute later", async () => {
    await say(ready);
    const askAll = async (first: number) => {
      for (let index = 0; index < 5000; index += 1) {
        clock.advance(2);
        const number = first + index;
        await say({
          id: index,
          request: "ban",
          bans: [ban(`10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`)],
        });
      }
    };
    await askAll(0);
    expect(nft.elements("banned4")).toHaveLength(600);
    clock.advance(60_000 - 5000 * 2);
    await askAll(5000);
    expect(nft.elements("banned4")).toHaveLength(1200);
  });

  it("gets 600 more by calling them a person's wish, and no more by asking 500 at once", async () => {
    await say(ready);
    for (let batch = 0; batch < 20; batch += 1) {
      await outcomesOf(
        ...Array.from({ length: 500 }, (_, index) => ({
          ...ban(`10.${batch}.${index >> 8}.${index & 255}`),
          origin: index % 2 === 0 ? "detector" : "operator",
        })),
      );
    }
    expect(nft.elements("banned4")).toHaveLength(1200);
  });

  it("cannot shut out the Internet in wide pieces", async () => {
    await say(ready);
    for (let octet = 1; octet < 224; octet += 1) await outcomesOf(ban(`${octet}.0.0.0/8`));
    expect(nft.elements("bannet4")).toHaveLength(8);
  });

  it("cannot say what is tried out: no file, and no text of one", async () => {
    await say(ready);
    const answers = await say(
      { id: 1, request: "apply", confirmWithinMs: 60_000, path: "/tmp/mine.conf" },
      { id: 2, request: "apply", confirmWithinMs: 60_000, text: 'KILL_RUN_CMD="/tmp/mine"' },
      { id: 3, request: "reload", path: "/tmp/mine.conf" },
    );
    expect(answers).toMatchObject([
      { id: 1, reply: "malformed" },
      { id: 2, reply: "malformed" },
      { id: 3, reply: "malformed" },
    ]);
  });

  it("cannot restore once it is ready, nor be ready twice", async () => {
    await say(ready);
    const [restored, again] = await say(
      { id: 1, request: "restore", bans: rowsOf([ban("198.51.100.7")]) },
      { id: 2, request: "ready" },
    );
    expect(restored).toMatchObject({ outcomes: [{ status: "refused" }] });
    expect(again).toMatchObject({ id: 2, reply: "malformed" });
    expect(told).toEqual(["ready"]);
    expect(allElements()).toEqual([]);
  });

  it.each(["untrust", "hook", "exec", "list", "flush", "__proto__", "constructor", ""])(
    "finds no request of the name %j",
    async (request) => {
      await say(ready);
      expect(await say1({ id: 7, request, prefix: "192.0.2.1", timeoutMs: null })).toMatchObject({
        id: 7,
        reply: "malformed",
      });
    },
  );

  it.each([
    { what: "no JSON", line: "{", id: -1 },
    { what: "an empty line", line: "", id: -1 },
    { what: "no object", line: "[1]", id: -1 },
    { what: "letters outside ASCII", line: "\xff\xfe", id: -1 },
    { what: "nested a thousand deep", line: "[".repeat(1000) + "]".repeat(1000), id: -1 },
    { what: "a field too many", line: '{"id":3,"request":"ready","prefix":"192.0.2.7"}', id: 3 },
    { what: "no bans", line: '{"id":3,"request":"ban","bans":[]}', id: 3 },
    { what: "an id below 0", line: '{"id":-5,"request":"ready"}', id: -1 },
    { what: "an id that is text", line: '{"id":"1","request":"ready"}', id: -1 },
  ])("is answered and not obeyed: $what", async ({ line, id }) => {
    expect(await say1(line)).toMatchObject({ id, reply: "malformed" });
    expect(told).toEqual([]);
  });

  it.each([
    "192.0.2.7 }; flush ruleset; #",
    "192.0.2.7\nflush ruleset",
    "192.0.2.7 timeout 1s, 198.51.100.7",
    "192.0.2.7-192.0.2.9",
    "{ 192.0.2.7 }",
    "192.0.2.7/24 # ",
    "$(reboot)",
    "@trusted4",
    "fe80::1%eth0",
    "192.0.2.7\u0000",
  ])("cannot put %j into any field", async (text) => {
    await say(ready);
    const before = nft.runs.length;
    const lines: Json[] = [
      { id: 1, request: "ban", bans: [ban(text)] },
      { id: 2, request: "ban", bans: [ban("192.0.2.7", { timeoutMs: text })] },
      { id: 3, request: "ban", bans: [ban("192.0.2.7", { evidence: text })] },
      { id: 4, request: "ban", bans: [ban("192.0.2.7", { origin: text })] },
      { id: 5, request: "ban", bans: [ban("192.0.2.7", { [text]: 1 })] },
      { id: 6, request: "unban", prefixes: [text] },
      { id: 7, request: "trust", prefix: text, timeoutMs: null },
      { id: 8, request: text },
      ...Object.keys(scan("")).map((field, index) => ({
        id: 9 + index,
        request: "record",
        records: [scan("192.0.2.7", { [field]: text })],
      })),
      { id: 20, request: "record", records: [scan("192.0.2.7", { [text]: 1 })] },
    ];
    for (const reply of await say(...lines)) expect(reply["reply"]).toBe("malformed");
    expect(nft.runs.slice(before)).toEqual([]);
    expect(historyLines()).toEqual([]);
  });

  it.each(["Scanner.example.org", "203.0.113.9", "a.b.7", "a/203.0.113.9", "a b", "", "é.org"])(
    "cannot call a source %j in the history",
    async (host) => {
      await say(ready);
      const request = { id: 1, request: "record", records: [scan("203.0.113.200", { host })] };
      expect(await say1(request)).toMatchObject({ reply: "malformed" });
      expect(historyLines()).toEqual([]);
    },
  );

  it.each([...TRUSTED.map((text) => text.replace(/::\/48$/, "::1").replace(/\.0\/28$/, ".5"))])(
    "cannot have %s, which is trusted, written into the history",
    async (source) => {
      await say(ready);
      for (const result of ["blocked", "watched", "failed", "below-trigger", "already-blocked"]) {
        const request = { id: 1, request: "record", records: [scan(source, { result })] };
        expect(await say1(request)).toMatchObject({ outcomes: [{ status: "refused" }] });
      }
      expect(historyLines()).toEqual([]);
    },
  );

  it("gets 600 lines of the history a minute, and 600 more a minute later", async () => {
    await say(ready);
    const ask = async (first: number) => {
      for (let batch = 0; batch < 10; batch += 1) {
        const records = Array.from({ length: 200 }, (_, index) =>
          scan(`10.${first}.${batch}.${index}`),
        );
        await say1({ id: batch, request: "record", records });
      }
    };
    await ask(1);
    expect(historyLines()).toHaveLength(600);
    clock.advance(60_000);
    await ask(2);
    expect(historyLines()).toHaveLength(1200);
  });

  it("with any value in any field of a record writes nobody else's line", async () => {
    await say(ready);
    const field = fc.constantFrom(...Object.keys(scan("")), "more");
    const nasty = fc.oneof(
      fc.constantFrom<unknown>(...TRUSTED, -1, 65_536, 256, 2 ** 53, null, [], {}, "", true, 0.5),
      fc.jsonValue(),
      fc.domain(),
    );
    await fc.assert(
      fc.asyncProperty(field, nasty, async (name, value) => {
        clock.advance(60_000);
        const records = [scan("203.0.113.200", { [name]: value })];
        const reply = await say1({ id: 1, request: "record", records });
        expect(["outcomes", "malformed"]).toContain(reply["reply"]);
      }),
      { numRuns: 90 },
    );
    const ours =
      /^\d+ - [\d/]+ [\d:]+ Host: [0-9a-z.-]+\/203\.0\.113\.200 Port: \d+ (TCP|UDP) Blocked$/;
    const others = historyLines().filter((line) => !ours.test(line));
    // A source of another value is another source, and never one that is trusted.
    for (const line of others) {
      expect(line).toMatch(/ Host: ([0-9a-f.:]+)\/\1 Port: 11 TCP Blocked$/);
      for (const trusted of TRUSTED) expect(line).not.toContain(`/${trusted} `);
    }
    expect(told).toEqual(["ready"]);
  });

  it.each<{ what: string; request: Json }>([
    { what: "text in the source", request: dropped({ source: "203.0.113.7 DST=1.2.3.4" }) },
    { what: "a line end in the source", request: dropped({ source: "203.0.113.7\n" }) },
    { what: "two families", request: dropped({ destination: "2001:db8::10" }) },
    { what: "a prefix", request: dropped({ source: "203.0.113.0/24" }) },
    { what: "no hexadecimal digits", request: dropped({ linkHeader: "zz" }) },
    { what: "an odd digit", request: dropped({ linkHeader: "0" }) },
    { what: "a line end behind the digits", request: dropped({ linkHeader: "00\n" }) },
    { what: "a long link header", request: dropped({ linkHeader: "00".repeat(33) }) },
    { what: "a name as interface", request: dropped({ interfaceIndex: "eth0" }) },
    { what: "an interface below 0", request: dropped({ interfaceIndex: -1 }) },
    { what: "an interface beyond a C int", request: dropped({ interfaceIndex: 2 ** 31 }) },
    { what: "too long a packet", request: dropped({ lengthBytes: 65_576 }) },
    { what: "a fraction", request: dropped({ ttlHops: 1.5 }) },
    { what: "an octet of 256", request: dropped({ trafficClass: 256 }) },
    { what: "a port of 65536", request: dropped({}, { destinationPort: 65_536 }) },
    { what: "reserved bits of 16", request: dropped({}, { reservedBits: 16 }) },
    { what: "a flow label of 21 bits", request: dropped({ flowLabel: 0x100000 }) },
    { what: "a field too many", request: dropped({ text: "more" }) },
    { what: "a field of UDP in TCP", request: dropped({}, { lengthBytes: 8 }) },
    { what: "an unknown transport", request: dropped({}, { protocol: "sctp" }) },
    {
      what: "another name of a protocol",
      request: dropped({ transport: { protocol: "other", number: "TCP" } }),
    },
    { what: "no packet", request: { id: 1, request: "dropped" } },
  ])("cannot put $what into the block log", async ({ request }) => {
    await say(ready);
    expect(await say1(request)).toMatchObject({ id: 1, reply: "malformed" });
    expect(blockLines()).toEqual([]);
  });

  it("writes no line into the block log before it is ready", async () => {
    expect(await say1(dropped())).toMatchObject({ outcomes: [{ status: "refused" }] });
    expect(blockLines()).toEqual([]);
  });

  it("gets the lines of a source and of a minute in the block log, and 50 requests a second", async () => {
    await say(ready);
    for (let sent = 0; sent < 10; sent += 1) await say(dropped());
    expect(blockLines()).toHaveLength(LINES_A_SOURCE);
    const asked = await say(...Array.from({ length: 60 }, () => dropped()));
    const over = { status: "refused", reason: "more than 50 dropped packets a second" };
    expect(
      asked.filter(({ outcomes }) => (outcomes as Outcome[])[0]?.status === "refused"),
    ).toHaveLength(60);
    expect(asked.at(-1)).toMatchObject({ outcomes: [over] });
    for (let sent = 0; sent < 2 * LINES_A_MINUTE; sent += 1) {
      clock.advance(25);
      await say(dropped({ source: `10.0.${sent >> 8}.${sent & 255}` }));
    }
    expect(blockLines()).toHaveLength(LINES_A_MINUTE);
  });

  it("with any value in any field of a dropped packet writes no line of another form", async () => {
    await say(ready);
    const fields = Object.keys(dropped()["packet"] as Json);
    const nasty = fc.oneof(
      fc.constantFrom<unknown>(
        "203.0.113.8",
        "2001:db8::7",
        "::ffff:192.0.2.1",
        -1,
        2 ** 53,
        null,
        [],
        {},
        "",
      ),
      fc.string(),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...fields, "more"),
        fc.constantFrom(...Object.keys(tcp), "more", undefined),
        nasty,
        async (field, inTransport, value) => {
          clock.advance(60_000);
          const request =
            inTransport === undefined
              ? dropped({ [field]: value })
              : dropped({}, { [inTransport]: value });
          expect(["outcomes", "malformed"]).toContain((await say1(request))["reply"]);
        },
      ),
      { numRuns: 90 },
    );
    for (const line of blockLines()) {
      expect(line).toMatch(
        /^\w{3} [ \d]\d \d\d:\d\d:\d\d server portsentry\[1\]: Portsentry: dropping: IN=\S* OUT= MAC=[0-9a-f:]* SRC=[0-9a-f.:]+ DST=[0-9a-f.:]+ LEN=\d+ [\w=.: ]*PROTO=\w+ [\w=[\]: ]*$/,
      );
    }
  });

  it("with any value in any field makes no ban of a trusted address and no foreign command", async () => {
    await say(ready);
    const nasty = fc.oneof(
      fc.constantFrom<unknown>(...TRUSTED, "0.0.0.0/0", -1, 2 ** 53, 1e308, null, [], {}, "", true),
      fc.jsonValue(),
    );
    const field = fc.constantFrom(
      "id",
      "request",
      "bans",
      "prefix",
      "timeoutMs",
      "evidence",
      "origin",
      "more",
    );
    await fc.assert(
      fc.asyncProperty(field, nasty, async (name, value) => {
        clock.advance(1000);
        const inBan = ["prefix", "timeoutMs", "evidence", "origin", "more"].includes(name);
        const item = ban("198.51.100.7", inBan ? { [name]: value } : {});
        const request = {
          id: 1,
          request: "ban",
          bans: [item],
          ...(inBan ? {} : { [name]: value }),
        };
        expect(["outcomes", "malformed", "measurement", "done"]).toContain(
          (await say1(request))["reply"],
        );
        expect(allElements().filter((each) => TRUSTED.includes(each))).toEqual([]);
      }),
      { numRuns: 90 },
    );
    // What the fake says to any command that is not exactly of our shapes.
    expect(JSON.stringify(replies)).not.toContain("syntax error");
  });

  it("is ended by a line that is too long, before the line has an end", async () => {
    socket.write("x".repeat(MAX_LINE_BYTES + 1));
    await isClosed;
    expect(told).toEqual([`breach: a line is longer than ${MAX_LINE_BYTES} bytes`]);
  });

  it("is ended by its hundredth line within a minute that is no request", async () => {
    for (let sent = 0; sent < 99; sent += 1) await say("nonsense");
    clock.advance(59_999);
    socket.write("nonsense\n");
    await isClosed;
    expect(told).toEqual(["breach: 100 lines within a minute were no requests"]);
  });

  it("is not ended when the hundredth comes a minute after the first", async () => {
    for (let sent = 0; sent < 99; sent += 1) await say("nonsense");
    clock.advance(60_000);
    await say("nonsense");
    expect(told).toEqual([]);
  });

  it("that floods gets a thousand answers a second and refusals for the rest", async () => {
    const flood = Array.from({ length: 3000 }, (_, id) => ({ id, request: "measure" }));
    const answers = await say(...flood);
    expect(answers.filter(({ reply }) => reply === "measurement")).toHaveLength(1000);
    expect(answers.filter(({ reply }) => reply === "malformed")).toHaveLength(2000);
    expect(told).toEqual([]);
  });
});
