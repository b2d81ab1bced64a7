import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import type { CliContext } from "../../src/cli/context.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import { answer, type Captured, from, handshake, timeline } from "../daemon/replay/captures.ts";
import { writeCapture } from "../packet/write-capture.ts";
import { ACK, encodeProtocol, RST, SYN } from "../support/packets.ts";
import { createFakeContext } from "./fake-context.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-replay-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** 2026-01-01T00:00:00Z, in microseconds. */
const START_EPOCH_US = 1_767_225_600_000_000;

function bytesOf(
  captured: readonly Captured[],
  format: "pcap" | "pcapng" = "pcap",
  linkType = 101,
): Buffer {
  const frames = captured.map(({ packet, atMs }) => ({
    bytes: packet,
    epochUs: START_EPOCH_US + atMs * 1000,
  }));
  return writeCapture(frames, { format, isLittle: true, linkType });
}

function fileOf(name: string, bytes: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

const configuration = fileOf("vedette.conf", `IGNORE_FILE="${join(directory, "ignored")}"\n`);
const watching = fileOf(
  "watching.conf",
  `IGNORE_FILE="${join(directory, "ignored")}"\nBLOCK_TCP="0"\n`,
);
fileOf("ignored", "192.0.2.200\n# a comment\n");

const probes = (source: string, ports: readonly number[]) =>
  ports.flatMap((port) => [
    // Its own numbers, or all sources would be one sender.
    from(source, port, { sequence: Number(source.split(".")[3]) }),
    answer(source, port, RST | ACK),
  ]);
const scan = timeline([
  ...probes("192.0.2.66", [1001, 1002, 1003, 1004, 1005]),
  ...handshake("192.0.2.7", 80),
  ...probes("192.0.2.8", [1001]),
]);

async function replay(words: readonly string[], overrides: Partial<CliContext> = {}) {
  const context = createFakeContext(overrides);
  const config = words.includes("-c") ? [] : ["-c", configuration];
  const status = await runCommandLine(["replay", ...config, ...words], context, () => {
    throw new Error("no guard was expected");
  });
  return { status, printed: context.printed(), errors: context.printedErrors() };
}

describe("vedette replay", { timeout: 30_000 }, () => {
  const plain = fileOf("plain.pcap", bytesOf(scan));

  it("tells who scanned, and what it took for ours and for open", async () => {
    const { status, printed } = await replay([plain]);
    expect(status).toBe(0);
    expect(printed).toBe(
      `15 packets, 0 of them skipped; 1 scan, 1 undecided.
Ours: 198.51.100.10 (inferred)
Open: tcp 80 (inferred)

SOURCE      VERDICT    FIRST                LAST                 EVIDENCE  KINDS    TOOL     BANNED  PORTS
192.0.2.66  scan       2026-01-01 00:00:00  2026-01-01 00:00:00  claimed   tcp-syn  unknown  1m      tcp 1001-1005
192.0.2.8   undecided  2026-01-01 00:00:00  2026-01-01 00:00:00  claimed   tcp-syn  unknown  -       tcp 1001

1 more source asked for real services alone.
`,
    );
  });

  it.each([
    { what: "gzip", bytes: gzipSync(bytesOf(scan)) },
    { what: "pcapng", bytes: bytesOf(scan, "pcapng") },
  ])("says the same of $what", async ({ what, bytes }) => {
    const other = await replay([fileOf(`same.${what}`, bytes)]);
    expect(other.printed).toBe((await replay([plain])).printed);
  });

  /** The guard's question to a probe of that source, and the reset that answers it. */
  const alive = (source: string) => [
    from(source, 2001, { sequence: 5 }),
    answer(source, 2001, SYN | ACK, { sequence: 9, acknowledgement: 0xabcd_0001 }),
    from(source, 2001, { flags: RST, sequence: 0xabcd_0001 }),
  ];
  const underThreeNames = [1001, 1002, 1003, 1004].flatMap((port) =>
    ["192.0.2.50", "192.0.2.51", "192.0.2.66"].map((name) =>
      from(name, port, { sequence: 77 * port, identification: port }),
    ),
  );

  it.each<{ what: string; packets: Uint8Array[]; lines: string[] }>([
    {
      what: "one sender of several addresses",
      packets: underThreeNames,
      lines: [
        "192.0.2.50, 192.0.2.51, 192.0.2.66: one sender with 3 addresses; none has answered, so any of them may be a decoy.",
      ],
    },
    {
      what: "decoys, and that they are spared",
      packets: [...alive("192.0.2.66"), ...underThreeNames],
      lines: [
        "192.0.2.66, 192.0.2.50, 192.0.2.51: one sender with 3 addresses; 192.0.2.66 is alive; likely decoys: 192.0.2.50, 192.0.2.51.",
        "192.0.2.50 was spared: It is likely a decoy: one sender uses 3 addresses, and another of them is alive.",
      ],
    },
    {
      what: "neighbours that scan together",
      packets: [1, 2, 3].flatMap((host) => probes(`203.0.113.${host}`, [1001, 1002 + host])),
      lines: [
        "3 sources of 203.0.113.0/24 (203.0.113.1, 203.0.113.2, 203.0.113.3) probe together: 4 ports (tcp-syn; claimed): tcp 1001, 1003-1005; 6 packets.",
      ],
    },
    {
      what: "a ban that stronger evidence makes longer",
      packets: [...probes("192.0.2.66", [1001, 1002, 1003, 1004]), ...alive("192.0.2.66")],
      lines: [
        "192.0.2.66  scan     2026-01-01 00:00:00  2026-01-01 00:00:00  alive     tcp-syn  unknown  1m, then 10m  tcp 1001-1004, 2001",
      ],
    },
  ])("tells of $what", async ({ packets, lines }) => {
    const { printed } = await replay([fileOf("company.pcap", bytesOf(timeline(packets)))]);
    for (const line of lines) expect(printed.split("\n")).toContain(line);
  });

  it("puts files into the order of their times, and says the same byte for byte", async () => {
    const [early, late] = [scan.slice(0, 7), scan.slice(7)].map((part, index) =>
      fileOf(`part${index}.pcap`, bytesOf(part)),
    ) as [string, string];
    const whole = (await replay([plain, "--json"])).printed;
    expect((await replay([late, early, "--json"])).printed).toBe(whole);
    expect((await replay([plain, "--json"])).printed).toBe(whole);
  });

  it("--json has what the text has", async () => {
    const { printed } = await replay([plain, "--json"]);
    const report = JSON.parse(printed);
    expect(report).toMatchObject({ packets: 15, skipped: 0, damage: [], unlisted: 0, notes: [] });
    expect(report.campaigns.map((each: Record<string, unknown>) => each["verdict"])).toEqual([
      "scan",
      "benign",
      "undecided",
    ]);
    expect(report).toMatchObject({ emitters: [], groups: [] });
    expect(Object.keys(report.campaigns[0])).toEqual(
      expect.arrayContaining([
        ...["source", "first", "last", "ports", "kinds", "tool", "evidence", "verdict", "score"],
      ]),
    );
  });

  it.each([
    { what: "--ours", words: ["--ours", "192.0.2.0/24"], ours: "192.0.2.0/24", open: "" },
    {
      what: "--open",
      words: ["--open", "22,1001-1003,53/udp"],
      ours: "",
      open: "tcp 22, 1001-1003; udp 53",
    },
  ])("goes by $what", async ({ words, ours, open }) => {
    const report = JSON.parse((await replay([plain, "--json", ...words])).printed);
    if (ours !== "") expect(report.ours).toEqual({ inferred: false, what: ours });
    if (open !== "") expect(report.open).toEqual({ inferred: false, what: open });
    const verdicts = report.campaigns.map((each: Record<string, unknown>) => each["verdict"]);
    expect(verdicts).not.toContain("scan");
  });

  it("judges nobody whom the ignore file names", async () => {
    const ignored = fileOf(
      "trusted.pcap",
      bytesOf(timeline(probes("192.0.2.200", [1001, 1002, 1003, 1004]))),
    );
    expect(JSON.parse((await replay([ignored, "--json"])).printed).campaigns).toEqual([]);
  });

  it("--against tells what another configuration would have done", async () => {
    const { printed } = await replay([plain, "--against", watching, "--json"]);
    expect(JSON.parse(printed).against).toMatchObject({
      config: watching,
      differences: [
        {
          source: "192.0.2.66",
          here: { verdict: "scan", held: true, bans: [{ evidence: "claimed" }] },
          against: { verdict: "scan", held: false, bans: [] },
        },
      ],
    });
    const text = (await replay([plain, "--against", watching])).printed;
    expect(text).toContain("would have treated 1 source differently");
    expect(text).toMatch(
      /192\.0\.2\.66 +scan, held, banned 2026-\S+ until 2026-\S+ +scan, not banned/,
    );
    const same = (await replay([plain, "--against", configuration])).printed;
    expect(same).toContain(`${configuration} would have done the same.`);
  });

  it("judges a damaged file up to the damage, says so, and ends with 65", async () => {
    const damaged = fileOf("damaged.pcap", bytesOf(scan).subarray(0, -30));
    const { status, printed } = await replay([damaged]);
    expect(status).toBe(65);
    expect(printed).toContain("14 packets");
    expect(printed).toMatch(
      /damaged\.pcap was read to byte \d+: the capture ends \d+ bytes into a record\./,
    );
    expect(printed).toContain("192.0.2.66");
    const report = JSON.parse((await replay([damaged, "--json"])).printed);
    expect(report.damage).toMatchObject([{ file: damaged, offset: expect.any(Number) }]);
  });

  it.each([
    {
      what: "packets of a link type that is not read",
      name: "ieee802_11.pcap",
      bytes: bytesOf(scan, "pcap", 105),
      said:
        "15 packets of link type 105, which is not read; what is read: Ethernet (1), raw IP (101, " +
        "12, 14, 228, 229), Linux cooked captures (113, 276) and BSD loopback (0, 108)",
    },
    {
      what: "gzip that is damaged where its data begin",
      name: "damaged1.gz",
      bytes: gzipSync(bytesOf(scan)).fill(0xff, 10, 14),
      said: "the gzip data is damaged: invalid block type, and nothing before that can be unpacked",
    },
    {
      what: "gzip whose first byte is damaged",
      name: "damaged2.gz",
      bytes: gzipSync(bytesOf(scan)).fill(0, 0, 1),
      said: "this looks like damaged gzip",
    },
    { what: "no capture", name: "foreign.txt", bytes: "hello, world", said: "this is no capture" },
    { what: "an empty file", name: "empty", bytes: "", said: "the file is empty" },
  ])("refuses $what with 65", async ({ name, bytes, said }) => {
    const { status, errors } = await replay([fileOf(name, bytes)]);
    expect(status).toBe(65);
    expect(errors).toContain(said);
  });

  it.each([
    { words: [] as string[], said: "missing required argument" },
    { words: [plain, "--open", "99999"], said: "expected a port" },
    {
      words: [plain, "--open", "22,80/sctp"],
      said:
        '80/sctp: the transport is tcp or udp, and not "sctp". Expected ports and ranges, of TCP ' +
        "where nothing else is said: 22,80,8000-8010,53/udp.",
    },
    { words: [plain, "--open", "53/udp/tcp"], said: 'not "udp/tcp"' },
    { words: [plain, "--ours", "everybody"], said: "Expected an address or a prefix" },
    { words: ["/dev/null"], said: "/dev/null: what is no file can be read only once" },
  ])("refuses $words with 64", async ({ words, said }) => {
    const { status, errors } = await replay(words);
    expect({ status, isSaid: errors.includes(said) }).toEqual({ status: 64, isSaid: true });
  });

  it("names ten faults of a second configuration, and how many more there are", async () => {
    const foreign = fileOf("foreign.conf", "what is this\n".repeat(300));
    const { status, errors } = await replay([plain, "--against", foreign]);
    expect(status).toBe(78);
    const lines = errors.trimEnd().split("\n");
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toContain("and 290 more");
  });

  it.each([
    { what: "a scanner inside --ours", ours: "192.0.2.66,198.51.100.10", said: true },
    { what: "our own answers", ours: "198.51.100.10", said: false },
  ])("says of $what that it was passed over: $said", async ({ ours, said }) => {
    const { printed } = await replay([plain, "--ours", ours]);
    const note =
      "5 packets from inside --ours to inside it were passed over: what is ours is not judged. If " +
      "the scanner is there, name only the addresses that were guarded.";
    expect(printed.includes(note)).toBe(said);
  });

  it.each([
    { what: "nobody that the capture knows", ours: "203.0.113.9", said: true },
    { what: "who was asked", ours: "198.51.100.10", said: false },
  ])("says that nothing was for us when --ours is $what: $said", async ({ ours, said }) => {
    const { printed } = await replay([plain, "--ours", ours]);
    const note = /No port of --ours was asked for; \d+ packets to others were passed over\./;
    expect(note.test(printed)).toBe(said);
  });

  it.each([
    { pings: 2, config: configuration, said: false },
    { pings: 3, config: configuration, said: true },
    { pings: 3, config: fileOf("other.conf", 'SENSE_OTHER="1"\n'), said: false },
  ])("$pings pings by $config: SENSE_OTHER is named: $said", async ({ pings, config, said }) => {
    const packets = Array.from({ length: pings }, (_, index) =>
      encodeProtocol({
        from: "192.0.2.66",
        to: `198.51.100.${index + 1}`,
        protocol: 1,
        data: Buffer.from([8, 0, 0xf7, 0xff, 0, 0, 0, 0]),
      }),
    );
    const { printed } = await replay([fileOf("pings", bytesOf(timeline(packets))), "-c", config]);
    const note =
      "3 packets without a port (pings, other protocols) were passed over; " +
      'SENSE_OTHER="1" would sense them.';
    expect(printed.includes(note)).toBe(said);
  });

  it("tells a terminal how far it is, and leaves its line empty", async () => {
    const told: string[] = [];
    let nowMs = 0;
    const clock = { monotonicMs: () => (nowMs += 1000), epochMs: () => 0 };
    await replay([plain], { progress: (text) => told.push(text), clock });
    expect(told).toEqual([`reading 1 of 2: ${plain} 100 %`, `reading 2 of 2: ${plain} 100 %`, ""]);
  });

  it("says it of one packet in the singular", async () => {
    const [first, second, ...others] = scan as [Captured, Captured, ...Captured[]];
    const swapped = fileOf("swapped.pcap", bytesOf([second, first, ...others]));
    expect(JSON.parse((await replay([swapped, "--json"])).printed).notes).toEqual([
      "1 packet is earlier than the one before; it is judged at that one's time.",
    ]);
  });

  it("judges what it can of a file with two link types, says so, and ends with 65", async () => {
    const mixed = fileOf(
      "mixed.pcapng",
      Buffer.concat([bytesOf(scan, "pcapng"), bytesOf(scan.slice(0, 2), "pcapng", 105)]),
    );
    const { status, printed } = await replay([mixed]);
    expect(status).toBe(65);
    expect(printed).toContain("192.0.2.66  scan");
    expect(printed).toContain(
      "mixed.pcapng: 2 packets of link type 105 were not read; what is read:",
    );
    const report = JSON.parse((await replay([mixed, "--json"])).printed);
    expect(report.unread).toEqual([{ file: mixed, linkType: 105, packets: 2 }]);
  });

  it("says that packets were out of order, and tells their own times", async () => {
    const backwards = fileOf("backwards.pcap", bytesOf(scan.toReversed()));
    const report = JSON.parse((await replay([backwards, "--json"])).printed);
    expect(report.notes).toEqual([
      "14 packets are earlier than the one before; they are judged at its time.",
    ]);
    const found = report.campaigns.find((each: { source: string }) => each.source === "192.0.2.66");
    expect(found).toMatchObject({
      verdict: "scan",
      first: "2026-01-01T00:00:00.000Z",
      last: "2026-01-01T00:00:00.080Z",
    });
  });
});
