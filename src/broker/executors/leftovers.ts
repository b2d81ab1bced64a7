/**
 * Finds what an earlier PortSentry, or an earlier life of ours, has left standing for a source.
 *
 * Found by the texts of the configuration: a line of hosts.deny that KILL_HOSTS_DENY makes, a
 * route that KILL_ROUTE makes, iptables rules that KILL_ROUTE or KILL_RUN_CMD makes. Who made them
 * cannot be told: a route that the operator laid by hand with the same words is found too, so that
 * nothing found here is ever taken away but on request. Where $PORT$ or $MODE$ is in a command, or
 * its inverse is not known, what it has left cannot be found; nor what cannot be looked at.
 */
import { type Prefix, parsePrefix } from "../../net/prefix.ts";
import type { RunCommand } from "./command-runner.ts";
import type { CommandShape } from "./command-shape.ts";
import { expandTemplate } from "./command-template.ts";
import type { Deed, DeedKind } from "./deed.ts";
import type { HostsDeny } from "./hosts-deny.ts";
import { inverseCommand, shapesOf } from "./inverse-command.ts";
import type { PresenceCheck } from "./presence.ts";
import { hostsRoutedTo, type RouteTables } from "./route-check.ts";

/** Something that stands for a source, and that no ban of ours accounts for. */
export interface Leftover extends Deed {
  readonly prefix: Prefix;
}

/** The texts of the configuration by which leftovers are found. */
export interface LeftoverTemplates {
  readonly killHostsDeny: string | undefined;
  readonly killRoute: string | undefined;
  readonly killRunCmd: string | undefined;
}

/** What leftovers are looked up with. */
export interface LeftoverTools {
  readonly hostsDeny: HostsDeny;
  readonly presence: PresenceCheck;
  readonly run: RunCommand;
  readonly readRoutes: () => Promise<RouteTables>;
}

/** Different sets of rules for one address that are asked about; chains have few. */
const MAX_PATTERNS = 100;

/** Of a longer listing the end is read: some 200,000 rules. */
const MAX_LISTING_BYTES = 16 * 1_048_576;

export class Leftovers {
  readonly #templates: LeftoverTemplates;
  readonly #tools: LeftoverTools;

  constructor(templates: LeftoverTemplates, tools: LeftoverTools) {
    this.#templates = templates;
    this.#tools = tools;
  }

