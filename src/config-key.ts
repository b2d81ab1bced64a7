/**
 * What one configuration key is: its text, what that text means, and how it is described to people.
 *
 * The schema describes text, because the file is text; `parse` is the second step and turns it into
 * a value whose unit its comment names. The sample file, the reference page and every error message
 * are made from these descriptions.
 */

/** A text that does not fit. */
export interface KeyFault {
  /** What is expected instead, in words that follow "expected". */
  readonly expected: string;
  /**
   * What is wrong, in words that say it alone: "-1 is below 0". Default: the text and `expected`.
   */
  readonly problem?: string;
}

/**
 * Whose ways are followed where a file says nothing: `vedette`, our own, or `portsentry`, those of
 * a machine that runs on PortSentry's files. There nothing acts on traffic that PortSentry would
 * not have acted on, unless its key is written down.
 */
export type Profile = "vedette" | "portsentry";

export interface ConfigKey<Value> {
  /** The text where nobody says anything. */
  readonly defaults: Readonly<Record<Profile, string>>;
  /** What it does, for people, in one or two sentences. */
  readonly about: string;
  /** What may stand there, for people: "a duration such as 10s, 5m, 1h, 7d". */
  readonly expects: string;
  readonly parse: (
    text: string,
  ) => { readonly status: "ok"; readonly value: Value } | ({ readonly status: "fault" } & KeyFault);
  /**
   * The text that PortSentry acts on when one in its own file does not fit, which is then told as a
   * warning; undefined: it is a fault. Absent: PortSentry has no such key, or says no to it itself.
   */
  readonly asPortSentry?: ((text: string) => string | undefined) | undefined;
}

/** A record of keys by their name in the file. */
export type ConfigKeys = Readonly<Record<string, ConfigKey<unknown>>>;

/** The values that a record of keys parses to. */
export type ConfigValues<Keys extends ConfigKeys> = {
  readonly [Name in keyof Keys]: Keys[Name] extends ConfigKey<infer Value> ? Value : never;
};
