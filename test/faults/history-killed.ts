/** kill -9 of either half while the history is written, read and added to by changes. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { CampaignView, EventView } from "../../src/api/contract.ts";
import { ask } from "../api/ask.ts";
import { askApi } from "../support/api.ts";
import { forge } from "../support/forge.ts";
import { letPass } from "../support/wait-for.ts";
import type { Fault, Scope } from "./fault.ts";
import { Flood } from "./flood.ts";
import { Scene } from "./scene.ts";

const timesOf = ({ isQuick }: Scope) => (isQuick ? 5 : 50);
/** A kill comes within this time after the first question of its turn. */
const WITHIN_MS = 3000;
/** Campaigns and events that one question is answered with. */
const SHOWN_AT_ONCE = 300;

/** What a guard has told somebody, and what must be in its file from then on. */
class Told {
  readonly #scene: Scene;
  readonly #campaigns = new Set<string>();
  readonly #events = new Map<number, EventView>();
  /** Addresses whose ban was answered. */
  readonly #bans = new Set<string>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  get counts(): string {
    return `${this.#campaigns.size} campaigns, ${this.#events.size} events and ${this.#bans.size} requests`;
  }

  get bans(): number {
    return this.#bans.size;
  }

  /** Asks for the newest of both; nothing when the guard dies meanwhile. */
  async look(): Promise<void> {
    const socket = join(this.#scene.guard.folder, "run/api.sock");
    const [campaigns, events] = await Promise.all([
      askApi(socket, `/v1/campaigns?limit=${SHOWN_AT_ONCE}`),
      askApi(socket, `/v1/history?limit=${SHOWN_AT_ONCE}`),
    ]);
    for (const { id } of (campaigns ?? []) as CampaignView[]) this.#campaigns.add(id);
    for (const event of (events ?? []) as EventView[]) this.#events.set(event.id, event);
  }

  /** Has one banned; it is told when the answer is there. */
  async ban(address: string): Promise<void> {
    const socket = join(this.#scene.guard.folder, "run/api.sock");
    const body = JSON.stringify({ address, for_seconds: 3600 });
    // It may die before the answer; then nothing was told.
    const answer = await ask(socket, "POST", "/v1/bans", body).catch(() => undefined);
    if (answer?.status === 200) this.#bans.add(address);
  }

  /** @throws {Error} naming what the file has not, or where it is not sound. */
  check(): void {
    const folder = join(this.#scene.guard.folder, "state/journal");
    const aside = readdirSync(folder).filter((name) => name.includes("corrupt"));
    assert.deepEqual(aside, [], "the history was set aside");
    using database = new DatabaseSync(join(folder, "history.sqlite"), { readOnly: true });
    const missing = (table: string, column: string, wanted: Iterable<string | number>) =>
      database
        .prepare(
          `SELECT value FROM json_each(?) WHERE value NOT IN (SELECT ${column} FROM ${table})`,
        )
        .all(JSON.stringify([...wanted]));
    assert.deepEqual(missing("campaign", "name", this.#campaigns), [], "campaigns that were told");
    assert.deepEqual(missing("event", "id", this.#events.keys()), [], "events that were told");
    const requests = "(SELECT source FROM event WHERE kind = 'request' AND source IS NOT NULL)";
    const sources = [...this.#bans].map((address) => `${address}/32`);
    assert.deepEqual(missing(requests, "source", sources), [], "changes that were answered");
    const find = database.prepare("SELECT at_epoch_ms, kind FROM event WHERE id = ?");
    for (const { id, at, kind } of this.#events.values()) {
      assert.deepEqual({ ...find.get(id) }, { at_epoch_ms: Date.parse(at), kind }, `event ${id}`);
    }
    assert.equal(database.prepare("PRAGMA integrity_check").get()?.["integrity_check"], "ok");
  }
}

export const HISTORY_KILLED: Fault = {
  name: "history-killed",
  done: (scope) => `kill -9 while stories are written and told, ${timesOf(scope)} times`,
  promised: "the history opens; what was told of campaigns, events and changes is in it",
  limitMs: 3_600_000,
  play: async (lab, scope) => {
    const { random } = scope;
    const scene = await Scene.open(lab);
    const told = new Told(scene);
    const { forger } = scene.network.hosts;
    const to = scene.network.target.ipv4;
    await using flood = new Flood(scene);
    const killed = { guard: 0, broker: 0 };
    let asked = 0;

    for (let turn = 0; turn < timesOf(scope); turn += 1) {
      const half = random.pick(["guard", "guard", "broker"] as const);
      // Convictions, and so verdicts and bans, besides the flood of single probes.
      const scans = forge(forger.namespace, {
        from: `172.16.${turn}.1`,
        sources: 50,
        to,
        ports: [1001, 1002, 1003, 1004, 1005, 1006],
        perSecond: 300,
      });
      let isOver = false;
      const changes = (async () => {
        while (!isOver) {
          asked += 1;
          await told.ban(`192.0.${2 + Math.floor(asked / 250)}.${1 + (asked % 250)}`);
          await told.look();
          await letPass(10);
        }
      })();
      await letPass(random.integer(0, WITHIN_MS));
      scene.guard.kill(half);
      killed[half] += 1;
      isOver = true;
      await Promise.all([changes, scans]);
      told.check();
      if (half === "broker") await scene.restart();
      else await scene.answers();
      told.check();
    }
    await flood.stop();
    await told.look();
    told.check();

    assert.ok(told.bans > timesOf(scope) / 2, "hardly a change was answered");
    return `${killed.guard} guards and ${killed.broker} brokers killed, ${flood.packets} packets; ${told.counts} that were told all there`;
  },
};
