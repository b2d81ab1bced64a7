/**
 * Of which sources each member has said something, the idlest first.
 *
 * An index over what src/fleet/heard-sources.ts remembers, which bounds it: it has an entry for each
 * saying, and none for a member that has said nothing.
 */
import type { Prefix } from "../net/prefix.ts";

/** `light`: first contacts alone; `weighty`: more than that. */
export type ShareKind = "light" | "weighty";

type Share = Readonly<Record<ShareKind, Set<Prefix>>>;

export class MemberShares {
  readonly #shares = new Map<string, Share>();

  /** The source is the member's least idle from now on, and of this kind alone. */
  put(member: string, source: Prefix, kind: ShareKind): void {
    const share = this.#shares.get(member) ?? { light: new Set(), weighty: new Set() };
    this.#shares.set(member, share);
    share.light.delete(source);
    share.weighty.delete(source);
    share[kind].add(source);
  }

  delete(member: string, source: Prefix): void {
    const share = this.#shares.get(member);
    if (share === undefined) return;
    share.light.delete(source);
    share.weighty.delete(source);
    if (share.light.size + share.weighty.size === 0) this.#shares.delete(member);
  }

  sourcesOf(member: string): Prefix[] {
    const share = this.#shares.get(member);
    return share === undefined ? [] : [...share.light, ...share.weighty];
  }

  sizeOf(member: string): number {
    const share = this.#shares.get(member);
    return share === undefined ? 0 : share.light.size + share.weighty.size;
  }

  weightyOf(member: string): number {
    return this.#shares.get(member)?.weighty.size ?? 0;
  }

  /** @returns undefined when the member has none of this kind. */
  idlest(member: string, kind: ShareKind): Prefix | undefined {
    return this.#shares.get(member)?.[kind].values().next().value;
  }
}
