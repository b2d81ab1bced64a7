import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OutcomeView, ReloadView } from "../../src/api/contract.ts";
import type { OfflineOperator } from "../../src/api/operator.ts";
import type { ServedApi } from "../../src/api/server.ts";
import { createApi, serveApi } from "../../src/api/server.ts";
import type { LaunchGuard } from "../../src/cli/commands/guard.ts";
import type { CliContext } from "../../src/cli/context.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import { DEFAULT_CONFIG_PATHS } from "../../src/config/profile.ts";
import { OperationalError } from "../../src/errors.ts";
import { BAN, FakeOperator, RELOADED, STATUS } from "../api/fake-operator.ts";
import { createFakeContext } from "./fake-context.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-cli-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Keeps answers of its own beside those of the guard, so that a test sees who was asked. */
class FakeOffline extends FakeOperator implements OfflineOperator {
  isOpen = true;
  removable = ["table inet vedette", "1 ban"];
  readonly left: string[] = [];
  isGuarded = false;

  hasGuard(): boolean {
    return this.isGuarded;
  }

  async untrust(address: string): Promise<OutcomeView> {
    const isKnown = this.trustedViews.some((view) => view.address === address);
    return { address, status: isKnown ? "applied" : "already-applied" };
  }

  async remove(leaving: "nothing" | "state"): Promise<string[]> {
    this.left.push(leaving);
    return this.removable.splice(0);
  }

  async close(): Promise<void> {
    this.isOpen = false;
  }
}

