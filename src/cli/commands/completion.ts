/** `vedette completion SHELL`: prints what has a shell complete this command line. */
import { Argument, type Command } from "commander";
import { KEY_NAMES } from "../../config/schema.ts";
import { describeBashCompletion } from "../completion/bash.ts";
import { type OfferedCommand, readCommandTree } from "../completion/command-tree.ts";
import { describeFishCompletion } from "../completion/fish.ts";
import { describeZshCompletion } from "../completion/zsh.ts";
import type { CliContext } from "../context.ts";

/** By the name of the shell. */
const WRITERS: Readonly<
  Record<string, (program: OfferedCommand, keys: readonly string[]) => string>
> = {
  bash: describeBashCompletion,
  zsh: describeZshCompletion,
  fish: describeFishCompletion,
};

const EXAMPLES = `
Examples:
  source <(vedette completion bash)        in this shell
  vedette completion bash > /etc/bash_completion.d/vedette
  vedette completion zsh > /usr/local/share/zsh/site-functions/_vedette
  vedette completion fish > ~/.config/fish/completions/vedette.fish

The Debian package brings it along. Addresses are offered to whoever may list them.
`;

export function addCompletionCommand(program: Command, context: CliContext): void {
  program
    .command("completion")
    .summary("print what completes this command line in a shell")
    .description("Prints what has a shell complete commands, options, files, keys and addresses.")
    .addArgument(new Argument("<shell>", "your shell").choices(Object.keys(WRITERS)))
    .addHelpText("after", EXAMPLES)
    .action((shell: string) => context.write(describeCompletion(program, shell)));
}

/** @param shell one of those that the command takes. */
export function describeCompletion(program: Command, shell: string): string {
  const write = WRITERS[shell];
  if (write === undefined) throw new Error(`no completion for ${shell}`);
  return write(readCommandTree(program), KEY_NAMES);
}
