/** What somebody finds who is logged in on a guarded machine, and neither root nor an operator. */
import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { asUser } from "../../src/daemon/as-user.ts";
import { isSystemError } from "../../src/errors.ts";
import { close, connect, socket } from "../../src/kernel/libc.ts";
import { AF_UNIX, SOCK_STREAM } from "../../src/kernel/spec.ts";
import { encodeUnixAddress } from "../../src/kernel/unix-address.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { Portsentry } from "../support/portsentry.ts";

/** Neither root nor the guard's user, in no group. */
const SOMEBODY = { uid: 12_345, gid: 12_345 };

/** @returns whether somebody may do it; what he may not is an error of the kernel. */
function may(act: () => void): boolean {
  return asUser(SOMEBODY, () => {
    try {
      act();
      return true;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return false;
    }
  });
}

const mayOpen = (path: string, flags: string) => may(() => closeSync(openSync(path, flags)));

/** Whether somebody gets through to who listens on it. */
function mayConnect(path: string): boolean {
  const address = encodeUnixAddress(path);
  if (address === undefined) throw new Error(`${path} is no path of a socket`);
  const fd = socket(AF_UNIX, SOCK_STREAM, 0);
  const answer = asUser(SOMEBODY, () => connect(fd, address));
  close(fd);
  return answer === 0;
}

/** @returns rights on everything below `folder`, by path: "r", "w", "c" (may connect). */
function rightsBelow(folder: string): Record<string, string> {
  const rights: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
    const path = join(folder, name);
    const stats = statSync(path);
    if (stats.isSocket()) rights[name] = mayConnect(path) ? "c" : "";
    else if (stats.isDirectory()) {
      const made = join(path, "made");
      rights[name] = may(() => readdirSync(path)) ? "r" : "";
      if (may(() => writeFileSync(made, "", { flag: "wx" }))) rights[name] += "w";
      rmSync(made, { force: true });
    } else rights[name] = (mayOpen(path, "r") ? "r" : "") + (mayOpen(path, "r+") ? "w" : "");
  }
  return rights;
}

describeLive("somebody who is no operator", [], () => {
  it("speaks to nobody, writes nothing, and reads no journal and no ledger", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const guard = await Guard.start(lab, target.namespace, {
      config: { KILL_RUN_CMD: "true $TARGET$", NFT_BAN: "1" },
    });
    chmodSync(lab.folder, 0o755);
    await guard.ask("trust", "198.51.100.9");
    await guard.ask("ban", "198.51.100.8");

    expect(rightsBelow(join(guard.folder, "run"))).toEqual({ "api.sock": "" });
    const { "guard.json": places, trusted, ...others } = rightsBelow(join(guard.folder, "state"));
    // That these may be read shows, too, that no folder above is what keeps the rest.
    expect({ places, trusted }).toEqual({ places: "r", trusted: "r" });
    expect(Object.keys(others)).toContain("journal/journal.sqlite");
    expect(Object.entries(others).filter(([, rights]) => rights !== "")).toEqual([]);
    expect(statSync(join(guard.folder, "run/api.sock")).mode & 0o777).toBe(0o660);
  });

  it("asks for no transport: the socket of a second portsentry is root's alone", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const portsentry = await Portsentry.prepare(lab, target.namespace, { TCP_PORTS: "1" });
    expect(await portsentry.run("-atcp")).toMatchObject({ status: 0 });
    chmodSync(lab.folder, 0o755);

    const run = join(portsentry.folder, "run");
    expect(rightsBelow(run)).toEqual({
      "api.sock": "",
      "join.sock": "",
      "portsentry-atcp.pid": "r",
    });
    expect(statSync(join(run, "join.sock")).mode & 0o777).toBe(0o600);
    await portsentry.end("-atcp");
  });
});
