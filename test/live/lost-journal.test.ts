/** A journal that is damaged or lost: the kernel's bans are listed, unbanned and told of all the same. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { VEDETTE } from "../support/programs.ts";
import { waitFor } from "../support/wait-for.ts";

const TIMED = [
  "192.0.2.7",
  "192.0.2.8",
  "203.0.113.128/26",
  "2001:db8:77::/64",
  "2001:db8:78::/64",
];
const FOR_GOOD = "203.0.113.9";
const ALL = [...TIMED, FOR_GOOD].sort();

const folderOf = (guard: Guard) => join(guard.folder, "state/journal");
const journalOf = (guard: Guard) => join(folderOf(guard), "journal.sqlite");
const listed = async (guard: Guard) => (await guard.bans()).map(({ address }) => address).sort();

async function banAll(guard: Guard): Promise<void> {
  for (const address of TIMED) await guard.ask("ban", address, "--for", "1h");
  await guard.ask("ban", FOR_GOOD);
}

/** Kills the broker, upon which the guard ends, too; what stands in the kernel is all that is left. */
async function kill(guard: Guard): Promise<void> {
  const half = guard.pid("guard");
  guard.kill("broker");
  await guard.process.ended;
  await waitFor("the guard to end with its broker", 30_000, async () => {
    const { stdout } = await guard.namespace.exec("ip", ["netns", "pids", guard.namespace.name]);
    return !stdout.split("\n").includes(`${half}`);
  });
}

function damage(guard: Guard): void {
  rmSync(`${journalOf(guard)}-wal`, { force: true });
  rmSync(`${journalOf(guard)}-shm`, { force: true });
  writeFileSync(journalOf(guard), Buffer.alloc(statSync(journalOf(guard)).size, 0xa5));
}

async function open(lab: Lab): Promise<{ guard: Guard; namespace: Namespace }> {
  const { namespace } = (await buildNetwork(lab, [])).target;
  const guard = await Guard.start(lab, namespace);
  await banAll(guard);
  return { guard, namespace };
}

