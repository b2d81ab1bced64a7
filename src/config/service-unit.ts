/**
 * What a systemd service is set to, from the text of its unit and of its drop-ins.
 *
 * Only the section [Service], and of systemd.syntax(7) what units are written in: comments, lines
 * that go on after a backslash, and the rule that an empty value forgets the ones before it.
 * Specifiers and quotes stand as they are.
 */

/** Values of each setting, in their order; a setting that is not there has none. */
export class ServiceUnit {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  /** @param texts the unit's own first, then its drop-ins in the order of their names. */
  constructor(texts: readonly string[]) {
    const values = new Map<string, string[]>();
    for (const text of texts) {
      for (const { name, value } of assignmentsIn(text)) {
        values.set(name, value === "" ? [] : [...(values.get(name) ?? []), value]);
      }
    }
    this.#values = values;
  }

  /** The last value; undefined where it is not set. */
  last(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** Whether a yes or no is yes, as systemd.syntax(7) reads it. */
  isOn(name: string): boolean {
    return ["1", "yes", "true", "on"].includes(this.last(name)?.toLowerCase() ?? "");
  }

  /** All words of all values. */
  words(name: string): readonly string[] {
    return (this.#values.get(name) ?? []).flatMap((value) => value.split(/\s+/));
  }

  /**
   * Whether a set of names, such as CapabilityBoundingSet, has `wanted`: the first value says
   * whether names are let in or, with a tilde, kept out; the later ones add to that or take from
   * it. A setting without a value lets everything in, and so does one that was emptied.
   * @param membersOf the names that a group of names stands for.
   */
  lets(
    name: string,
    wanted: string,
    membersOf: (group: string) => readonly string[] = () => [],
  ): boolean {
    const values = this.#values.get(name) ?? [];
    const holds = (value: string): boolean =>
      value
        .replace(/^~/, "")
        .split(/\s+/)
        .some((word) => word === wanted || membersOf(word).includes(wanted));
    let isIn = values[0]?.startsWith("~") ?? true;
    for (const value of values) if (holds(value)) isIn = !value.startsWith("~");
    return isIn;
  }
}

interface Assignment {
  readonly name: string;
  readonly value: string;
}

function assignmentsIn(text: string): Assignment[] {
  let section = "";
  return text
    .replace(/\\\n/g, " ")
    .split("\n")
    .flatMap((line) => {
      section = /^\s*\[(?<name>[^\]]*)\]\s*$/.exec(line)?.groups?.["name"] ?? section;
      const found = /^\s*(?<name>[A-Za-z]+)\s*=\s*(?<value>.*?)\s*$/.exec(line)?.groups;
      if (section !== "Service" || found === undefined) return [];
      return [{ name: found["name"] ?? "", value: found["value"] ?? "" }];
    });
}
