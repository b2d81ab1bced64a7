/**
 * A real broker with real desks, files and ledger, over a kernel and a machine that only remember,
 * and the other end of its channel: what a guard that was taken over has in its hands.
 *
 * Whatever the broker's handlers throw is kept as a fault, which in the program would end it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { AlertRunner } from "../../src/broker/alert-runner.ts";
import type { BanRules } from "../../src/broker/ban-budget.ts";
import { Broker } from "../../src/broker/broker.ts";
import type { BanLimits } from "../../src/broker/evidence-rules.ts";
import { whyNeverBanned } from "../../src/broker/executors/bannable.ts";
import { DeedLedger } from "../../src/broker/executors/deed-ledger.ts";
import { NftablesExecutor } from "../../src/broker/executors/nftables.ts";
import { LegacyResponses } from "../../src/broker/executors/responses.ts";
import { BlockLog } from "../../src/broker/legacy/block-log.ts";
import { BlockedFiles } from "../../src/broker/legacy/blocked-files.ts";
import { HistoryFile } from "../../src/broker/legacy/history-file.ts";
import { HistoryWriter } from "../../src/broker/legacy/history-writer.ts";
import { LegacyBans } from "../../src/broker/legacy-bans.ts";
import type { BrokerReply } from "../../src/broker/protocol.ts";
import { TrustFile } from "../../src/broker/trust/trust-file.ts";
import { TrustedSet } from "../../src/broker/trusted-set.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { hostPrefixOf, type Prefix } from "../../src/net/prefix.ts";
import { FakeMachine, seedSettings } from "../broker/executors/fake-machine.ts";
import { FakeClock, FakeNft, prefix, RULES } from "../broker/fakes.ts";
import { FakeFiles } from "../broker/trust/fake-files.ts";
import type { Json } from "./mutated-json.ts";
import { RootConfiguration } from "./root-configuration.ts";

/** Who is trusted, by sources that are not the guard's. */
export const TRUSTED = ["192.0.2.1", "198.51.100.10", "2001:db8::10", "203.0.113.0/28"] as const;

/** Trusted by an operator, in the file that the guard's acts of trust are added to. */
export const TRUSTED_BY_HAND = "192.0.2.200";

/** What may be restored before the guard is ready. */
export const RESTORABLE = { bans: 100, wide: 8 } as const;

export const BANS_PER_MINUTE = 600;
export const CLAIMED_BANS_PER_MINUTE = 10;

/** How long the broker may think about a line: far more than the dearest one takes. */
const LONGEST_ANSWER_MS = 60_000;

const CONTENT = {
  ledger: "deeds",
  blocked: "portsentry.blocked",
  block: "block.log",
  history: "portsentry.history",
  trust: "trusted",
  hostsDeny: "hosts.deny",
} as const;

