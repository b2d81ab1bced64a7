/** `vedette doctor` on a machine with and without faults. */
import { chmodSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { DoctorReport } from "../../src/daemon/doctor/answer-doctor.ts";
import { AS_NOBODY } from "../support/as-nobody.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { VEDETTE } from "../support/programs.ts";
import { startServices } from "../support/services.ts";

/** What these tests are about; the machine that they run on may have faults of its own. */
const SUBJECTS = [
  ...["no-guard", "feature-missing", "features-untried", "no-nftables", "log-group-taken"],
  ...["answers-dropped", "answers-refused", "drops-before", "file-writable", "trap-served"],
];

async function examine(guard: Guard): Promise<{ codes: string[]; status: number }> {
  const config = join(guard.folder, "vedette.conf");
  const { status, stdout } = await guard.command("doctor", "--json", "-c", config);
  const { findings } = JSON.parse(stdout) as DoctorReport;
  const codes = findings.map(({ code }) => code).filter((code) => SUBJECTS.includes(code));
  return { codes: codes.sort(), status };
}

describeLive("doctor", ["setpriv"], () => {
  it("finds nothing of that beside a guard that is well, and then each fault", async () => {
    await using lab = await Lab.open();
    const machine = await lab.namespace("machine");
    const guard = await Guard.start(lab, machine);
    // Anybody may write there, for guards that are not root's.
    chmodSync(guard.folder, 0o755);

    expect((await examine(guard)).codes).toEqual([]);

    await guard.stop();
    await startServices(machine, { tcp: [2323] });
    await machine.load(`table inet others {
      chain early {
        type filter hook prerouting priority mangle; policy accept;
        ct state invalid drop
      }
      chain out {
        type filter hook output priority filter; policy drop;
        ct state established,related accept
      }
    }
    `);
    chmodSync(join(guard.folder, "vedette.ignore"), 0o666);

    const { codes, status } = await examine(guard);
    expect(codes).toEqual([
      ...["answers-dropped", "answers-refused", "drops-before", "file-writable", "no-guard"],
      "trap-served",
    ]);
    expect(status).toBe(2);
  });

  it("tells somebody who is not root what he may know, and that this is not all", async () => {
    await using lab = await Lab.open();
    const machine = await lab.namespace("machine");
    // Where nobody but root may look.
    const places = ["--state", await mkdtemp(join(lab.folder, "state-")), "--run", lab.folder];

    const [program = "", ...words] = [...AS_NOBODY, VEDETTE, ...places, "doctor", "--json"];
    const { status, stdout } = await machine.exec(program, words);

    const { findings } = JSON.parse(stdout) as DoctorReport;
    expect(findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["no-guard", "unseen"]),
    );
    expect(status).toBe(1);
  });
});