interface Result {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

let operator: FakeOperator;
let offline: FakeOffline;
let isReader: boolean;
let served: ServedApi | undefined;
let launched: Parameters<LaunchGuard>[0][];

beforeEach(() => {
  operator = new FakeOperator();
  offline = new FakeOffline();
  isReader = false;
  launched = [];
});
afterEach(async () => {
  await served?.close();
  served = undefined;
});

async function startGuard(): Promise<void> {
  const options = {
    mayChange: () => !isReader,
    onDefect: (error: unknown) => {
      throw error;
    },
  };
  served = await serveApi(createApi(operator, options), { path: join(directory, "api.sock") });
}

/** Runs "vedette --run … --state …" and the words of `line`, which blanks part. */
async function run(line: string, overrides: Partial<CliContext> = {}): Promise<Result> {
  const context = createFakeContext({ openOffline: async () => offline, ...overrides });
  const places = ["--run", directory, "--state", join(directory, "state")];
  const launch: LaunchGuard = async (options) => {
    launched.push(options);
    return 0;
  };
  const status = await runCommandLine([...places, ...line.split(" ")], context, launch);
  return { status, out: context.printed(), err: context.printedErrors() };
}

const root = { uid: 0 };

describe("vedette status", () => {
  beforeEach(startGuard);

  it("is a sentence, the problems, the worst first, the counts, what to know, and how to look further", async () => {
    const since = "2026-11-22T13:00:00.000Z";
    operator.statusView = {
      ...STATUS,
      confirm_by: "2026-11-22T13:04:45.000Z",
      health: [
        {
          code: "undo-unknown",
          severity: "notice",
          text: "Unban does not take back this.",
          action: "Say how.",
          since,
        },
        {
          code: "hold-set-full",
          severity: "warning",
          text: "The set of held sources is full.",
          action: "Wait for the flood to end.",
          since,
        },
        {
          code: "journal-failed",
          severity: "error",
          text: "The journal cannot be written.",
          action: "Make room.",
          since,
        },
      ],
    };
    expect(await run("status")).toEqual({
      status: 0,
      err: "",
      out: `Guarding TCP and UDP: 1 source is banned.
What was started or applied last is taken back in 45 s unless you run: vedette confirm

Problems:
  error: The journal cannot be written. (journal-failed)
    What to do: Make room.
  warning: The set of held sources is full. (hold-set-full)
    What to do: Wait for the flood to end.

GUARD
Running since  2026-11-22 12:00 (1 h ago)
TCP mode       atcp
UDP mode       audp
Configuration  0123456789ab
Version        0.1.0

NOW
Bans in force                                         1
Sources held                                          2
Sources remembered                                   40
Scans under way                                       2
Trusted addresses and prefixes                        3

SO FAR
Probes received                                    1234
Scans told                                            7
Holds                                                17
Packets dropped of banned and held sources        99000
Packets let through because trusted                   6
Sources asked whether they are there                120
Answers that prove one alive                         90
Answers with a wrong number                           2
Questions beyond the budget                          40
Questions that could not be sent                      1
Handshakes that prove a source                        7
Answers for ports that look open                    300
Such answers beyond the budget                       50
Such answers that could not be sent                   3
Probes lost on the way to the guard                   0
Probes beyond the log limit                           5
Probes that found a kernel set full                   0
Packets that could not be read                        1
Journal writes that failed                            0

To know:
  notice: Unban does not take back this. (undo-unknown)
    What to do: Say how.

Look at the table with: nft list table inet vedette
`,
    });
  });

  it("breaks long sentences and groups digits on a terminal, and nothing in a pipe", async () => {
    const text = "Something that takes many words to be told is not as it was meant to be.";
    const problem = { code: "journal-failed", severity: "error", action: "Mend it." } as const;
    const since = "2026-11-22T13:00:00.000Z";
    operator.statusView = { ...STATUS, health: [{ ...problem, text, since }] };
    const { out } = await run("status", { columns: 60 });
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(60);
    expect(out).toContain("told is not\n    as it was meant to be. (journal-failed)\n");
    expect(out).toMatch(/\nProbes received +1 234\n/);
    expect((await run("status")).out).toContain(`  error: ${text} (journal-failed)\n`);
  });

  it("has the problems of a guard that is not there, and nothing that is not known", async () => {
    operator.statusView = {
      ...STATUS,
      since: null,
      mode: { tcp: "", udp: "" },
      config_revision: "",
    };
    const { out } = await run("status");
    expect(out).toContain("\nGUARD\nVersion  0.1.0\n");
  });

  it("says so when there are no problems, and leaves out what there is not", async () => {
    operator.statusView = { ...STATUS, since: null };
    const { out } = await run("status");
    expect(out).toContain("\nNo problems.\n");
    expect(out).not.toContain("Running since");
    expect(out).not.toContain("vedette confirm");
  });

  it("prints exactly the API's body with --json, wherever it stands", async () => {
    const expected = { status: 0, out: `${JSON.stringify(STATUS)}\n`, err: "" };
    expect(await run("status --json")).toEqual(expected);
    expect(await run("--json status")).toEqual(expected);
  });

  it("exits by the code of the guard's fault", async () => {
    operator.failure = new OperationalError("ERR_BROKER", "the broker\u001b[2J has gone");
    expect(await run("status")).toEqual({
      status: 70,
      out: "",
      err: "vedette: the broker\\x1b[2J has gone\n",
    });
  });
});

describe("vedette bans", () => {
  beforeEach(startGuard);

  it("says so when none of them is in force", async () => {
    operator.banViews = [{ ...BAN, in_force: false }];
    const { out } = await run("bans");
    expect(out).toMatch(/^None of these is in force: no guard runs and its table is gone\./);
  });

  it("lists addresses in full, local times, and how long each ban lasts", async () => {
    operator.banViews.push({
      ...BAN,
      address: "2001:db8:1234:5678::/64",
      until: null,
      remaining_seconds: null,
      evidence: "claimed",
      evidence_text: "",
      origin: "operator",
      reason: "by hand\n\u001b[2J",
    });
    expect(await run("bans")).toEqual({
      status: 0,
      err: "",
      out: `\
ADDRESS                  SINCE                  ENDS  EVIDENCE  BY        REASON
192.0.2.7                2026-11-22 13:03  in 59 min  proven    detector  3 unused ports within 2 s: tcp 22, 23, 25
2001:db8:1234:5678::/64  2026-11-22 13:03      never  claimed   operator  by hand\\x0a\\x1b[2J
proven: it completed a handshake
`,
    });
  });

  it("shortens reasons to the terminal", async () => {
    expect((await run("bans", { columns: 92 })).out).toBe(`\
ADDRESS    SINCE                  ENDS  EVIDENCE  BY        REASON
192.0.2.7  2026-11-22 13:03  in 59 min  proven    detector  3 unused ports within 2 s: tcp …
proven: it completed a handshake
`);
  });

  it.each([
    { columns: 120, titles: "ADDRESS SINCE ENDS EVIDENCE BY REASON" },
    { columns: 80, titles: "ADDRESS ENDS EVIDENCE BY REASON" },
    { columns: 66, titles: "ADDRESS ENDS EVIDENCE REASON" },
    { columns: 56, titles: "ADDRESS ENDS REASON" },
  ])("on $columns columns has $titles, each ban on one line", async ({ columns, titles }) => {
    const reason = "password guessing at the mail server, seen in its log";
    operator.banViews.push({ ...BAN, address: "2001:db8:1234:5678::/64", reason });
    const lines = (await run("bans", { columns })).out.split("\n").slice(0, 3);
    expect(lines[0]?.split(/ +/).join(" ")).toBe(titles);
    expect(lines[2]).toMatch(/^2001:db8:1234:5678::\/64 /);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
  });

  it("says that there are none, and what would be there", async () => {
    operator.banViews = [];
    expect((await run("bans")).out).toBe(
      "No bans: nobody is shut out now. Whoever is would stand here, with when it ends and why.\n" +
        "Those that are over: vedette history --kind ban\n",
    );
    expect((await run("bans --after 192.0.2.7")).out).toBe("No further bans.\n");
    expect((await run("bans --json")).out).toBe("[]\n");
  });

  it("tells how to go on when the list may be longer", async () => {
    operator.banViews.push({ ...BAN, address: "192.0.2.8" });
    expect((await run("bans --limit 1")).out).toMatch(
      /\nThere may be more: vedette bans --after 192\.0\.2\.7\n$/,
    );
    expect((await run("bans --limit 1 --after 192.0.2.7")).out).toContain("\n192.0.2.8 ");
    expect((await run("bans --limit 3")).out).not.toContain("more");
  });

  it("tells how to go on with campaigns by their place, which stays when they are probed again", async () => {
    const { out } = await run("campaigns --limit 1");
    expect(out).toMatch(/\nThere may be more: vedette campaigns --after 1795438980000\.5\n$/);
    await run("campaigns --limit 1 --after 1795438980000.5");
    expect(operator.requests.at(-1)).toMatchObject({ limit: 1, after: "1795438980000.5" });
  });

  it("prints exactly the API's body with --json", async () => {
    expect((await run("bans --json")).out).toBe(`${JSON.stringify([BAN])}\n`);
  });

  it.each([
    { limit: "0", status: 64 },
    { limit: "1", status: 0 },
    { limit: "10000", status: 0 },
    { limit: "10001", status: 64 },
    { limit: "ten", status: 64 },
  ])("with --limit $limit exits $status", async ({ limit, status }) => {
    expect((await run(`bans --limit ${limit}`)).status).toBe(status);
  });
});

describe("vedette report --html", () => {
  beforeEach(startGuard);

  it.each([
    { what: "in a directory that is not there", name: "none/x.html", why: "no such file" },
    { what: "that is a directory", name: "", why: "this is a directory" },
  ])("exits 74 for a file $what", async ({ name, why }) => {
    const { status, err } = await run(`report --html ${join(directory, name)}`);
    expect({ status, err }).toEqual({ status: 74, err: expect.stringContaining(why) });
  });
});

describe("vedette ban", () => {
  beforeEach(startGuard);

  it.each([
    { line: "ban 203.0.113.9", out: "203.0.113.9 is banned for good.\n", asked: {} },
    {
      line: "ban 203.0.113.9 --for 1h --reason by-hand",
      out: "203.0.113.9 is banned for 1h.\n",
      asked: { for_seconds: 3600, reason: "by-hand" },
    },
    { line: "ban 192.0.2.7", out: "192.0.2.7 was already banned.\n", asked: {} },
  ])("answers $line with $out", async ({ line, out, asked }) => {
    expect(await run(line)).toEqual({ status: 0, out, err: "" });
    expect(operator.requests).toEqual([{ address: line.split(" ")[1], ...asked }]);
  });

  it("refuses a trusted address with the reason and exits 1", async () => {
    expect(await run("ban 198.51.100.1")).toEqual({
      status: 1,
      out: "",
      err: "vedette: 198.51.100.1 is not banned: it is trusted (default gateway)\n",
    });
  });

  it("prints the API's body of a refusal with --json, and exits 1 all the same", async () => {
    const { status, out } = await run("ban 198.51.100.1 --json");
    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual({
      address: "198.51.100.1",
      status: "refused",
      reason: "it is trusted (default gateway)",
    });
  });

  it("exits 64 for what is no address", async () => {
    const { status, err } = await run("ban nonsense");
    expect({ status, err }).toEqual({
      status: 64,
      err: 'vedette: "nonsense" is not an address or prefix\n',
    });
  });

  it("exits 77 for a reader", async () => {
    isReader = true;
    expect((await run("ban 203.0.113.9")).status).toBe(77);
  });

  it.each([
    { span: "0s", status: 64 },
    { span: "1s", status: 0 },
    { span: "3650d", status: 0 },
    { span: "3651d", status: 64 },
    { span: "1", status: 64 },
  ])("with --for $span exits $status", async ({ span, status }) => {
    expect((await run(`ban 203.0.113.9 --for ${span}`)).status).toBe(status);
  });
});

describe("vedette unban", () => {
  beforeEach(startGuard);

  it("ends each ban that it is given", async () => {
    expect(await run("unban 192.0.2.7 192.0.2.8")).toEqual({
      status: 0,
      out: "192.0.2.7 is unbanned.\n192.0.2.8 was not banned.\n",
      err: "",
    });
  });

  it("goes on after one that fails, and exits by the first failure", async () => {
    operator.failure = new OperationalError("ERR_KERNEL", "nftables says no");
    expect(await run("unban 192.0.2.8 192.0.2.7")).toEqual({
      status: 71,
      out: "192.0.2.7 is unbanned.\n",
      err: "vedette: nftables says no\n",
    });
  });

  it("ends all bans", async () => {
    operator.banViews.push({ ...BAN, address: "192.0.2.8" });
    expect((await run("unban --all")).out).toBe("2 bans were ended.\n");
    expect((await run("unban --all")).out).toBe("There were no bans.\n");
    operator.banViews.push(BAN);
    expect((await run("unban --all")).out).toBe("1 ban was ended.\n");
  });

  it("prints the API's bodies with --json, one a line", async () => {
    expect((await run("unban 192.0.2.7 192.0.2.8 --json")).out).toBe(
      '{"address":"192.0.2.7","status":"applied"}\n' +
        '{"address":"192.0.2.8","status":"already-applied"}\n',
    );
    expect((await run("unban --all --json")).out).toBe('{"unbanned":0,"addresses":[]}\n');
  });

  it.each(["unban", "unban --all 192.0.2.7"])("exits 64 for %s", async (line) => {
    expect((await run(line)).status).toBe(64);
    expect(operator.banViews).toEqual([BAN]);
  });
});

describe("vedette reload", () => {
  beforeEach(startGuard);

  it.each([
    {
      view: RELOADED,
      status: 0,
      out:
        "Reloaded: configuration 0123456789ab; changed: SCAN_TRIGGER, TRAP_PORTS.\n" +
        "Bans stand, and sources are remembered as before.\n",
      err: "",
    },
    {
      view: { ...RELOADED, guard: "replaced", memory: "saved" },
      status: 0,
      out:
        "Reloaded: configuration 0123456789ab; changed: SCAN_TRIGGER, TRAP_PORTS. Another guard " +
        "process took over, with its sockets.\n" +
        "Bans stand; of other sources the most convincing are remembered.\n",
      err: "",
    },
    {
      view: { ...RELOADED, guard: "replaced", memory: "anew" },
      status: 0,
      out:
        "Reloaded: configuration 0123456789ab; changed: SCAN_TRIGGER, TRAP_PORTS. Another guard " +
        "process took over, with its sockets.\n" +
        "Bans stand; what was remembered of other sources begins anew.\n",
      err: "",
    },
    {
      view: { ...RELOADED, status: "unchanged", changed: [], warnings: ["a:1: warning: b\u001b"] },
      status: 0,
      out: "Nothing changed: configuration 0123456789ab.\n",
      err: "vedette: a:1: warning: b\\x1b\n",
    },
    {
      view: { ...RELOADED, status: "invalid", changed: [], faults: ["a:1: b", "a:2: c"] },
      status: 78,
      out: "",
      err:
        "vedette: nothing was changed, configuration 0123456789ab stays in force:\n" +
        "a:1: b\na:2: c\n",
    },
    {
      view: { ...RELOADED, status: "failed", changed: [], faults: ["group 77 is taken"] },
      status: 69,
      out: "",
      err:
        "vedette: nothing was changed, configuration 0123456789ab stays in force:\n" +
        "group 77 is taken\n",
    },
  ] as const)("tells $view.status, guard $view.guard, and exits $status", async (given) => {
    operator.reloadView = structuredClone(given.view) as ReloadView;
    const { status, out, err } = given;
    expect(await run("reload")).toEqual({ status, out, err });
    const { view } = given;
    expect((await run("reload --json")).out).toBe(`${JSON.stringify(view)}\n`);
  });
});

describe("vedette reload without a guard", () => {
  it("says that there is nobody to reload", async () => {
    expect(await run("reload")).toMatchObject({ status: 69, out: "" });
  });
});

describe("vedette trust, trusted and confirm", () => {
  beforeEach(startGuard);

  it("trusts for a time and for good", async () => {
    expect((await run("trust 2001:db8::/64 --for 8h")).out).toBe(
      "2001:db8::/64 is trusted for 8h.\n",
    );
    expect((await run("trust 192.0.2.9")).out).toBe("192.0.2.9 is trusted.\n");
    expect(operator.requests).toEqual([
      { address: "2001:db8::/64", for_seconds: 28_800 },
      { address: "192.0.2.9" },
    ]);
  });

  it("lists who is trusted, or says that nobody is", async () => {
    expect((await run("trusted")).out).toBe("ADDRESS       WHY\n198.51.100.1  default gateway\n");
    expect((await run("trusted --json")).out).toBe(`${JSON.stringify(operator.trustedViews)}\n`);
    operator.trustedViews = [];
    expect((await run("trusted")).out).toBe("Nobody is trusted.\n");
  });

  it("confirms once", async () => {
    expect((await run("confirm")).out).toBe("Confirmed: it stays.\n");
    expect((await run("confirm")).out).toBe("There was nothing to confirm.\n");
  });
});

describe("without a guard", () => {
  it("says how to start one, and exits 69", async () => {
    expect(await run("status")).toEqual({
      status: 69,
      out: "",
      err:
        `vedette: no guard is listening on ${join(directory, "api.sock")}; ` +
        'start one with "vedette guard", or ask as root\n',
    });
  });

  it.each(["status", "bans", "ban 203.0.113.9", "unban 192.0.2.7", "trusted"])(
    "root's %s asks the kernel and the journal, and closes them",
    async (line) => {
      const { status, err } = await run(line, root);
      expect({ status, err }).toEqual({ status: 0, err: "" });
      expect(offline.isOpen).toBe(false);
    },
  );

  it("root's offline failure exits by its code, and closes all the same", async () => {
    offline.failure = new OperationalError("ERR_JOURNAL", "the journal is damaged");
    expect((await run("bans", root)).status).toBe(74);
    expect(offline.isOpen).toBe(false);
  });
});

describe("with a guard", () => {
  it("root asks the guard and opens nothing else", async () => {
    await startGuard();
    await run("unban --all", root);
    expect(operator.banViews).toEqual([]);
    expect(offline.banViews).toEqual([BAN]);
    expect(offline.isOpen).toBe(true);
  });
});

describe("vedette untrust and remove", () => {
  it.each(["untrust 198.51.100.1", "remove --yes"])("%s needs root", async (line) => {
    expect(await run(line)).toEqual({
      status: 77,
      out: "",
      err: "vedette: this needs root; try again with sudo\n",
    });
  });

  it("untrusts past a running guard", async () => {
    await startGuard();
    expect((await run("untrust 198.51.100.1", root)).out).toBe(
      "198.51.100.1 is no longer trusted.\n",
    );
    expect((await run("untrust 192.0.2.9", root)).out).toBe("192.0.2.9 was not trusted.\n");
    expect(offline.isOpen).toBe(false);
  });

  it("tells on the standard error what could not be read meanwhile", async () => {
    const note = "/etc/vedette/vedette.ignore:7: \u001b[2J is no address";
    offline.untrust = async (address) => ({ address, status: "applied", note });
    expect(await run("untrust 198.51.100.1", root)).toEqual({
      status: 0,
      out: "198.51.100.1 is no longer trusted.\n",
      err: "vedette: /etc/vedette/vedette.ignore:7: \\x1b[2J is no address\n",
    });
  });

  it("tells what was removed", async () => {
    expect((await run("remove --yes", root)).out).toBe("Removed:\n  table inet vedette\n  1 ban\n");
    expect((await run("remove --yes", root)).out).toBe("There was nothing to remove.\n");
    expect((await run("remove --yes --json", root)).out).toBe("[]\n");
  });

  it("leaves the state only when told to, and asks accordingly", async () => {
    const questions: string[] = [];
    const ask = async (text: string) => {
      questions.push(text);
      return "y";
    };
    await run("remove --yes", root);
    await run("remove --keep-state", { ...root, ask });
    expect(offline.left).toEqual(["nothing", "state"]);
    expect(questions).toEqual([expect.stringMatching(/journal and all trust .* stay/)]);
  });

  it.each([
    { answer: "y", status: 0 },
    { answer: " YES ", status: 0 },
    { answer: "", status: 1 },
    { answer: "n", status: 1 },
    { answer: "yesterday", status: 1 },
  ])("asks first: $answer exits $status", async ({ answer, status }) => {
    const result = await run("remove", { ...root, ask: async () => answer });
    expect(result.status).toBe(status);
    expect(offline.removable.length).toBe(status === 0 ? 0 : 2);
    expect(offline.isOpen).toBe(false);
  });

  it("says before it asks, and in its help, that journal and trust go, too", async () => {
    let question = "";
    const ask = async (text: string) => {
      question = text;
      return "n";
    };
    await run("remove", { ...root, ask });
    for (const text of [question, (await run("remove --help")).out]) {
      expect(text).toMatch(/journal/);
      expect(text).toMatch(/trust/);
    }
  });

  it("does not go on where nobody can be asked", async () => {
    expect((await run("remove", root)).status).toBe(64);
    expect(offline.removable.length).toBe(2);
  });
});

describe("vedette guard", () => {
  const path = join(directory, "guard.conf");

  it("launches with what the command line says", async () => {
    writeFileSync(path, 'ON_STOP="remove"\nGRACE="5m"\n');
    const line =
      `guard -c ${path} --watch-only --confirm 60s --on-stop keep-bans --despite-neighbours ` +
      "--set GRACE=1m --set HOLD_TIME=20s --set GRACE=2m";
    expect(await run(line)).toEqual({ status: 0, out: "", err: "" });
    const { configuration, configRequest, ...options } = launched[0] as (typeof launched)[0];
    expect(options).toEqual({
      runDirectory: directory,
      stateDirectory: join(directory, "state"),
      watchOnly: true,
      confirmWithinMs: 60_000,
      onStop: "keep-bans",
      despiteNeighbours: true,
      guardSocket: undefined,
      acceptsJoins: false,
      logOutputs: ["stdout"],
      verbosity: "normal",
    });
    expect(configRequest).toEqual({
      path,
      overrides: { GRACE: "2m", HOLD_TIME: "20s" },
      strangers: "refused",
    });
    expect(configuration.texts.GRACE).toBe("2m");
    expect(configuration.texts.HOLD_TIME).toBe("20s");
  });

  it.each(["--verbose", "-v"])("tells more with %s", async (flag) => {
    writeFileSync(path, "");
    await run(`guard -c ${path} ${flag}`);
    expect(launched[0]?.verbosity).toBe("verbose");
  });

  it("leaves it to ON_STOP what a stop leaves when the command line is silent", async () => {
    writeFileSync(path, 'ON_STOP="remove"');
    await run(`guard -c ${path}`);
    expect(launched[0]).toMatchObject({
      watchOnly: false,
      confirmWithinMs: undefined,
      onStop: undefined,
      despiteNeighbours: false,
    });
  });

  it("tells warnings before it launches", async () => {
    const portsentryPath = join(directory, "portsentry.conf");
    writeFileSync(portsentryPath, 'TCP_MODE="stcp"\nUDP_MODE=""\nTCP_PORTS="1"\nX="1"\n');
    expect(await run(`guard -c ${portsentryPath}`)).toEqual({
      status: 0,
      out: "",
      err: `vedette: ${portsentryPath}:4: warning: not read: unknown key X\n`,
    });
    expect(launched[0]?.configuration.profile).toBe("portsentry");
  });

  it("launches nothing with a configuration that is invalid, and exits 78", async () => {
    writeFileSync(path, 'SCAN_TRIGGER="-1"\n');
    expect(await run(`guard -c ${path} --set GRACE=0s`)).toEqual({
      status: 78,
      out: "",
      err:
        "vedette: the configuration is invalid:\n" +
        `${path}:1: SCAN_TRIGGER: -1 is below 0\n` +
        "command line: GRACE: 0s is below 30s\n",
    });
    expect(launched).toEqual([]);
  });

  it.each([
    "guard --set GRACE",
    "guard --set =1",
    "guard --confirm 0s",
    "guard --confirm 25h",
    "guard --on-stop nothing",
    "guard --quiet",
    "guard now",
  ])("exits 64 for %s", async (line) => {
    expect((await run(line)).status).toBe(64);
    expect(launched).toEqual([]);
  });

  it("exits as the guard did", async () => {
    writeFileSync(path, "");
    const context = createFakeContext();
    expect(await runCommandLine(["guard", "-c", path], context, async () => 75)).toBe(75);
  });
});

describe("vedette config", () => {
  const path = join(directory, "check.conf");

  it("finds no fault in a good file", async () => {
    writeFileSync(path, 'GRACE="5m"\n');
    const { status, out } = await run(`config check -c ${path}`);
    expect(status).toBe(0);
    expect(out).toMatch(/check\.conf: no faults \(revision [0-9a-f]{12}\)\.\n$/);
  });

  it("tells every fault, one a line, escaped, and exits 78", async () => {
    writeFileSync(path, 'SCAN_TRIGGER="-1"\nANSWER="\u202E"\n');
    expect(await run(`config check -c ${path}`)).toEqual({
      status: 78,
      out: "",
      err:
        `${path}:1: SCAN_TRIGGER: -1 is below 0\n` +
        `${path}:2: ANSWER: expected one of drop, reject, pass, not "\\u{202e}"\n`,
    });
  });

  it("reads blocklists, and tells what is in them and what is wrong with them", async () => {
    const list = join(directory, "drop.txt");
    writeFileSync(list, "192.0.2.0/24 ; SBL1\n10.0.0.0/8\n192.0.2.7\n\u001b[2J\n", { mode: 0o644 });
    const gone = join(directory, "gone.txt");
    writeFileSync(path, `GRACE="5m"\nBLOCKLIST_FILES="${list} ${gone}"\n`);
    const { status, out, err } = await run(`config check -c ${path}`);
    expect(status).toBe(0);
    expect(err).toBe(
      [
        `${path}:2: warning: BLOCKLIST_FILES: ${list}:2: "10.0.0.0/8" is private, reserved, or too ` +
          "wide: that part of it shuts out nobody",
        `${path}:2: warning: BLOCKLIST_FILES: ${list}:4: "?[2J" is no entry: expected an address, ` +
          "a prefix such as 192.0.2.0/24, a range, or a JSON line with a cidr",
        `${path}:2: warning: BLOCKLIST_FILES: ${gone} does not exist`,
        "",
      ].join("\n"),
    );
    expect(out).toContain(`${list}: 3 entries; bad lines: 1; withheld: 1\n${gone}: not read\n`);
    const read = JSON.parse((await run(`config check --json -c ${path}`)).out);
    expect(read.blocklists).toEqual([
      { path: list, read: true, entries: 3, bad_lines: 1, withheld: 1 },
      { path: gone, read: false, entries: 0, bad_lines: 0, withheld: 0 },
    ]);
  });

  it("tells faults as JSON on the standard output", async () => {
    writeFileSync(path, 'SCAN_TRIGGER="-1"\n');
    const { status, out, err } = await run(`config check --json -c ${path}`);
    expect({ status, err }).toEqual({ status: 78, err: "" });
    expect(JSON.parse(out)).toEqual({
      valid: false,
      faults: [{ place: `${path}:1`, text: "SCAN_TRIGGER: -1 is below 0" }],
      warnings: [],
    });
  });

  const portsentryPath = join(directory, "portsentry.conf");
  const MODES = 'TCP_MODE="stcp"\nUDP_MODE=""\nTCP_PORTS="1"\n';

  it("tells warnings, exits 0 when there is nothing else, and counts them", async () => {
    writeFileSync(portsentryPath, `${MODES}BLOCK_TCP="\u202E"\nX="1"\n`);
    const { status, out, err } = await run(`config check -c ${portsentryPath}`);
    expect(status).toBe(0);
    expect(out).toMatch(/portsentry\.conf: no faults, 2 warnings \(revision [0-9a-f]{12}\)\.\n$/);
    expect(err).toBe(
      `${portsentryPath}:4: warning: BLOCK_TCP: "\\u{202e}" is read as "0", as in PortSentry\n` +
        `${portsentryPath}:5: warning: not read: unknown key X\n`,
    );
    writeFileSync(portsentryPath, `${MODES}X="1"\n`);
    const one = await run(`config check -c ${portsentryPath}`);
    expect(one.out).toContain("no faults, 1 warning (");
  });

  it("tells warnings after faults, and exits 78", async () => {
    writeFileSync(portsentryPath, `${MODES}X="1"\nGRACE="0s"\n`);
    const { status, out, err } = await run(`config check -c ${portsentryPath}`);
    expect({ status, out }).toEqual({ status: 78, out: "" });
    expect(err.split("\n")).toEqual([
      `${portsentryPath}:5: GRACE: 0s is below 30s`,
      `${portsentryPath}:4: warning: not read: unknown key X`,
      "",
    ]);
  });

  it("tells warnings as JSON", async () => {
    writeFileSync(portsentryPath, `${MODES}X="1"\n`);
    const { out, err } = await run(`config check --json -c ${portsentryPath}`);
    expect(err).toBe("");
    expect(JSON.parse(out)).toEqual({
      valid: true,
      path: portsentryPath,
      profile: "portsentry",
      revision: expect.stringMatching(/^[0-9a-f]{12}$/),
      faults: [],
      warnings: [{ place: `${portsentryPath}:4`, text: "not read: unknown key X" }],
    });
  });

  it("judges a file as the profile says that the caller names", async () => {
    writeFileSync(portsentryPath, `${MODES}X="1"\n`);
    const strict = await run(`config check -c ${portsentryPath} --profile vedette`);
    expect(strict).toMatchObject({ status: 78, err: `${portsentryPath}:4: unknown key X\n` });
    expect((await run(`config check -c ${path} --profile other`)).status).toBe(64);
  });

  it("shows the profile, its defaults with their reasons, and that there are warnings", async () => {
    writeFileSync(portsentryPath, `${MODES}KILL_ROUTE="/bin/block $TARGET$"\nX="1"\n`);
    const { out } = await run(`config show -c ${portsentryPath}`);
    expect(out).toMatch(/\nProfile: portsentry\n/);
    expect(out).toMatch(/\nWarnings: 1; vedette config check tells them\n$/);
    expect(out).toMatch(/\nHOLD_AFTER +"off" +default\n/);
    expect(out).toMatch(/\nNFT_BAN +"0" +default, because KILL_ROUTE is set\n/);
    const shown = JSON.parse((await run(`config show --json -c ${portsentryPath}`)).out);
    expect(shown).toMatchObject({ profile: "portsentry", warnings: [{}] });
  });

  it("shows every key, its text and where it comes from", async () => {
    writeFileSync(path, '\nGRACE="5m"\n');
    const { status, out } = await run(`config show -c ${path}`);
    expect(status).toBe(0);
    expect(out).toMatch(/^KEY +VALUE +FROM\nTCP_MODE +"atcp" +default\n/);
    expect(out).toMatch(/\nGRACE +"5m" +\/.*check\.conf:2\n/);
    expect(out).toMatch(/\nProfile: vedette\n/);
    const { settings } = JSON.parse((await run(`config show --json -c ${path}`)).out);
    expect(settings).toContainEqual({ key: "GRACE", value: "5m", source: `${path}:2` });
  });

  it.skipIf(existsSync(DEFAULT_CONFIG_PATHS.vedette))(
    "needs no file when none is named",
    async () => {
      expect((await run("config check")).status).toBe(0);
    },
  );
});

describe("the command line", () => {
  it("prints its version", async () => {
    expect(await run("--version")).toEqual({ status: 0, out: "0.1.0\n", err: "" });
  });

  const commands =
    "guard status bans ban unban trust untrust trusted confirm reload apply remove config".split(
      " ",
    );
  it.each(commands)("shows examples in the help of %s", async (name) => {
    const { status, out } = await run(`${name} --help`);
    expect(status).toBe(0);
    expect(out).toContain(`Usage: vedette ${name}`);
    expect(out).toMatch(/\nExamples:\n/);
  });

  it("lists every command in its help", async () => {
    const { out } = await run("--help");
    for (const name of commands) expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  it("says in one line what is wrong, proposes what was meant, and exits 64", async () => {
    expect(await run("statu\u001b[2Js")).toEqual({
      status: 64,
      out: "",
      err: expect.stringMatching(/^vedette: unknown command 'statu\\x1b\[2Js'/),
    });
    expect((await run("stats")).err).toContain("unknown command 'stats' (Did you mean status?)\n");
  });

  it("shows its help and exits 64 when it is asked nothing", async () => {
    const context = createFakeContext();
    expect(await runCommandLine([], context, async () => 0)).toBe(64);
    expect(context.printedErrors()).toContain("Usage: vedette");
  });

  it("give a program its error on the standard output, too, and one answer alone", async () => {
    await startGuard();
    const usage = await run("unban --json");
    expect(usage.status).toBe(64);
    expect(JSON.parse(usage.out)).toEqual({
      error: "ERR_USAGE",
      message: "unban needs either addresses or --all",
    });
    expect(usage.err).toContain("unban needs either");
    const unknown = await run("ban --json --nonsense 192.0.2.7");
    expect(JSON.parse(unknown.out)).toMatchObject({ error: "ERR_USAGE" });
    expect((await run("unban")).out).toBe("");
  });

  it("check every word of unban before anything is unbanned", async () => {
    await startGuard();
    const { status, out, err } = await run("unban 192.0.2.7 junk more");
    expect({ status, out }).toEqual({ status: 64, out: "" });
    expect(err).toContain('nothing was unbanned: not an address or prefix: "junk", "more"');
  });

  it("say which option of ban is too long", async () => {
    const { status, err } = await run(`ban 192.0.2.7 --reason ${"x".repeat(201)}`);
    expect(status).toBe(64);
    expect(err).toContain("Expected at most 200 characters, and not 201.");
  });

  it("tell root of a guard whose socket is gone, and do nothing behind its back", async () => {
    offline.isGuarded = true;
    const { status, out, err } = await run("unban --all", { uid: 0 });
    expect({ status, out }).toEqual({ status: 69, out: "" });
    expect(err).toContain("a guard runs here, but nobody answers on its socket");
    expect(err).not.toContain("no guard");
    expect(offline.isOpen).toBe(false);
  });

  it("does not catch a bug", async () => {
    const openOffline = async () => {
      throw new TypeError("a bug");
    };
    await expect(run("bans", { ...root, openOffline })).rejects.toThrow("a bug");
  });
});
