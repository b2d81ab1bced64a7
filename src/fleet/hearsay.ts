/**
 * What members have said of sources, and what follows for this machine: nothing, a conviction, or
 * the end of one.
 *
 * Fed with what was admitted, and with what this guard itself says, in the order of the stream; it
 * answers after each. The same stream gives the same answers. It has no clock and no timer: times
 * are passed in, and what must wait has a due time.
 *
 * What a hostile member can do: convict {@link USUAL_CAPACITY}.sourcesAMember sources at most, by
 * name, none that is trusted here and none wider than one source, and let fleet bans end that others
 * have asked for. What stands on one member's word alone waits {@link WAIT_MS}: a burst has opened
 * the member's breaker before the first of it is told. Its flood of first contacts pushes out its
 * own, and {@link Hearsay.distrust} takes back all of it, as if it had never been heard.
 */
import { isStronger } from "../model/evidence.ts";
import type { ProbedPort } from "../model/verdict.ts";
import type { Prefix } from "../net/prefix.ts";
import { isOneSource } from "./admission.ts";
import {
  type HeardCapacity,
  type HeardSource,
  HeardSources,
  USUAL_CAPACITY,
} from "./heard-sources.ts";
import type { FleetRecord } from "./record.ts";
import { type Saying, sayContact, sayConviction, sayUnban } from "./saying.ts";
import { type Standing, standingOf, standsUntil } from "./standing.ts";

/** How long what one member alone says waits before it is told. Milliseconds. */
export const WAIT_MS = 250;

export interface HearsayOptions {
  /** This machine's name in the fleet. */
  readonly self: string;
  /** How long until a first contact is worth half. Milliseconds, above 0. */
  readonly halfLifeMs: number;
  /** Asked before every conviction: whether any address of it is trusted here, or never banned. */
  readonly isTrusted: (source: Prefix) => boolean;
  /** Default {@link USUAL_CAPACITY}. */
  readonly capacity?: HeardCapacity;
}

/** When something is heard. */
export interface Hearing {
  /** By this machine's wall clock. */
  readonly nowEpochMs: number;
  /** By its monotonic clock, for what waits. */
  readonly nowMs: number;
}

/**
 * `convict`: the source is to be banned on this evidence and no longer than `untilEpochMs`, when
 * what the members said is over. It takes the place of what was told of the source before: on
 * stronger evidence, or on weaker after something was taken back. `withdraw`: a fleet ban of the
 * source, and none of anybody else's, is to end.
 */
export type Outcome =
  | ({
      readonly kind: "convict";
      readonly source: Prefix;
      readonly untilEpochMs: number;
    } & Standing)
  | { readonly kind: "withdraw"; readonly source: Prefix; readonly reason: string };

/** `too-many-in-force`: the member has too much of it in force to say more; nothing has changed. */
export interface Heard {
  readonly status: "heard" | "too-many-in-force";
  readonly outcomes: readonly Outcome[];
}

export class Hearsay {
  readonly #options: HearsayOptions;
  readonly #heard: HeardSources;
  /** When to tell of each, monotonic; the earliest first. */
  readonly #waiting = new Map<Prefix, number>();

  constructor(options: HearsayOptions) {
    this.#options = options;
    this.#heard = new HeardSources(options.self, options.capacity ?? USUAL_CAPACITY);
  }