export class GuardedBroker implements AsyncDisposable {
  readonly nft = new FakeNft();
  readonly machine = new FakeMachine();
  readonly clock = new FakeClock();
  /** What the broker's own code threw. */
  readonly faults: unknown[] = [];
  readonly breaches: string[] = [];
  /** The program that was run for each alert, and what it was given. */
  readonly alerts: string[] = [];
  isClosed = false;
  #isDeaf = false;
  /** Goes on with the answers that wait. */
  #hearing: () => void = () => {};
  /** Called with what the broker answers, as it comes. */
  onAnswer: (text: string) => void = () => {};
  readonly #files: FakeFiles;
  /** Of a file with one entry for everybody. */
  readonly #lists = {
    summary: { files: 1, entries: 1, dropped: 0 },
    listings: (wanted: IpAddress) => [{ path: "/list", line: 1, prefix: hostPrefixOf(wanted) }],
  };
  readonly #stream: Duplex;
  readonly #log: BlockLog;
  readonly #legacy: LegacyBans;
  readonly #alerts: AlertRunner;
  readonly #broker: Broker;
  readonly #rules: BanRules;
  /** Made when it is first asked for: most conversations go without. */
  #root: RootConfiguration | undefined;
  /** Whole lines that the broker has answered with. */
  readonly answers: string[] = [];
  #unfinished = "";
  #stopped: Promise<void> | undefined;

  /** @param limits of PROOF; its default's unless another one is given. */
  static async open(limits: BanLimits = RULES.limits): Promise<GuardedBroker> {
    const files = new FakeFiles();
    return new GuardedBroker(files, await DeedLedger.open(files.path(CONTENT.ledger)), limits);
  }

  private constructor(files: FakeFiles, ledger: DeedLedger, limits: BanLimits) {
    this.#files = files;
    this.#rules = { claimedBansPerMinute: CLAIMED_BANS_PER_MINUTE, limits };
    const { clock, nft } = this;
    files.write(CONTENT.trust, `${TRUSTED_BY_HAND}  # a friend\n`);
    const trusted = new TrustedSet();
    const known = [...TRUSTED, TRUSTED_BY_HAND];
    trusted.replace(known.map((text) => ({ prefix: prefix(text), why: "a test" })));
    const file = new TrustFile(files.path(CONTENT.trust), clock);
    this.#log = new BlockLog(
      { path: files.path(CONTENT.block), sender: "portsentry[1]", hostName: "server" },
      clock,
    );
    const history = new HistoryWriter({
      file: new HistoryFile(
        { path: files.path(CONTENT.history), stateDirectory: files.folder },
        clock,
      ),
      trusted,
      clock,
      formatScan: undefined,
      onFault: (reason) => this.faults.push(reason),
    });
    this.#legacy = this.#openLegacy(ledger, (each) => trusted.check(each) ?? whyNeverBanned(each));
    this.#alerts = new AlertRunner({
      path: () => "/usr/local/sbin/alert",
      isTrusted: (each) => trusted.check(each) !== undefined,
      timeoutMs: () => 1000,
      clock,
      run: async (path, alert) => {
        this.alerts.push(`${path} ${JSON.stringify(alert)}`);
        return { status: "ended", exitStatus: 0, output: { stdout: "", stderr: "" } };
      },
    });
    this.#stream = this.#openStream();
    this.#broker = new Broker(
      {
        restore: RESTORABLE,
        bansPerMinute: BANS_PER_MINUTE,
        ipv6PrefixBits: RULES.ipv6PrefixBits,
        ...this.#rules,
      },
      {
        stream: this.#stream,
        executor: new NftablesExecutor(
          { ipv6PrefixBits: 64 },
          { nft, elements: nft, reader: nft, clock, trusted, sharedIpv6: () => [] },
        ),
        legacy: () => this.#legacy,
        blocklists: () => this.#lists,
        clock,
        trust: (each, timeoutMs) =>
          file.add(each, timeoutMs === null ? undefined : clock.epochMs() + timeoutMs, "a guard"),
        onDropped: (packet) => this.#log.append(packet),
        history: () => history,
        alert: (alert) => this.#alerts.run(alert),
        onConfirm: () => this.#root?.trial.confirm() ?? { status: "already-applied" },
        onApply: (withinMs) => this.#rootConfiguration().trial.apply(withinMs),
        onReload: () => this.#rootConfiguration().trial.reload(),
        onReady: () => {},
        onCount: () => {},
        onBreach: (reason) => this.breaches.push(reason),
        onClose: () => {
          this.isClosed = true;
        },
      },
    );
  }

  /** What is in the configuration or in force and not root's own word; undefined: nothing. */
  get foreignWord(): string | undefined {
    return this.#root?.foreignWord;
  }

  /** Names of all files that there are now. */
  get fileNames(): string[] {
    return readdirSync(this.#files.folder);
  }

  /** Whether the other end leaves the answers where they are. */
  set isDeaf(isDeaf: boolean) {
    this.#isDeaf = isDeaf;
    if (!isDeaf) this.#hearing();
  }

  /** Until when what is on trial has to be confirmed; undefined: nothing is. */
  get confirmByEpochMs(): number | undefined {
    return this.#root?.trial.byEpochMs;
  }

  textOf(name: keyof typeof CONTENT): string {
    const path = this.#files.path(CONTENT[name]);
    return this.fileNames.includes(CONTENT[name]) ? readFileSync(path, "utf8") : "";
  }

  /** Everything that is shut out in the kernel. */
  get shutOut(): Prefix[] {
    const sets = [...this.nft.sets.keys()].filter((name) => name.startsWith("ban"));
    return sets.flatMap((name) => this.nft.elements(name)).map(prefix);
  }

  /** Sends bytes as one chunk and lets the broker read them. */
  async send(bytes: Uint8Array): Promise<void> {
    if (!this.isClosed) this.#stream.push(Buffer.from(bytes));
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Fulfilled with false when it is not so within {@link LONGEST_ANSWER_MS}. */
  async hasAnswered(lines: number): Promise<boolean> {
    const endMs = performance.now() + LONGEST_ANSWER_MS;
    while (!this.isClosed && this.faults.length === 0 && this.answers.length < lines) {
      if (performance.now() > endMs) return false;
      await pause(0);
    }
    // What was under way when the channel ended goes on behind it.
    if (this.isClosed) await this.#stopLegacy();
    return true;
  }

  /** Sends one request and waits for its answer, where nobody else's is awaited. */
  async ask(request: Json): Promise<BrokerReply> {
    const before = this.answers.length;
    await this.send(Buffer.from(`${JSON.stringify(request)}\n`));
    await this.hasAnswered(before + 1);
    return JSON.parse(this.answers[before] ?? "null");
  }

  /** As {@link ask}, a minute later: every budget is new. */
  async askLater(request: Json): Promise<BrokerReply> {
    this.clock.advance(60_000);
    return await this.ask(request);
  }

  /** Everything that was done and that lasts, as one text. */
  get deeds(): string {
    const files = this.fileNames.map((name) => [
      name,
      readFileSync(this.#files.path(name), "utf8"),
    ]);
    const sets = [...this.nft.sets].map(([name, elements]) => [name, [...elements]]);
    return JSON.stringify({
      sets,
      runs: this.nft.runs,
      commands: this.machine.lines,
      alerts: this.alerts,
      files,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.destroy();
    this.#log.close();
    this.#root?.trial.stop();
    await this.#stopLegacy();
    this.#files[Symbol.dispose]();
  }

  #stopLegacy(): Promise<void> {
    this.#stopped ??= this.#legacy.stop();
    return this.#stopped;
  }

  #openStream(): Duplex {
    const keep = (text: string) => {
      const [first = "", ...more] = text.split("\n");
      const lines = [this.#unfinished + first, ...more];
      this.#unfinished = lines.pop() ?? "";
      this.answers.push(...lines);
      this.onAnswer(text);
    };
    const stream = new Duplex({
      read() {},
      write: (chunk: Buffer, _encoding, done) => {
        keep(chunk.toString());
        if (this.#isDeaf) this.#hearing = done;
        else done();
      },
    });
    const { faults } = this;
    const emit = stream.emit.bind(stream);
    stream.emit = (event: string, ...values: unknown[]) => {
      try {
        return emit(event, ...values);
      } catch (error) {
        faults.push(error);
        return true;
      }
    };
    return stream;
  }

  #rootConfiguration(): RootConfiguration {
    this.#root ??= new RootConfiguration(this.#files, this.clock, () =>
      this.#broker.reconfigure(this.#rules),
    );
    return this.#root;
  }

  #openLegacy(ledger: DeedLedger, refusal: (each: Prefix) => string | undefined): LegacyBans {
    const { run, readRoutes } = this.machine;
    const setting = this.#files.path(CONTENT.blocked);
    const settings = seedSettings(this.#files.path(CONTENT.hostsDeny));
    return new LegacyBans(
      { modes: { tcp: "atcp", udp: "audp" }, blocks: { tcp: 1, udp: 1 } },
      {
        responses: new LegacyResponses(settings, { ledger, refusal, run, readRoutes }),
        ledger,
        refusal,
        blocked: new BlockedFiles({ setting, forms: { tcp: "atcp", udp: "audp" } }, this.clock),
        isBannedInKernel: () => false,
        clock: this.clock,
        onResponses: () => {},
        onBlockedFile: (failure) => {
          if (failure !== undefined) this.faults.push(failure);
        },
      },
    );
  }
}
