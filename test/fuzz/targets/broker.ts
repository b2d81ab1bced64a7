/**
 * What a taken-over guard writes to the broker: requests with fields gone wrong, in any framing and
 * any pieces, before and after it says that it is ready.
 */
import fc from "fast-check";
import { MAX_LINE_BYTES } from "../../../src/broker/protocol.ts";
import { prefixesOverlap } from "../../../src/net/prefix.ts";
import { prefix } from "../../broker/fakes.ts";
import {
  BANS_PER_MINUTE,
  GuardedBroker,
  RESTORABLE,
  TRUSTED,
  TRUSTED_BY_HAND,
} from "../guarded-broker.ts";
import { mutatedBytes } from "../mutated-bytes.ts";
import { mutatedJson } from "../mutated-json.ts";
import { CONFIGURATION_FILES } from "../root-configuration.ts";
import { fuzzTarget, promise } from "../target.ts";
import { validRequests } from "./broker-requests.ts";

const READY = '{"id":0,"request":"ready"}\n';

/** The only reasons for which a channel is ended: docs/PRIVILEGES.md, "What crosses". */
const BREACHES =
  /^(?:a line is longer than 131072 bytes|100 lines within a minute were no requests)$/;

const REPLIES = [
  "outcomes",
  "responded",
  "leftovers",
  "blocklists",
  "listed",
  "measurement",
  "counters",
  "reload",
  "done",
  "malformed",
  "standing",
];

const FILES = /^(?:deeds|trusted|hosts\.deny|block\.log|portsentry\.(?:history|blocked\.[a-z]+))$/;

/** Whatever is run, address taken out: the administrator's own words, their looks and undos. */
const RUN = [
  /^\/sbin\/route (?:add|del) -host ADDRESS reject$/,
  /^(?:\/sbin\/iptables -[IDC] INPUT -s ADDRESS (?:-j DROP|-m limit --limit 3\/minute --limit-burst 5 -j LOG --log-level debug --log-prefix 'Portsentry: dropping: ')(?: && |; |$))+$/,
  /^\/sbin\/iptables -S INPUT$/,
];

const DEED = / (?:add|-I) /;

const text = mutatedJson(validRequests);
const line = fc.oneof(
  { weight: 12, arbitrary: text.map((each) => Buffer.from(`${each}\n`)) },
  { weight: 1, arbitrary: text.map((each) => Buffer.from(`${each}\r\n\n`)) },
  { weight: 1, arbitrary: text.map((each) => Buffer.from(each)) },
  { weight: 1, arbitrary: text.map((each) => Buffer.from(`${each}${each}\n`)) },
  { weight: 1, arbitrary: mutatedBytes(text.map((each) => Buffer.from(`${each}\n`))) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(text, fc.constantFrom(1, 1000, MAX_LINE_BYTES - 1, MAX_LINE_BYTES, 400_000))
      .map(([each, length]) => Buffer.from(`${each.padEnd(length)}\n`)),
  },
);

/** Enough of them to go over every budget, as far as they are short. */
const MOST_REPEATED_BYTES = 250_000;

const many = fc
  .tuple(line, fc.constantFrom(1, 1, 1, 3, 120, 1100))
  .map(([each, times]) =>
    Buffer.concat(
      Array.from({ length: each.length * times > MOST_REPEATED_BYTES ? 1 : times }, () => each),
    ),
  );

const conversations = fc.record({
  isReady: fc.boolean(),
  sent: fc.array(many, { minLength: 1, maxLength: 12 }).map((each) => Buffer.concat(each)),
  chunkBytes: fc.constantFrom(7, 100, 4096, 65_536, 1_000_000),
});

