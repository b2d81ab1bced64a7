/**
 * What a stranger or a careless hand wrote reaches no terminal, log or page as it was: names that a
 * name server of the attacker's answers with, what hooks print, reasons, lines of files, and what
 * clients send. Every exit of a real guard is looked at.
 */
import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { MailReceiver, WebhookReceiver } from "../support/alert-receivers.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { HOSTILE_NAMES, HOSTILE_REASON, harmIn, MARKER } from "../support/hostile-text.ts";
import { describeLive } from "../support/live.ts";
import type { LiveProcess } from "../support/live-process.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { PORTSENTRY, VEDETTE } from "../support/programs.ts";
import { startNameServer } from "../support/services.ts";
import { Syslog } from "../support/syslog.ts";
import { waitFor } from "../support/wait-for.ts";

/** What clients say to a port that looks open: nothing of it may be seen again, in any form. */
const SPOKEN = "sp0ken\x1b[2J\x9b31m<script>\u202e";

/** A command that fails with hostile last words. */
async function hostileHook(lab: Lab): Promise<string> {
  const [words, hook] = [join(lab.folder, "words"), join(lab.folder, "hook.sh")];
  await writeFile(words, HOSTILE_REASON);
  await writeFile(hook, `#!/bin/sh\ncat ${words} >&2\ncat ${words}\nexit 3\n`);
  await chmod(hook, 0o755);
  return hook;
}