describeLive("a journal that is lost", [], () => {
  it("every ban of a guard that was killed and whose journal was damaged is listed, can be taken back, and health says what happened", async () => {
    await using lab = await Lab.open();
    const { guard: first, namespace } = await open(lab);
    await kill(first);
    damage(first);

    const second = await Guard.start(lab, namespace, { after: first });

    expect(await listed(second)).toEqual(ALL);
    const bans = await second.bans();
    for (const ban of bans.filter(({ address }) => address !== FOR_GOOD)) {
      expect(ban.remaining_seconds).toBeGreaterThan(3000);
      expect(ban.remaining_seconds).toBeLessThanOrEqual(3600);
      expect(ban.reason).toMatch(/in force before the guard started/);
    }
    expect(bans.find(({ address }) => address === FOR_GOOD)?.remaining_seconds).toBeNull();
    expect((await second.problem("journal-set-aside")).text).toContain("set aside");
    expect((await second.problem("bans-adopted")).text).toContain("6 bans");

    await second.ask("unban", "192.0.2.7");
    await second.ask("unban", "2001:db8:77::/64");
    expect(await second.elementsOf("banned4")).not.toContain("192.0.2.7");
    expect(await second.elementsOf("banned6")).not.toContain("2001:db8:77::");

    // They are in the new journal: a loss of power takes none of them.
    await kill(second);
    await namespace.run("nft", ["flush", "ruleset"]);
    const third = await Guard.start(lab, namespace, { after: second });
    const left = ALL.filter((each) => !["192.0.2.7", "2001:db8:77::/64"].includes(each));
    expect(await listed(third)).toEqual(left);
    expect(await third.elementsOf("banned4")).toEqual(
      expect.arrayContaining(["192.0.2.8", FOR_GOOD]),
    );
    // What was set aside is told by the next guard, too.
    expect((await third.problem("journal-set-aside")).text).toContain(".corrupt-");
  });

  it.each(["journal.sqlite", "history.sqlite"])(
    "a newer program's %s ends the guard with its reason, and bans stand",
    async (name) => {
      await using lab = await Lab.open();
      const { guard: first, namespace } = await open(lab);
      await first.stop();
      const database = new DatabaseSync(join(folderOf(first), name));
      database.exec("PRAGMA user_version = 99");
      database.close();
      const second = await Guard.launch(lab, namespace, { after: first });
      const { status } = await second.process.ended;
      expect(status).toBe(74);
      expect(second.process.output).toMatch(
        new RegExp(`vedette: .*${name}: made by a newer Vedette`),
      );
      expect(second.process.output).not.toContain("    at ");
      expect(second.events("guard-failed")).toHaveLength(1);
      expect(second.events("guard-died")).toEqual([]);
      expect(await second.elementsOf("banned4")).toContain("192.0.2.7");
    },
  );

  it("commands without a guard leave a damaged journal alone until one changes something, and the next guard tells of it", async () => {
    await using lab = await Lab.open();
    const { guard: first, namespace } = await open(lab);
    await kill(first);
    damage(first);
    const before = readFileSync(journalOf(first));

    for (const looking of ["status", "bans", "trusted"]) {
      const { status, stderr } = await first.command(looking);
      expect({ looking, status }).toEqual({ looking, status: 0 });
      expect(stderr).toContain("is damaged");
      expect(stderr).toContain("the guard sets it aside when it starts");
    }
    expect(await first.ask("status")).toContain("(journal-failed)");
    expect(readdirSync(folderOf(first)).filter((name) => name.includes("corrupt"))).toEqual([]);
    expect(readFileSync(journalOf(first)).equals(before)).toBe(true);

    const { status, stderr } = await first.command("unban", "192.0.2.7");
    expect(status).toBe(0);
    expect(stderr).toContain("was set aside as");
    expect(await first.elementsOf("banned4")).not.toContain("192.0.2.7");

    const second = await Guard.start(lab, namespace, { after: first });
    expect(await listed(second)).toEqual(ALL.filter((each) => each !== "192.0.2.7"));
    expect((await second.problem("journal-set-aside")).text).toContain(".corrupt-");
  });

  it("a command without a guard fails when the journal cannot be written, and says what the next guard makes of it", async () => {
    await using lab = await Lab.open();
    const { guard: first, namespace } = await open(lab);
    await kill(first);
    /** With the state on a read-only file system, which is so for this command alone. */
    const readOnly = async (...words: readonly string[]) => {
      const state = join(first.folder, "state");
      const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
      const folders = ["--run", join(first.folder, "run"), "--state", state];
      const inside = ["sh", "-c", script, state, VEDETTE, ...folders, ...words];
      return await namespace.exec("unshare", ["-m", ...inside], 60_000);
    };

    const unbanned = await readOnly("unban", "192.0.2.7");
    expect(unbanned).toMatchObject({ status: 74, stdout: "" });
    expect(unbanned.stderr).toMatch(
      /the ban of 192\.0\.2\.7 is in force no more, but the journal .* could not be written: the next guard brings it back/,
    );
    expect(unbanned.stderr).not.toContain("until this process ends");
    expect(await first.elementsOf("banned4")).not.toContain("192.0.2.7");
    const banned = await readOnly("ban", "192.0.2.77");
    expect(banned).toMatchObject({ status: 74, stdout: "" });
    expect(banned.stderr).toContain("192.0.2.77 is banned, but the journal");
    expect(await first.elementsOf("banned4")).toContain("192.0.2.77");
    const all = await readOnly("unban", "--all");
    expect(all).toMatchObject({ status: 74, stdout: "" });
    expect(all.stderr).toContain("no ban is in force, but the journal");
    expect(await first.elementsOf("banned4")).toEqual([]);

    // Given again with the file writable, it lasts.
    expect(await first.command("unban", "192.0.2.7")).toMatchObject({ status: 0 });
    const second = await Guard.start(lab, namespace, { after: first });
    expect(await listed(second)).toEqual(ALL.filter((each) => each !== "192.0.2.7"));
  });

  it("a journal that somebody has deleted costs no ban, also where the state alone is kept", async () => {
    await using lab = await Lab.open();
    const { guard: first, namespace } = await open(lab);
    await kill(first);
    rmSync(folderOf(first), { recursive: true });
    // Nothing could keep them: nothing is removed.
    const refused = await first.command("remove", "--yes", "--keep-state");
    expect(refused.stderr).toContain("no journal can keep 6 bans");
    expect(await first.hasTable()).toBe(true);

    const second = await Guard.start(lab, namespace, { after: first });
    expect(await listed(second)).toEqual(ALL);
    await kill(second);
    for (const name of readdirSync(folderOf(second))) rmSync(join(folderOf(second), name));
    await second.ask("remove", "--yes", "--keep-state");
    expect(await second.hasTable()).toBe(false);

    const third = await Guard.start(lab, namespace, { after: second });
    expect(await listed(third)).toEqual(ALL);
    expect(await third.elementsOf("banned4")).toEqual(
      expect.arrayContaining(["192.0.2.7", FOR_GOOD]),
    );
  });

  it("an old copy of the journal neither hides a ban of the kernel nor brings back one that has ended", async () => {
    await using lab = await Lab.open();
    const { namespace } = (await buildNetwork(lab, [])).target;
    const first = await Guard.start(lab, namespace);
    await first.ask("ban", "192.0.2.1", "--for", "1h");
    await first.ask("ban", "192.0.2.2", "--for", "1s");
    await first.stop();
    const copy = readFileSync(journalOf(first));
    const second = await Guard.start(lab, namespace, { after: first });
    await second.ask("ban", "192.0.2.3", "--for", "1h");
    await waitFor("the end of a ban", 30_000, async () => {
      return !(await listed(second)).includes("192.0.2.2");
    });
    await second.stop();
    writeFileSync(journalOf(second), copy);

    const third = await Guard.start(lab, namespace, { after: second });
    expect(await listed(third)).toEqual(["192.0.2.1", "192.0.2.3"]);
    expect((await third.problem("bans-adopted")).text).toContain("1 ban");
    expect((await third.status()).health.map(({ code }) => code)).not.toContain(
      "journal-set-aside",
    );
  });
});
