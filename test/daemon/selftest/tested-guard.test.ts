import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type {
  MachineListener,
  PrivateMachine,
} from "../../../src/daemon/private-network/private-machine.ts";
import { TestedGuard } from "../../../src/daemon/selftest/tested-guard.ts";

it("TestedGuard lets go of lines that arrive when its folder is being removed", () => {
  const folder = mkdtempSync(join(tmpdir(), "vedette-tested-"));
  let listener: MachineListener | undefined;
  const machine = {
    listen: (each: MachineListener) => {
      listener = each;
    },
  };
  const guard = new TestedGuard(machine as unknown as PrivateMachine, folder, {});
  listener?.onLine("before");
  guard.close();
  rmSync(folder, { recursive: true });
  listener?.onLine("after");
  expect(guard.lastWords).toBe("the guard last said: before");
});