  /** The responses that may have left something, with their templates. */
  get kinds(): readonly (readonly [DeedKind, string])[] {
    const { killHostsDeny } = this.#templates;
    const line = killHostsDeny === undefined ? [] : [["hosts-deny", killHostsDeny] as const];
    return [...line, ...this.#commands()];
  }

  /** @returns what stands for exactly `prefix`, in the order in which 1.2 does it. */
  async of(prefix: Prefix): Promise<readonly Leftover[]> {
    const found: Leftover[] = this.#denied().filter((each) => each.prefix === prefix);
    for (const [kind, template] of this.#commands()) {
      const leftover = leftoverOf(kind, template, prefix);
      if (leftover === undefined) continue;
      const presence = await this.#tools.presence.of(leftover.text, prefix);
      if (presence === "all" || presence === "some") found.push(leftover);
    }
    return found;
  }

  /** @returns what stands for anybody. Runs one command a chain and few more, not one a source. */
  async all(): Promise<readonly Leftover[]> {
    const found: Leftover[] = [...this.#denied()];
    for (const [kind, template] of this.#commands()) {
      const listed = (shapesOf(template, "$TARGET$") ?? []).filter(isListable);
      let prefixes: readonly Prefix[] | undefined;
      for (const shape of listed) {
        // Whoever has a part of it alone has that from somebody else.
        const blocked = new Set(await this.#blockedBy(shape));
        prefixes = (prefixes ?? [...blocked]).filter((prefix) => blocked.has(prefix));
      }
      found.push(...(prefixes ?? []).flatMap((each) => leftoverOf(kind, template, each) ?? []));
    }
    return found;
  }

  #denied(): readonly Leftover[] {
    const template = this.#templates.killHostsDeny;
    if (template === undefined) return [];
    return this.#tools.hostsDeny
      .denied(template)
      .map(({ prefix, line }) => ({ prefix, kind: "hosts-deny", text: line, undo: line }));
  }

  #commands(): readonly (readonly ["route" | "command", string])[] {
    const { killRoute, killRunCmd } = this.#templates;
    return [
      ...(killRoute === undefined ? [] : [["route", killRoute] as const]),
      ...(killRunCmd === undefined ? [] : [["command", killRunCmd] as const]),
    ];
  }

  async #blockedBy({ check }: CommandShape): Promise<readonly Prefix[]> {
    if (check?.kind === "route" && check.destination === "$TARGET$") {
      try {
        return hostsRoutedTo(await this.#tools.readRoutes(), check.target);
      } catch {
        // A table that cannot be read shows nobody, as a listing that fails does.
        return [];
      }
    }
    const isRule = check?.kind === "command" && check.listing !== undefined;
    return isRule ? await this.#ruledOut(check.text, check.listing ?? "") : [];
  }

  /**
   * A listing writes rules in its own way, so that only the program itself can say whether one is
   * ours. It is asked once for all addresses that have the same rules.
   */
  async #ruledOut(check: string, listing: string): Promise<readonly Prefix[]> {
    const listed = await this.#tools.run(listing, MAX_LISTING_BYTES);
    if (listed.status !== "ended" || listed.exitStatus !== 0) return [];
    const isOurs = new Map<string, boolean>();
    const found: Prefix[] = [];
    for (const [prefix, pattern] of patternsOf(listed.output.stdout)) {
      if (!isOurs.has(pattern) && isOurs.size < MAX_PATTERNS) {
        isOurs.set(pattern, await this.#isThere(check, prefix));
      }
      if (isOurs.get(pattern) === true) found.push(prefix);
    }
    return found;
  }

  async #isThere(check: string, prefix: Prefix): Promise<boolean> {
    const text = expandForTarget(check, prefix);
    if (text === undefined) return false;
    const outcome = await this.#tools.run(text);
    return outcome.status === "ended" && outcome.exitStatus === 0;
  }
}

/** Whether it can be said whom all this shuts out. */
function isListable({ check }: CommandShape): boolean {
  if (check === undefined) return false;
  return check.kind === "route" || check.listing !== undefined;
}

/**
 * @returns undefined when the command is not the same for every port and mode, or has no inverse.
 */
function leftoverOf(
  kind: "route" | "command",
  template: string,
  prefix: Prefix,
): Leftover | undefined {
  const inverse = inverseCommand(template);
  const text = expandForTarget(template, prefix);
  if (inverse === undefined || text === undefined) return undefined;
  return { prefix, kind, text, undo: expandForTarget(inverse, prefix) };
}

function expandForTarget(template: string, target: Prefix): string | undefined {
  if (/\$(?:PORT|MODE)\$/.test(template)) return undefined;
  const expansion = expandTemplate("KILL_RUN_CMD", template, { target, port: 0, mode: "tcp" });
  return expansion.status === "expanded" ? expansion.text : undefined;
}

/** @returns for each single address with rules of its own: those rules, without the address. */
function patternsOf(listing: string): ReadonlyMap<Prefix, string> {
  const rulesOf = new Map<Prefix, Set<string>>();
  for (const line of listing.split("\n")) {
    const [source = "", address = ""] = / -s ([0-9a-f.:]+)\/(?:32|128) /.exec(line) ?? [];
    const prefix = parsePrefix(address);
    if (prefix === undefined) continue;
    const rules = rulesOf.get(prefix) ?? new Set();
    rulesOf.set(prefix, rules.add(line.replace(source, " -s $TARGET$ ")));
  }
  return new Map([...rulesOf].map(([prefix, rules]) => [prefix, [...rules].sort().join("\n")]));
}