export const brokerTarget = fuzzTarget(
  "broker",
  conversations,
  async ({ isReady, sent, chunkBytes }) => {
    await using broker = await GuardedBroker.open();
    const bytes = Buffer.concat([Buffer.from(isReady ? READY : ""), sent]);
    // No more than a thousand pieces: each is a turn of the event loop.
    const pieceBytes = Math.max(chunkBytes, Math.ceil(bytes.length / 1000));
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      await broker.send(bytes.subarray(at, at + pieceBytes));
    }
    const lines = countLines(bytes);
    promise(await broker.hasAnswered(lines), "a line got no answer");
    checkBroker(broker, lines);
  },
  (bytes) => ({ isReady: false, sent: Buffer.from(bytes), chunkBytes: 100 as const }),
);

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

/**
 * @param lines that were sent whole.
 * @throws when the broker has broken a promise.
 */
export function checkBroker(broker: GuardedBroker, lines: number): void {
  checkChannel(broker, lines);
  checkDeeds(broker);
}

function checkChannel(broker: GuardedBroker, lines: number): void {
  const [fault] = broker.faults;
  if (fault !== undefined) throw new Error("the broker would have died", { cause: fault });
  const { answers, breaches, isClosed } = broker;
  promise(answers.length <= lines, `${answers.length} answers to ${lines} lines`);
  promise(isClosed === (breaches.length === 1), "the channel was closed without a breach");
  for (const breach of breaches) promise(BREACHES.test(breach), `unknown breach: ${breach}`);
  for (const answer of answers) {
    promise(Buffer.byteLength(answer) < 262_144, "an answer is longer than 256 KiB");
    const { id, reply, reason = "" } = JSON.parse(answer);
    promise(reason.length <= 200, "a reason is longer than 200 characters");
    promise(Number.isSafeInteger(id) && id >= -1, `the id of an answer is ${id}`);
    promise(REPLIES.includes(reply), `unknown reply: ${reply}`);
  }
}

function checkDeeds(broker: GuardedBroker): void {
  const { nft, machine, shutOut } = broker;
  const most = BANS_PER_MINUTE + RESTORABLE.bans;
  promise(shutOut.length <= most, `${shutOut.length} are shut out in one minute`);
  for (const each of [...TRUSTED, TRUSTED_BY_HAND]) {
    const hit = shutOut.find((banned) => prefixesOverlap(banned, prefix(each)));
    promise(hit === undefined, `${hit} is shut out, and ${each} is trusted`);
    // Rules about a trusted address may be looked for and taken away, which shuts nobody out.
    const run = machine.lines.find(
      (command) => DEED.test(command) && words(command).includes(each),
    );
    promise(run === undefined, `run against ${each}, which is trusted: ${run}`);
  }
  const foreign = nft.runs.find((commands) => !isOurs(commands));
  promise(foreign === undefined, `a command of no known form: ${foreign}`);
  for (const command of machine.lines) {
    const form = command.replaceAll(
      /(?<= )(?:\d+(?:\.\d+){3}|[\da-f]*:[\da-f:]*)(?:\/\d+)?(?= |$)/g,
      "ADDRESS",
    );
    promise(
      RUN.some((known) => known.test(form)),
      `run, and not the administrator's: ${command}`,
    );
  }
  const strange = broker.fileNames.find(
    (name) => !FILES.test(name) && !CONFIGURATION_FILES.includes(name),
  );
  promise(strange === undefined, `a file that nobody knows: ${strange}`);
  const { foreignWord } = broker;
  promise(foreignWord === undefined, `a configuration that is not root's: ${foreignWord}`);
  const trust = broker.textOf("trust");
  promise(trust.startsWith(`${TRUSTED_BY_HAND}  # a friend\n`), "trust by hand was taken away");
  for (const name of ["history", "block", "trust", "hostsDeny"] as const) {
    promise(!/[^\x20-\x7e\n]/.test(broker.textOf(name)), `characters that are none in ${name}`);
  }
}

function words(command: string): string[] {
  return command.split(/[ /]/);
}

function isOurs(commands: string): boolean {
  const known =
    /^(?:(?:add|delete) element inet vedette \w+ \{ [0-9a-z.:/, ]+ \}|flush set inet vedette \w+|list set inet vedette \w+)$/;
  return commands
    .split("\n")
    .filter((each) => each !== "")
    .every((each) => known.test(each));
}
