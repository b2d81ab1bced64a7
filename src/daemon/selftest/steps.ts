/**
 * The steps of a self-test, from the first packet of a scan to the end of its ban. Each looks at
 * what has really happened: the guard's own line, the element in the kernel's set, whether a
 * connection is answered.
 */
import { z } from "zod";
import type { Settings } from "../../config/schema.ts";
import { TABLE } from "../../kernel/table-sets.ts";
import type { SelftestStepName, SelftestStepStatus } from "./report.ts";
import { type Scene, SERVED_PORT, setFor } from "./scene.ts";

/** Longest that a guard may take to stand, and to stop. Milliseconds. */
const START_MS = 30_000;
const STOP_MS = 10_000;
/** Longest that anything else may take on a busy machine. Milliseconds. */
const STEP_MS = 5000;

/** How long bans and holds are in the test: long enough to be seen, short enough to be waited for. */
const BAN_SECONDS = 4;
const HOLD_SECONDS = 3;
/** A ban is over at its time; what is beyond that is the machine being busy. Milliseconds. */
const EXPIRY_MS = BAN_SECONDS * 1000 + STEP_MS;

/** The configuration of the test, beside what must be so for it to work. */
export const TEST_KEYS: Readonly<Record<string, string>> = {
  BAN_TIME_CLAIMED: `${BAN_SECONDS}s`,
  BAN_TIME_ALIVE: `${BAN_SECONDS}s`,
  BAN_TIME_PROVEN: `${BAN_SECONDS}s`,
  HOLD_TIME: `${HOLD_SECONDS}s`,
};

/** Unused and no trap: the first is a stray packet, the second holds, the fourth convicts. */
const FIRST_PORT = 1001;
const SECOND_PORT = 1002;
const MORE_PORTS = [1003, 1004];

const tableListing = z.object({
  nftables: z.array(
    z.object({ table: z.object({ family: z.string(), name: z.string() }).optional() }),
  ),
});

export interface StepOutcome {
  readonly status: SelftestStepStatus;
  readonly seen: string;
}

export interface StepPlan {
  readonly name: SelftestStepName;
  /** Without these it says nothing. */
  readonly needs: readonly SelftestStepName[];
  /** @returns which setting has it that this does not happen; undefined: it is asked for. */
  readonly unasked?: (values: Settings) => string | undefined;
  readonly run: (scene: Scene) => Promise<StepOutcome>;
}

function unaskedHold({ HOLD_AFTER }: Settings): string | undefined {
  return HOLD_AFTER === "off" ? "HOLD_AFTER is off" : undefined;
}

function unaskedBan({ NFT_BAN, BLOCK_TCP }: Settings): string | undefined {
  if (!NFT_BAN) return "NFT_BAN is 0";
  return BLOCK_TCP === "ban" ? undefined : "BLOCK_TCP does not ban";
}

function passed(seen: string): StepOutcome {
  return { status: "passed", seen };
}

function failed(seen: string): StepOutcome {
  return { status: "failed", seen };
}

export const STEP_PLANS: readonly StepPlan[] = [
  { name: "guard", needs: ["network"], run: startGuard },
  { name: "served", needs: ["network"], run: serve },
  { name: "sensed", needs: ["guard"], run: sense },
  { name: "held", needs: ["sensed"], unasked: unaskedHold, run: hold },
  { name: "judged", needs: ["sensed"], run: judge },
  { name: "banned", needs: ["judged"], unasked: unaskedBan, run: ban },
  { name: "dropped", needs: ["banned", "served"], unasked: unaskedBan, run: drop },
  { name: "unbanned", needs: ["guard", "served"], unasked: unaskedBan, run: unban },
  { name: "expired", needs: ["banned", "served"], unasked: unaskedBan, run: expire },
  { name: "stopped", needs: ["guard"], run: stop },
];

async function startGuard({ guard, until }: Scene): Promise<StepOutcome> {
  await guard.start();
  const ready = await until(START_MS, () => guard.event("ready") ?? guard.ended);
  if (typeof ready !== "object") return failed(`it does not get ready; ${guard.lastWords}`);
  return passed(`"${ready.text}"`);
}

async function serve(scene: Scene): Promise<StepOutcome> {
  const { first, target } = scene.network;
  await target.ask("serve", { port: SERVED_PORT });
  const what = `tcp ${SERVED_PORT} of ${first.target}`;
  if (await scene.isServed(first, STEP_MS)) return passed(`${what} answers ${first.scanner}`);
  return failed(`${what} does not answer ${first.scanner}, whom nobody has shut out`);
}

async function sense(scene: Scene): Promise<StepOutcome> {
  const { guard, network } = scene;
  const { scanner } = network.first;
  await scene.touch(network.first, [FIRST_PORT]);
  const probe = await scene.until(STEP_MS, () =>
    ["probe", "hold"]
      .map((name) =>
        guard.event(name, ({ source, port }) => source === scanner && port === FIRST_PORT),
      )
      .find((event) => event !== undefined),
  );
  if (probe !== undefined) return passed(told(probe.text));
  return failed(`no report of tcp ${FIRST_PORT} from ${scanner}; ${guard.lastWords}`);
}