/** The bytes of an answer, as any client has them. */
async function askRaw(
  guard: Guard,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const socketPath = join(guard.folder, "run/api.sock");
  const method = body === undefined ? "GET" : "POST";
  const asked = request({ socketPath, path, method, agent: false }, (reply) => {
    text(reply).then((all) => resolve({ status: reply.statusCode ?? 0, body: all }), reject);
  });
  asked.on("error", reject);
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

/** Exits by their names: which harmful characters came out of each; {} when nothing did. */
function harmOf(exits: ReadonlyMap<string, string>): Record<string, readonly string[]> {
  const all = [...exits].map(([name, output]) => [name, harmIn(output)] as const);
  return Object.fromEntries(all.filter(([, harm]) => harm.length > 0));
}

/** What a live view writes to move about and to colour; see src/cli/watch/terminal.ts. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
const OWN_SEQUENCES = /\x1b\[(?:\?(?:1049|25|7)[hl]|2J|K|\d+;1H|[0-9;]*m)/g;

describeLive("hostile text", ["nmap", "script"], () => {
  it("of operators, hooks, files and clients is harmless at every exit", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner", "talker"]);
    const webhook = await WebhookReceiver.start(target.namespace);
    const mailbox = await MailReceiver.start(target.namespace);
    const files = {
      url: join(lab.folder, "webhook-url"),
      list: join(lab.folder, "bad.netset"),
      blockLog: join(lab.folder, "block.log"),
      history: join(lab.folder, "history"),
      blocked: join(lab.folder, "blocked"),
    };
    await writeFile(files.url, `${webhook.url()}\n`, { mode: 0o600 });
    await writeFile(files.list, `192.0.2.200\n${HOSTILE_REASON}\n`);
    const guard = await Guard.start(lab, target.namespace, {
      config: {
        LOG_FORMAT: "text",
        KILL_RUN_CMD: `${await hostileHook(lab)} $TARGET$`,
        PHANTOM: "all",
        PHANTOM_ANSWER: "banner",
        CAMPAIGN_QUIET: "4s",
        ALERT_ON: "opened convicted closed health",
        ALERT_WEBHOOK: files.url,
        ALERT_MAIL_TO: "root@example.org",
        ALERT_MAIL_FROM: "guard@example.org",
        ALERT_SMTP: mailbox.url,
        BLOCKLIST_FILES: files.list,
        BLOCK_LOG: files.blockLog,
        HISTORY_FILE: files.history,
        BLOCKED_FILE: files.blocked,
      },
      ignore: [HOSTILE_REASON],
      args: ["--verbose"],
    });
    const places = ["--run", join(guard.folder, "run"), "--state", join(guard.folder, "state")];
    const follow = (...words: string[]): LiveProcess =>
      guard.namespace.spawn(VEDETTE, [...places, "watch", ...words]);
    const [plain, json] = [follow(), follow("--json")];
    const onTerminal = (...words: string[]): LiveProcess =>
      guard.namespace.spawn("script", [
        ...["-qec", `stty cols 400 rows 60; ${[VEDETTE, ...places, ...words].join(" ")}`],
        "/dev/null",
      ]);
    const live = onTerminal("watch");
    await waitFor("all who follow", 30_000, () =>
      [plain, json, live].every(({ output }) => output !== ""),
    );

    const reply = await askRaw(guard, "/v1/bans", {
      address: "192.0.2.50",
      reason: HOSTILE_REASON,
    });
    expect(reply.status).toBe(200);
    const talker = new Agent(hosts.talker.namespace);
    const connection = await talker.open(target.ipv4, 7001);
    await talker.send(connection, SPOKEN);
    const scan = `-n -Pn -sT --max-retries 0 -p 1001-1030 ${target.ipv4}`;
    await hosts.scanner.namespace.exec("nmap", scan.split(" "));
    await guard.banned(hosts.scanner.ipv4);
    await guard.problem("hook-failed");
    const alerted = () => [
      webhook.taken.map(({ raw }) => raw).join("\n"),
      mailbox.mails.map(({ data }) => data).join("\n"),
    ];
    await waitFor("the alert that it is over", 60_000, () =>
      alerted().every((text) => text.includes("over:")),
    );
    await live.write("\t");
    await waitFor("the reason in the live view", 30_000, () => live.output.includes("1.2.0.291"));

    const exits = new Map<string, string>();
    for (const words of [
      ["bans"],
      ["why", "192.0.2.50"],
      ["why", hosts.scanner.ipv4],
      ["campaigns"],
      ["history"],
      ["status"],
      ["trusted"],
      ["doctor"],
      ["report"],
    ]) {
      exits.set(words.join(" "), (await guard.command(...words)).stdout);
      const said = (await guard.command(...words, "--json")).stdout;
      exits.set([...words, "--json"].join(" "), said);
      JSON.parse(said);
    }
    const refused = await guard.command("ban", `${MARKER}\x1b[2J\u202e`);
    exits.set("ban, refused", refused.stdout + refused.stderr);
    exits.set("report --html", await guard.ask("report", "--html", "-"));
    exits.set("abuse-report", await guard.ask("abuse-report", "--evidence", "claimed"));
    const dshield = await guard.ask("abuse-report", "--format", "dshield");
    exits.set("abuse-report, DShield", dshield.replaceAll("\t", " "));
    for (const words of [["bans"], ["status"], ["history", "--json"]]) {
      const seen = (await onTerminal(...words).ended).stdout;
      // The terminal's own line ends.
      exits.set(`${words.join(" ")} on a terminal`, seen.replaceAll("\r\n", "\n"));
    }
    for (const path of [
      "/v1/bans",
      "/v1/status",
      "/v1/history",
      "/v1/campaigns",
      "/v1/why?address=192.0.2.50",
      "/v1/trusted",
      "/metrics",
      "/bans.txt",
      `/v1/why?address=${encodeURIComponent(`${MARKER}\x9b\u202e`)}`,
    ]) {
      exits.set(path, (await askRaw(guard, path)).body);
    }
    exits.set("watch", plain.output);
    exits.set("watch --json", json.output);
    exits.set("watch, live", live.output.replace(OWN_SEQUENCES, ""));
    exits.set("standard output", guard.process.output);
    const kept = readdirSync(lab.folder).filter((each) => /^(block|history|blocked)/.test(each));
    for (const file of kept) exits.set(file, readFileSync(join(lab.folder, file), "utf8"));
    const [webhooks = "", mails = ""] = alerted();
    exits.set("webhook", webhooks);
    exits.set("mail", mails);

    expect(harmOf(exits)).toEqual({});
    // It was there, and came out as something else.
    const shown = [...exits].filter(([, output]) => output.includes(MARKER));
    expect(shown.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        ...["bans", "bans --json", "bans on a terminal", "history --json"],
        ...["status", "status on a terminal", "why 192.0.2.50", "doctor", "ban, refused"],
        ...["report", "report --html", "watch --json", "watch, live", "standard output"],
        ...["/v1/bans", "/v1/status", "/v1/history"],
      ]),
    );
    for (const [name, output] of exits) expect(output, name).not.toContain("sp0ken");
    const page = exits.get("report --html") ?? "";
    expect(page).toContain(`=cmd(&quot;/c ${MARKER}&quot;)|&lt;script&gt;`);
    expect(page).not.toMatch(/<script|<img/);
    expect(exits.get("abuse-report")).toMatch(
      /^IP,Categories,ReportDate,Comment\n(?:[\d.]+,14,[\dTZ:.-]+,"?[\w ,():;.-]+"?\n)+$/,
    );
    expect(kept).toContain("block.log");
    const bansOf = (text: string) =>
      (JSON.parse(text) as { address: string; reason: string }[]).find(
        ({ address }) => address === "192.0.2.50",
      )?.reason;
    expect(bansOf(exits.get("bans --json") ?? "")).toBe(HOSTILE_REASON);
    expect(bansOf(exits.get("/v1/bans") ?? "")).toBe(HOSTILE_REASON);
  });

  it("of the name servers of scanners stands in no line and no file of either PortSentry", async () => {
    await using lab = await Lab.open();
    const { router, target } = await buildNetwork(lab, []);
    const first = 10;
    const last = first + HOSTILE_NAMES.length;
    const longest = [63, 63, 63, 61].map((length) => Buffer.alloc(length, "a"));
    const longestName = longest.join(".");
    const names = [...HOSTILE_NAMES, longest];
    const nameServer = await startNameServer(
      target.namespace,
      0,
      53,
      new Map(names.map((labels, index) => [`${first + index}`, labels])),
    );
    const resolverPath = join(lab.folder, "resolv.conf");
    await writeFile(resolverPath, "nameserver 127.0.0.1\n");
    const ownResolver = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';
    const syslog = await Syslog.start(lab, target.namespace);
    const prefix = [...syslog.prefix, "sh", "-c", ownResolver, "sh", resolverPath];
    const hook = await hostileHook(lab);

    for (const [dialect, words, block] of [
      ["2.x", ["--stealth", "-l", "stdout", "-l", "syslog"], "1"],
      ["1.2", ["-stcp", "--foreground"], "0"],
    ] as const) {
      const folder = await mkdtemp(join(lab.folder, "portsentry-"));
      await chmod(folder, 0o755);
      const [file, history] = [join(folder, "portsentry.conf"), join(folder, "history")];
      const config = {
        TCP_PORTS: "11",
        RESOLVE_HOST: "1",
        BLOCK_TCP: block,
        KILL_RUN_CMD: `${hook} $TARGET$`,
        IGNORE_FILE: join(folder, "ignore"),
        HISTORY_FILE: history,
        BLOCKED_FILE: join(folder, "blocked"),
      };
      const lines = Object.entries(config).map(([key, value]) => `${key}="${value}"\n`);
      await writeFile(file, lines.join(""));
      await writeFile(config.IGNORE_FILE, "");
      const env = {
        VEDETTE_RUN_DIR: join(folder, "run"),
        VEDETTE_STATE_DIR: join(folder, "state"),
      };
      const [program = "", ...args] = [...prefix, PORTSENTRY, ...words, "-c", file];
      const before = syslog.lines.length;
      const guard = target.namespace.spawn(program, args, { env });
      const told = () => syslog.texts.slice(before);
      const said = () => [...guard.lines, ...told()].join("\n");
      await waitFor(
        () => `the ready line of ${dialect}:\n${said()}`,
        60_000,
        () => told().some((text) => text.endsWith("active and listening.")),
      );
      await forge(router, {
        from: `198.18.0.${first - 1}`,
        sources: names.length + 1,
        to: target.ipv4,
        ports: [11],
        perSecond: 20,
      });
      const everybody = Array.from({ length: names.length + 1 }, (_, index) => first - 1 + index);
      const records = () => readLines(history);
      await waitFor(
        () => `a line in the history for each source of ${dialect}:\n${said()}`,
        60_000,
        () => records().length === everybody.length,
      );
      await guard.stop();

      for (const octet of everybody) {
        const address = `198.18.0.${octet}`;
        const host = octet < first ? "scanner.example.org" : octet < last ? address : longestName;
        const ofIt = [...told(), ...records()].filter((text) => namesSource(text, address));
        expect(ofIt.length, `${dialect} ${address}`).toBeGreaterThan(1);
        const named = dialect === "2.x" ? `[${address}] (${host}` : `: ${host}`;
        expect(
          ofIt.some((text) => text.includes(named)),
          `${dialect} ${named}`,
        ).toBe(true);
      }
      const shown = [guard.output, ...told(), ...records()].join("\n");
      expect(harmIn(shown)).toEqual([]);
      expect(shown).not.toMatch(/<script|=cmd|%n|forged from/);
      for (const text of told()) expect(text).not.toMatch(/^attackalert: forged|192\.0\.2\.99/);
      const asked = nameServer.lines.filter((line) => line.startsWith("named "));
      expect(new Set(asked).size).toBe(names.length);
    }
  });
});

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(0, -1);
  } catch {
    // Not made yet.
    return [];
  }
}

function namesSource(text: string, address: string): boolean {
  return text.split(/[^\d.]+/).includes(address);
}
