/**
 * Lets commands of iptables run one after another, and everything else at once.
 *
 * Where iptables is the legacy one, it holds a lock of the machine, and of two that run together
 * without -w one fails with status 4; PortSentry never runs two. Only lines that are nothing but
 * iptables wait for each other: they are quick, and a line that mails somebody besides is not.
 */
import type { RunCommand } from "./command-runner.ts";
import { programOf } from "./filter-shapes.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { parseCommands } from "./shell-words.ts";

/** @returns `run` with that rule. */
export function withXtablesTurns(run: RunCommand): RunCommand {
  const turns = new OneAtATime();
  return (text, maxOutputBytes) => {
    const commands = parseCommands(text);
    const isXtables = commands?.every((command) => /^ip6?tables(?:-|$)/.test(programOf(command)));
    return isXtables === true
      ? turns.run(() => run(text, maxOutputBytes))
      : run(text, maxOutputBytes);
  };
}
