/**
 * A guarded machine with a forger, a scanner and a trusted host before it, and what it has promised.
 *
 * A ban is promised once `vedette ban` has said so. {@link Scene.check} holds the kernel and the list
 * of bans against all promises, and the trusted host against both.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { StatusView } from "../../src/api/contract.ts";
import { Agent } from "../support/agent.ts";
import { askApi } from "../support/api.ts";
import { Guard, type GuardOptions, type Half } from "../support/guard.ts";
import type { Lab } from "../support/namespaces.ts";
import { buildNetwork, type Network } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { waitFor } from "../support/wait-for.ts";

const SERVED_PORT = 80;
const UNUSED_PORTS = [1001, 1002, 1003, 1004, 1005];
/** Longest wait for what a guard does by itself, its start included. Milliseconds. */
const PATIENCE_MS = 60_000;
/** How much a half may grow by a fault. Bytes, and descriptors: some come and go by themselves. */
const GROWTH_BYTES = 48 * 1024 * 1024;
const GROWTH_DESCRIPTORS = 8;

type Hosts = "forger" | "scanner" | "trusted";

/** What a half holds. */
export interface Footprint {
  readonly bytes: number;
  readonly descriptors: number;
}

export class Scene {
  readonly network: Network<Hosts>;
  /** The guard of this moment; {@link restart} puts another in its place. */
  guard: Guard;
  readonly #lab: Lab;
  readonly #options: GuardOptions;
  readonly #promised = new Set<string>();

  private constructor(lab: Lab, network: Network<Hosts>, guard: Guard, options: GuardOptions) {
    this.#lab = lab;
    this.network = network;
    this.guard = guard;
    this.#options = options;
  }

  /** Builds the network, starts the guard, and waits until it answers. */
  static async open(lab: Lab, options: GuardOptions = {}): Promise<Scene> {
    const network = await buildNetwork(lab, ["forger", "scanner", "trusted"]);
    await startServices(network.target.namespace, { tcp: [SERVED_PORT] });
    const all = { ...options, ignore: [network.hosts.trusted.ipv4] };
    const guard = await Guard.launch(lab, network.target.namespace, all);
    const scene = new Scene(lab, network, guard, all);
    await scene.answers();
    return scene;
  }

  /** The bans that were promised so far. */
  get promises(): number {
    return this.#promised.size;
  }

  /** Waits until the guard answers and guards. */
  async answers(patienceMs: number = PATIENCE_MS): Promise<void> {
    await waitFor(
      () => `a guard that answers; its output:\n${this.guard.process.output.slice(-3000)}`,
      patienceMs,
      async () => {
        if (this.guard.process.isOver) throw new Error(this.guard.process.output.slice(-3000));
        if (this.guard.pid("guard") === undefined) return false;
        // A command would look into the journal itself while nobody answers, and mend it.
        const socket = join(this.guard.folder, "run/api.sock");
        const status = (await askApi(socket, "/v1/status")) as StatusView | undefined;
        return status?.state === "guarding";
      },
    );
  }

