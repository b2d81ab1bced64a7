/**
 * Defaults of profile portsentry that follow from other keys.
 *
 * They keep a set-up together whose author did not know of our keys: that its own rules see the
 * packets of a banned source, and that the readers of its logs find the lines that they know.
 */
import type { KeyName } from "./schema.ts";

export interface DerivedDefault {
  readonly text: string;
  /** Why, in words that follow "because". */
  readonly because: string;
}

/** Modes that only 1.2 has. */
const MODES_OF_1_2 = /^[as]?(?:tcp|udp)$/;

/** @returns undefined when the default of `key` does not follow from the text of any other. */
export function deriveDefault(
  key: KeyName,
  textOf: (key: KeyName) => string,
): DerivedDefault | undefined {
  switch (key) {
    case "NFT_BAN": {
      const hook = (["KILL_ROUTE", "KILL_RUN_CMD"] as const).find((name) => textOf(name) !== "");
      return hook === undefined ? undefined : { text: "0", because: `${hook} is set` };
    }
    case "LOG_DIALECT": {
      const modes = ["TCP_MODE", "UDP_MODE"] as const;
      const mode = modes.find((name) => MODES_OF_1_2.test(textOf(name)));
      if (mode === undefined) return undefined;
      return { text: "1.2", because: `${mode} is ${textOf(mode)}` };
    }
    default:
      return undefined;
  }
}
