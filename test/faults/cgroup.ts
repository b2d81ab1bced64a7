/** A memory limit by a control group of our own, of version 1 or 2 (cgroups(7)). */
import { accessSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = "/sys/fs/cgroup";

/** The folder below which a group can limit memory, and the names of its files. */
function controller(): { folder: string; limit: string; events: string } | undefined {
  const controllers = join(ROOT, "cgroup.controllers");
  if (existsSync(controllers)) {
    const isThere = readFileSync(controllers, "utf8").split(/\s/).includes("memory");
    return isThere ? { folder: ROOT, limit: "memory.max", events: "memory.events" } : undefined;
  }
  const folder = join(ROOT, "memory");
  if (!existsSync(join(folder, "cgroup.procs"))) return undefined;
  return { folder, limit: "memory.limit_in_bytes", events: "memory.oom_control" };
}

export class MemoryGroup {
  readonly #folder: string;
  readonly #events: string;

  private constructor(folder: string, events: string) {
    this.#folder = folder;
    this.#events = events;
    // A lab that was opened before has ended the members by then.
    process.once("exit", () => this.remove());
  }

  /** @returns the group, or why there can be none. */
  static open(limitBytes: number): MemoryGroup | string {
    const found = controller();
    if (found === undefined) return "there is no memory controller below /sys/fs/cgroup";
    const folder = join(found.folder, `vedette-faults-${process.pid}`);
    try {
      mkdirSync(folder);
      const group = new MemoryGroup(folder, found.events);
      accessSync(join(folder, found.limit));
      writeFileSync(join(folder, found.limit), String(limitBytes));
      return group;
    } catch (error) {
      return `no memory limit can be set: ${error instanceof Error ? error.message : error}`;
    }
  }

  /**
   * Words before a command that is to live in the group. `ip netns exec` hides the groups by a /sys
   * of its own, so they lead back to where we are mounted.
   */
  get prefix(): string[] {
    const script = 'echo $$ >"$0" && exec "$@"';
    const place = ["nsenter", "-t", String(process.pid), "-m", "--"];
    return [...place, "sh", "-c", script, join(this.#folder, "cgroup.procs")];
  }

  /** Processes that the kernel has killed for want of memory. */
  get killed(): number {
    const text = readFileSync(join(this.#folder, this.#events), "utf8");
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  }

  /** May be called twice. Waits for the end of the last member, which may take the kernel a moment. */
  remove(): void {
    for (let attempt = 0; attempt < 100 && existsSync(this.#folder); attempt += 1) {
      try {
        rmdirSync(this.#folder);
      } catch {
        // Somebody is still in it.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      }
    }
  }
}
