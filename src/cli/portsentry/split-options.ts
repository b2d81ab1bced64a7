/**
 * Splits a command line as getopt_long(3) does, which is how 2.x reads its own: short options in
 * one word (-vD), values in the same or in the next word (-ieth0, --interface=eth0), long names cut
 * short where one alone begins so, options and operands in any order, all operands after "--".
 */

export interface OptionSpec {
  /** Long name, without its dashes. */
  readonly name: string;
  /** Short name, where there is one. */
  readonly letter?: string;
  readonly takesValue: boolean;
}

/** One option in the order of the line. */
export interface GivenOption {
  /** Long name. */
  readonly name: string;
  /** "" for an option that takes none. */
  readonly value: string;
}

export type SplitOptions =
  | {
      readonly status: "ok";
      readonly options: readonly GivenOption[];
      readonly operands: readonly string[];
    }
  /** `text`: what is wrong, in words. */
  | { readonly status: "fault"; readonly text: string };

export function splitOptions(words: readonly string[], specs: readonly OptionSpec[]): SplitOptions {
  const options: GivenOption[] = [];
  const operands: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      operands.push(...rest.splice(0));
    } else if (word.startsWith("--")) {
      const fault = takeLong(word.slice(2), specs, rest, options);
      if (fault !== undefined) return { status: "fault", text: fault };
    } else if (word.startsWith("-") && word !== "-") {
      const fault = takeShort(word.slice(1), specs, rest, options);
      if (fault !== undefined) return { status: "fault", text: fault };
    } else {
      operands.push(word);
    }
  }
  return { status: "ok", options, operands };
}

/** Takes the value from `rest` where it is not in the word. @returns what is wrong. */
function takeLong(
  text: string,
  specs: readonly OptionSpec[],
  rest: string[],
  options: GivenOption[],
): string | undefined {
  const equals = text.indexOf("=");
  const given = equals === -1 ? text : text.slice(0, equals);
  const exact = specs.filter(({ name }) => name === given);
  const [spec, ...others] =
    exact.length > 0 ? exact : specs.filter(({ name }) => name.startsWith(given));
  if (spec === undefined) return `unknown option --${given}`;
  if (others.length > 0) {
    const names = [spec, ...others].map(({ name }) => `--${name}`).join(", ");
    return `--${given} may be any of ${names}`;
  }
  if (!spec.takesValue) {
    if (equals !== -1) return `--${spec.name} takes no value`;
    options.push({ name: spec.name, value: "" });
    return undefined;
  }
  const value = equals === -1 ? rest.shift() : text.slice(equals + 1);
  if (value === undefined) return `--${spec.name} needs a value`;
  options.push({ name: spec.name, value });
  return undefined;
}

/** `letters`: the word without its dash. @returns what is wrong. */
function takeShort(
  letters: string,
  specs: readonly OptionSpec[],
  rest: string[],
  options: GivenOption[],
): string | undefined {
  for (const [index, letter] of [...letters].entries()) {
    const spec = specs.find((each) => each.letter === letter);
    if (spec === undefined) return `unknown option -${letter}`;
    if (!spec.takesValue) {
      options.push({ name: spec.name, value: "" });
      continue;
    }
    const value = [...letters].slice(index + 1).join("") || rest.shift();
    if (value === undefined) return `-${letter} needs a value`;
    options.push({ name: spec.name, value });
    return undefined;
  }
  return undefined;
}
