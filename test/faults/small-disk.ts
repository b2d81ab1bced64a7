/**
 * A small disk for a guard's state, in a mount namespace of its own that outlives the guard.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { GuardOptions } from "../support/guard.ts";
import type { Lab, Namespace } from "../support/namespaces.ts";
import { waitFor } from "../support/wait-for.ts";

export class SmallDisk {
  /** Where it is mounted, for whoever is in its namespace. */
  readonly folder: string;
  readonly #namespace: Namespace;
  readonly #holderPid: number;

  private constructor(folder: string, namespace: Namespace, holderPid: number) {
    this.folder = folder;
    this.#namespace = namespace;
    this.#holderPid = holderPid;
  }

  /** @param options of mount(8) for a tmpfs: "size=2m". */
  static async mount(lab: Lab, options: string): Promise<SmallDisk> {
    const namespace = await lab.namespace("disk");
    const folder = join(lab.folder, "disk");
    await mkdir(folder);
    const script = 'mount -t tmpfs -o "$1" none "$0" && echo mounted && exec sleep infinity';
    const holder = namespace.spawn("unshare", ["-m", "sh", "-c", script, folder, options]);
    await waitFor("the disk", 30_000, () => holder.lines.includes("mounted"));
    return new SmallDisk(folder, namespace, holder.pid);
  }

  /** For a guard that keeps its state here. */
  get guardOptions(): GuardOptions {
    return { prefix: this.#entrance, args: ["--state", this.folder] };
  }

  /** Runs a shell command with the disk as its folder. */
  async run(script: string): Promise<string> {
    const inside = ["sh", "-c", `cd "$0" && ${script}`, this.folder];
    const [program = "", ...words] = [...this.#entrance, ...inside];
    return this.#namespace.run(program, words);
  }

  get #entrance(): string[] {
    return ["nsenter", "-t", String(this.#holderPid), "-m", "--"];
  }
}