  /** Sources of which anything is remembered, and what members have said of them. */
  get size(): { readonly sources: number; readonly sayings: number } {
    return { sources: this.#heard.size, sayings: this.#heard.sayings };
  }

  /** When {@link release} has something to do: monotonic; undefined: nothing waits. */
  get dueAtMs(): number | undefined {
    return this.#waiting.values().next().value;
  }

  /** Takes in an admitted record, or one that this guard has made itself. */
  hear(record: FleetRecord, storedAtEpochMs: number, hearing: Hearing): Heard {
    const { body, member } = record;
    if (body.kind === "campaign") return heard([]);
    if (body.kind === "contacts") {
      const sources = new Set<Prefix>();
      for (const contact of body.contacts) {
        const isHeard = this.#say(member, contact.source, 0, hearing, (saying) =>
          sayContact(saying, record, contact, storedAtEpochMs),
        );
        if (isHeard) sources.add(contact.source);
      }
      return heard([...sources].flatMap((source) => this.#reconsider(source, hearing)));
    }
    const { source } = body;
    if (body.kind === "unban") {
      const reason = body.isTombstone
        ? "a person on it has unbanned the source"
        : "it takes it back";
      // Whoever has said nothing of the source has nothing to take back.
      if (!body.isTombstone && !this.#hasSaid(member, source)) return heard([]);
      const isHeard = this.#say(member, source, 3, hearing, (saying) =>
        sayUnban(saying, record, body, storedAtEpochMs),
      );
      if (!isHeard) return { status: "too-many-in-force", outcomes: [] };
      return heard(this.#reconsider(source, hearing, `${member}: ${reason}`));
    }
    const weight = body.kind === "ban" ? 2 : 1;
    const isHeard = this.#say(member, source, weight, hearing, (saying) =>
      sayConviction(saying, record, body, storedAtEpochMs),
    );
    if (!isHeard) return { status: "too-many-in-force", outcomes: [] };
    return heard(this.#reconsider(source, hearing));
  }

  /** Takes into account that the source is, or was, connected to a service of this machine. */
  hearHit(source: Prefix, { transport, port }: ProbedPort, atEpochMs: number): void {
    this.#heard.hit(source, { transport, port, atEpochMs });
  }

  /** @returns what has waited long enough and still stands. */
  release(hearing: Hearing): readonly Outcome[] {
    const due = [...this.#waiting].filter(([, dueAtMs]) => dueAtMs <= hearing.nowMs);
    return due.flatMap(([source]) => this.#reconsider(source, hearing));
  }

  /** Takes back everything that the member has said. Whoever calls it hears the member no more. */
  distrust(member: string, hearing: Hearing): readonly Outcome[] {
    return this.#takeBack(member, Number.NEGATIVE_INFINITY, `${member} is distrusted`, hearing);
  }

  /** Takes back what the member has said since then, by the server's clock: its breaker opened. */
  takeBackSince(member: string, sinceEpochMs: number, hearing: Hearing): readonly Outcome[] {
    return this.#takeBack(member, sinceEpochMs, `${member} said too much`, hearing);
  }

  /** Forgets some of what is over. To be called every few seconds; 17 calls are once round. */
  sweep(nowEpochMs: number): void {
    this.#heard.sweep(nowEpochMs);
  }

  /** What members say of the source, for people; whoever asks changes nothing of it. */
  sayingsOf(source: Prefix): readonly Readonly<Saying>[] {
    return this.#heard.find(source)?.sayings ?? [];
  }

  /** @returns what follows for the source at this time, told or not. */
  standingOf(source: Prefix, atEpochMs: number): Standing | undefined {
    if (!isOneSource(source) || this.#options.isTrusted(source)) return undefined;
    const found = this.#heard.find(source);
    if (found === undefined) return undefined;
    return standingOf(found.sayings, found.hit, atEpochMs, this.#options);
  }

  /** Sources of which the member has said more than that they have touched it. */
  inForceOf(member: string): number {
    return this.#heard.weightyOf(member);
  }

  #hasSaid(member: string, source: Prefix): boolean {
    return this.sayingsOf(source).some((saying) => saying.member === member);
  }

  #say(
    member: string,
    source: Prefix,
    weight: number,
    { nowEpochMs }: Hearing,
    say: (saying: Saying) => void,
  ): boolean {
    // Admission has asked both; here nothing depends on whether it has.
    if (!isOneSource(source) || this.#options.isTrusted(source)) return true;
    return this.#heard.say(member, source, weight, nowEpochMs, say) !== undefined;
  }

  #takeBack(member: string, sinceEpochMs: number, reason: string, hearing: Hearing): Outcome[] {
    const concerned = this.#heard.forget(member, (part) => part.storedAtEpochMs >= sinceEpochMs);
    return concerned.flatMap(({ source }) => this.#reconsider(source, hearing, reason));
  }

  /**
   * @param takenBack why something that counted counts no more; undefined: something was added, by
   * which no conviction ends.
   */
  #reconsider(source: Prefix, hearing: Hearing, takenBack?: string): Outcome[] {
    const found = this.#heard.find(source);
    const standing = this.standingOf(source, hearing.nowEpochMs);
    const told = toldAt(found, hearing.nowEpochMs);
    if (found === undefined || standing === undefined) {
      this.#waiting.delete(source);
      if (told === undefined || takenBack === undefined) {
        this.#heard.drop(source);
        return [];
      }
      this.#heard.tell(source, undefined);
      this.#heard.drop(source);
      return [{ kind: "withdraw", source, reason: takenBack }];
    }
    const isRaised = told === undefined || isStronger(standing.evidence, told.evidence);
    const isLowered =
      takenBack !== undefined && told !== undefined && isStronger(told.evidence, standing.evidence);
    if (!isRaised && !isLowered) {
      this.#waiting.delete(source);
      return [];
    }
    if (isRaised && standing.members.length === 1 && this.#mustWait(source, hearing.nowMs))
      return [];
    return [this.#convict(found, standing, hearing.nowEpochMs)];
  }

  #mustWait(source: Prefix, nowMs: number): boolean {
    const dueAtMs = this.#waiting.get(source) ?? nowMs + WAIT_MS;
    this.#waiting.set(source, dueAtMs);
    return nowMs < dueAtMs;
  }

  #convict(found: HeardSource, standing: Standing, nowEpochMs: number): Outcome {
    const { source, sayings, hit } = found;
    const untilEpochMs = standsUntil(sayings, hit, standing, nowEpochMs, this.#options);
    this.#waiting.delete(source);
    this.#heard.tell(source, { evidence: standing.evidence, untilEpochMs });
    return { kind: "convict", source, untilEpochMs, ...standing };
  }
}

function toldAt(found: HeardSource | undefined, atEpochMs: number) {
  const told = found?.told;
  return told !== undefined && told.untilEpochMs > atEpochMs ? told : undefined;
}

function heard(outcomes: readonly Outcome[]): Heard {
  return { status: "heard", outcomes };
}
