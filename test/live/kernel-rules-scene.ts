/**
 * The rules alone on a real kernel: our table in a target's namespace, without a guard.
 *
 * What the rules do is then seen without bans that come in between, and their sets and times can be
 * made small, so that a case takes seconds where the rule means minutes.
 */
import { loadConfigurationTexts } from "../../src/config/load.ts";
import { DEFAULT_EPHEMERAL, planTable } from "../../src/daemon/table-plan.ts";
import { buildTable } from "../../src/kernel/table.ts";
import type { TableOptions } from "../../src/kernel/table-options.ts";
import { Agent } from "../support/agent.ts";
import type { Lab, Namespace } from "../support/namespaces.ts";
import { buildNetwork, type Host, type Network } from "../support/networks.ts";
import { startServices } from "../support/services.ts";

/** The default configuration's table. */
export const DEFAULTS = planTable(loadConfigurationTexts({}), false, DEFAULT_EPHEMERAL);

/** The one real service of the target. */
export const SERVICE = 80;

/** The text with this learned set, 4 and 6, small enough to be filled by `size` sources. */
export function shrinkSet(text: string, set: string, size: number): string {
  return text.replaceAll(
    new RegExp(`(add set inet vedette ${set}[46] .* size )\\d+`, "g"),
    `$1${size}`,
  );
}

/** The text with a suspicion that lasts `seconds` and not 60. */
export function hastenSuspicion(text: string, seconds: number): string {
  return text
    .replaceAll("timeout 60s }", `timeout ${seconds}s }`)
    .replaceAll("timeout 61s }", `timeout ${seconds + 1}s }`);
}

/** A host that can be asked to connect. */
export interface Person extends Host {
  readonly agent: Agent;
}

export class RulesScene {
  readonly target: Host;
  readonly router: Namespace;
  readonly one: Person;
  readonly other: Person;

  private constructor({ target, router, hosts: { one, other } }: Network<"one" | "other">) {
    this.target = target;
    this.router = router;
    this.one = { ...one, agent: new Agent(one.namespace) };
    this.other = { ...other, agent: new Agent(other.namespace) };
  }

  /** Two hosts behind a router, a target with one service and with the table. */
  static async build(
    lab: Lab,
    options: Partial<TableOptions> = {},
    alter: (text: string) => string = (text) => text,
  ): Promise<RulesScene> {
    const network = await buildNetwork(lab, ["one", "other"]);
    await startServices(network.target.namespace, { tcp: [SERVICE] });
    const scene = new RulesScene(network);
    await scene.load(options, alter);
    return scene;
  }

  /** Builds the table, or replaces its rules. */
  async load(
    options: Partial<TableOptions>,
    alter: (text: string) => string = (text) => text,
  ): Promise<void> {
    await this.target.namespace.load(alter(buildTable({ ...DEFAULTS, ...options })));
  }

  /** Runs nft commands on the target. */
  async run(...commands: readonly string[]): Promise<void> {
    await this.target.namespace.load(`${commands.join("\n")}\n`);
  }

  /** Packets of a named counter. */
  async counter(name: string): Promise<number> {
    const listing = await this.#list(["counter", "inet", "vedette", name]);
    return listing.flatMap(({ counter }) => counter?.packets ?? [])[0] ?? 0;
  }

  /** Names of the chains that stand. */
  async chains(): Promise<string[]> {
    const listing = await this.#list(["table", "inet", "vedette"]);
    return listing.flatMap(({ chain }) => chain?.name ?? []);
  }

  async #list(what: readonly string[]): Promise<ListedObject[]> {
    const text = await this.target.namespace.run("nft", ["-j", "list", ...what]);
    return (JSON.parse(text) as { nftables: ListedObject[] }).nftables;
  }
}

interface ListedObject {
  readonly counter?: { readonly packets: number };
  readonly chain?: { readonly name: string };
}