  /** Starts another guard over the folders of the last one, whose end the caller has brought about. */
  async restart(options: GuardOptions = {}, patienceMs: number = PATIENCE_MS): Promise<void> {
    const { namespace } = this.network.target;
    await this.guard.process.ended;
    await this.#theyEnd();
    const all = { ...this.#options, ...options, after: this.guard };
    this.guard = await Guard.launch(this.#lab, namespace, all);
    await this.answers(patienceMs);
  }

  /** Both halves die and the kernel forgets its table, as at a loss of power. */
  async losePower(): Promise<void> {
    for (const half of ["guard", "broker"] as const) {
      if (this.guard.pid(half) !== undefined) this.guard.kill(half);
    }
    await this.guard.process.ended;
    await this.network.target.namespace.run("nft", ["flush", "ruleset"]);
  }

  /** Asks for a ban. @returns whether it was promised: nothing is, when a half died meanwhile. */
  async ban(address: string): Promise<boolean> {
    const { status } = await this.guard.command("ban", address, "--for", "1h");
    if (status === 0) this.#promised.add(address);
    return status === 0;
  }

  /** Asks for a ban that must be promised. */
  async mustBan(address: string): Promise<void> {
    assert.ok(await this.ban(address), `the ban of ${address} was refused`);
  }

  /** Bans in the kernel at this moment. */
  async inKernel(): Promise<Set<string>> {
    return new Set(await this.guard.elementsOf("banned4"));
  }

  /** No promised ban is lost in the kernel, and no trusted address is shut out. */
  async checkKernel(): Promise<void> {
    const { ipv4 } = this.network.hosts.trusted;
    const banned = await this.inKernel();
    const lost = [...this.#promised].filter((address) => !banned.has(address));
    assert.deepEqual(lost, [], "promised bans that the kernel does not have");
    assert.ok(!banned.has(ipv4), "the trusted host is banned in the kernel");
    assert.ok(!(await this.guard.elementsOf("held4")).includes(ipv4), "the trusted host is held");
  }

  /** As {@link checkKernel}, and the list of bans says the same. */
  async check(): Promise<void> {
    await this.checkKernel();
    const listed = new Set((await this.guard.bans()).map(({ address }) => address));
    const lost = [...this.#promised].filter((address) => !listed.has(address));
    assert.deepEqual(lost, [], "promised bans that are not listed");
    assert.ok(!listed.has(this.network.hosts.trusted.ipv4), "the trusted host is listed as banned");
  }

  /** A scanner is still convicted and shut out, and the trusted host still served. */
  async stillGuards(): Promise<void> {
    const { hosts, target } = this.network;
    const scanner = new Agent(hosts.scanner.namespace);
    await scanner.connectAll(target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
    await waitFor("the scanner in the kernel's ban set", PATIENCE_MS, async () =>
      (await this.inKernel()).has(hosts.scanner.ipv4),
    );
    this.#promised.add(hosts.scanner.ipv4);
    assert.equal(await scanner.connect(target.ipv4, SERVED_PORT), "silent");
    const trusted = new Agent(hosts.trusted.namespace);
    await trusted.connectAll(target.ipv4, UNUSED_PORTS, { timeoutMs: 300 });
    assert.equal(await trusted.connect(target.ipv4, SERVED_PORT), "open");
  }

  /** What a half holds now. */
  footprint(half: Half): Footprint {
    const descriptors = readdirSync(`/proc/${this.guard.pid(half)}/fd`).length;
    return { bytes: this.guard.residentBytes(half), descriptors };
  }

  /** Neither memory nor descriptors have grown beyond what comes and goes. @returns it in words. */
  async checkGrowth(half: Half, before: Footprint): Promise<string> {
    const settled = () => this.footprint(half).descriptors - before.descriptors;
    await waitFor(
      () => `descriptors of the ${half} to be closed: ${settled()} more than before`,
      PATIENCE_MS,
      () => settled() <= GROWTH_DESCRIPTORS,
    );
    const bytes = this.footprint(half).bytes - before.bytes;
    assert.ok(bytes < GROWTH_BYTES, `the ${half} grew by ${toMebibytes(bytes)} MiB`);
    return `${half} ${toMebibytes(bytes)} MiB and ${settled()} descriptors more`;
  }

  /** How many processes of the guarded machine have such a command line. */
  async processes(words: RegExp): Promise<number> {
    const { namespace } = this.network.target;
    const script =
      'for pid in $(ip netns pids "$0"); do tr "\\0" " " </proc/$pid/cmdline; echo; done; true';
    const { stdout } = await namespace.exec("sh", ["-c", script, namespace.name]);
    return stdout.split("\n").filter((each) => words.test(each)).length;
  }

  /** Waits for the end of what the last guard has left in the namespace. */
  async #theyEnd(): Promise<void> {
    await waitFor("the guard to end with its broker", PATIENCE_MS, async () => {
      return (await this.processes(/guard-process|main\.[jt]s guard /)) === 0;
    });
  }
}

function toMebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
