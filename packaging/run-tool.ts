/** Runs the tools that build packages, and ends the build with what they said when they fail. */
import { execFileSync } from "node:child_process";

export interface ToolOptions {
  readonly cwd: string;
  /** Beside our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** @returns its standard output. @throws {Error} with both outputs when its exit status is not 0. */
export function runTool(command: string, args: readonly string[], options: ToolOptions): string {
  try {
    return execFileSync(command, args, {
      cwd: options.cwd,
      encoding: "utf8",
      env: { ...process.env, ...options.env },
      maxBuffer: 64 * 1024 * 1024,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (cause) {
    const { stdout, stderr } = cause as { readonly stdout?: string; readonly stderr?: string };
    const said = `${stdout ?? ""}${stderr ?? ""}`.trim();
    throw new Error(`${command} ${args.join(" ")} failed: ${said || cause}`, { cause });
  }
}