async function hold(scene: Scene): Promise<StepOutcome> {
  const { first } = scene.network;
  await scene.touch(first, [SECOND_PORT]);
  return findIn(scene, "held", first.scanner, () => scene.element("held", first));
}

async function judge(scene: Scene): Promise<StepOutcome> {
  const { guard, network } = scene;
  const { scanner } = network.first;
  // The second again: where nobody is held, it has not been touched.
  await scene.touch(network.first, [SECOND_PORT, ...MORE_PORTS]);
  const verdict = await scene.until(STEP_MS, () =>
    guard.event("verdict", ({ address }) => address === scanner),
  );
  if (verdict !== undefined) return passed(told(verdict.text));
  return failed(`no verdict on ${scanner} after four unused ports; ${guard.lastWords}`);
}

async function ban(scene: Scene): Promise<StepOutcome> {
  const { first } = scene.network;
  return findIn(scene, "banned", first.scanner, () => scene.element("banned", first));
}

/** Waits for an element of a set that has an end. */
async function findIn(
  { guard, until }: Scene,
  set: string,
  address: string,
  look: () => ReturnType<Scene["element"]>,
): Promise<StepOutcome> {
  const where = `${TABLE}, set ${setFor(set, address)}`;
  const element = await until(STEP_MS, look);
  if (element === undefined) return failed(`${address} is not in ${where}; ${guard.lastWords}`);
  const { expiresSeconds } = element;
  if (expiresSeconds === undefined) return failed(`${address} is in ${where} without an end`);
  return passed(`${address} is in ${where}, and expires in ${expiresSeconds} s`);
}

async function drop(scene: Scene): Promise<StepOutcome> {
  const { first } = scene.network;
  const outcome = await scene.askService(first);
  // A ban that ran out meanwhile drops nothing, and is no fault of the drop.
  const isBanned = (await scene.element("banned", first)) !== undefined;
  if (outcome === "silent" && isBanned) {
    return passed(`tcp ${SERVED_PORT} is silent for ${first.scanner}`);
  }
  if (!isBanned)
    return failed("the ban was over before it could be tried: this machine is too busy");
  const what = outcome === "open" ? "still open" : outcome;
  return failed(`tcp ${SERVED_PORT} is ${what} for ${first.scanner}, who is banned`);
}

async function unban(scene: Scene): Promise<StepOutcome> {
  const { guard, network } = scene;
  const { second } = network;
  const { scanner } = second;
  await scene.touch(second, [FIRST_PORT, SECOND_PORT, ...MORE_PORTS]);
  const banned = await scene.until(STEP_MS, () => scene.element("banned", second));
  if (banned === undefined)
    return failed(`${scanner} scanned and is not banned; ${guard.lastWords}`);
  const { status, stderr } = await guard.command("unban", scanner);
  if (status !== 0)
    return failed(`vedette unban ${scanner} ended with ${status}: ${stderr.trim()}`);
  if ((await scene.element("banned", second)) !== undefined) {
    return failed(`${scanner} is still in ${TABLE}, set ${setFor("banned", scanner)}`);
  }
  if (await scene.isServed(second, STEP_MS)) {
    return passed(`after vedette unban, tcp ${SERVED_PORT} answers ${scanner} again`);
  }
  return failed(`after vedette unban, tcp ${SERVED_PORT} is still silent for ${scanner}`);
}

async function expire(scene: Scene): Promise<StepOutcome> {
  const { first } = scene.network;
  const { scanner } = first;
  const gone = await scene.until(EXPIRY_MS, async () =>
    (await scene.element("banned", first)) === undefined ? "gone" : undefined,
  );
  if (gone === undefined) return failed(`${scanner} is still banned, ${EXPIRY_MS / 1000} s later`);
  if (await scene.isServed(first, STEP_MS)) {
    return passed(`the ban ran out, and tcp ${SERVED_PORT} answers ${scanner} again`);
  }
  return failed(`the ban ran out, and tcp ${SERVED_PORT} is still silent for ${scanner}`);
}

async function stop({ guard, network, until }: Scene): Promise<StepOutcome> {
  guard.stop();
  const ended = await until(STOP_MS, () => guard.ended);
  if (ended === undefined) return failed(`it does not stop; ${guard.lastWords}`);
  if (ended !== "exit status 0") return failed(`it ended with ${ended}; ${guard.lastWords}`);
  const listing = await network.target.ask("nft", { commands: "list tables" });
  if (listing.status === "failed") return failed(`the tables cannot be seen: ${listing.reason}`);
  return namesTable(listing.output)
    ? failed(`it left ${TABLE} behind`)
    : passed("it left no table");
}

/** @param json what nft lists of all tables; libnftables-json(5). */
function namesTable(json: unknown): boolean {
  return tableListing
    .parse(json)
    .nftables.some(({ table }) => table !== undefined && `${table.family} ${table.name}` === TABLE);
}

/** A line of the guard without the label and the blanks of its column. */
function told(text: string): string {
  return text.replace(/^\S+\s+/, "");
}
