/**
 * Writes what packages install beside the program and what is made of its definitions: the shell
 * completion and the manual pages. Tests find stale ones.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { defineCommandLine } from "../packaging/manual/command-line.ts";
import { describePages } from "../packaging/manual/pages.ts";
import { describeCompletion } from "../src/cli/commands/completion.ts";

const root = new URL("../", import.meta.url);

function write(path: string, text: string): void {
  const file = new URL(path, root);
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(file, text);
}

const program = defineCommandLine();
write("packaging/bash-completion/vedette", describeCompletion(program, "bash"));
write("packaging/zsh-completion/_vedette", describeCompletion(program, "zsh"));
write("packaging/fish-completion/vedette.fish", describeCompletion(program, "fish"));
for (const [name, text] of describePages()) write(`man/${name}`, text);
