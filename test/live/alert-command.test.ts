/** The operator's own program, told of a real scan by a real guard. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

/** Fails at its first run. $0 is its own path, beside which it writes: a line a run. */
const PROGRAM = `#!/bin/sh
alert=$(cat)
echo "$(id -u) $# $VEDETTE_KIND $VEDETTE_SEVERITY $VEDETTE_SOURCE $alert" >> "$0.told"
test -e "$0.ran" || { touch "$0.ran"; echo "not yet" >&2; exit 75; }
`;

describeLive("ALERT_COMMAND", ["nmap"], () => {
  it("is run as root for one scan, again when it failed, and not when others can write it", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const { namespace, ipv4: scanner } = hosts.scanner;
    const folder = join(lab.folder, "command");
    await mkdir(folder, { mode: 0o700 });
    const program = join(folder, "tell");
    await writeFile(program, PROGRAM);
    await chmod(program, 0o700);
    const guard = await Guard.start(lab, target.namespace, {
      config: { ALERT_ON: "convicted", ALERT_COMMAND: program },
    });
    const told = async (): Promise<string[]> => {
      const text = await readFile(`${program}.told`, "utf8").catch(() => "");
      return text.split("\n").slice(0, -1);
    };

    const scan = `-n -Pn -sS --max-retries 0 --min-rate 500 -p 1001-1100 ${target.ipv4}`;
    await namespace.spawn("nmap", scan.split(" ")).ended;
    const failed = await guard.event("health", ({ code }) => code === "alert-command-failed");
    expect(failed.text).toContain("Alerts cannot be sent by command: exit status 75: not yet.");

    const lines = await waitFor("the second attempt", 60_000, async () => {
      const all = await told();
      return all.length >= 2 && all;
    });
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe(lines[0]);
    const [words = "", json = ""] = lines[0]?.split(/ (?=\{)/) ?? [];
    expect(words).toBe(`0 0 convicted notice ${scanner}`);
    expect(JSON.parse(json)).toMatchObject({
      kind: "convicted",
      title: `Scan by ${scanner}`,
      campaign: { address: scanner, tool: "nmap", outcome: "banned", evidence: "alive" },
    });
    await guard.event("health", ({ code, change }) => {
      return code === "alert-command-failed" && change === "cleared";
    });

    await chmod(program, 0o702);
    expect(await guard.reload()).toMatchObject({ status: "unchanged" });
    const refused = await guard.problem("alert-file-refused");
    expect(refused.text).toContain(
      `by command: ${program} can be written by others than its owner`,
    );
    const doctor = await guard.command(
      "doctor",
      "-c",
      join(guard.folder, "vedette.conf"),
      "--json",
    );
    expect(doctor.stdout).toContain(`${program}, the program of ALERT_COMMAND, can be written by`);

    await chmod(program, 0o700);
    await guard.reload();
    await waitFor("the end of the problem", 30_000, async () => {
      const { health } = await guard.status();
      return !health.some(({ code }) => code === "alert-file-refused");
    });
    expect(await told()).toHaveLength(2);
  });
});
