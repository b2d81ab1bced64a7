/**
 * What a guard writes to the disk: under a steady scan from ever other addresses, and under a flood.
 *
 * Both are hostile, so each measurement has a machine of its own. Read from /proc/PID/io, and so with
 * everything that a guard writes: journal, history, state files. What it tells the system's log is
 * written by that, and is not in the bytes. What is written a little later is waited for.
 */
import { setTimeout as pause } from "node:timers/promises";
import { forge } from "../../../test/support/forge.ts";
import { FLOOD_PER_SECOND, flood } from "../beside-flood.ts";
import { type Written, writtenBy } from "../process-io.ts";
import type { Row } from "../row.ts";
import { raiseMachine, type Standing } from "../standing.ts";

/** A scan of ten ports from each of twenty addresses a second; all are below 1024. */
const PORTS = [1, 11, 15, 79, 111, 119, 512, 540, 635, 640];
const PROBES_PER_SECOND = 200;

/** Longer than anybody gathers before he writes. Milliseconds. */
const SETTLING_MS = 2000;

export const JOURNAL: Row = {
  name: "journal",
  isLong: true,
  aboutSeconds: 12,
  measures: [
    {
      id: "journal.steady-bytes",
      title: `written to disk by the guard itself, under a scan of ${PROBES_PER_SECOND} probes a second`,
      unit: "bytes a probe",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "journal.steady-calls",
      title: "write calls to files and pipes, under that scan",
      unit: "a probe",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "journal.flood-bytes",
      title: `written to disk by the guard itself, under a forged flood of ${FLOOD_PER_SECOND.toLocaleString("en")} packets a second`,
      unit: "bytes a packet",
      isMoreBetter: false,
      isPaired: false,
    },
    {
      id: "journal.flood-calls",
      title: "write calls to files and pipes, under that flood",
      unit: "a packet",
      isMoreBetter: false,
      isPaired: false,
    },
  ],
  async measure({ contestant, guard, tools }, { seconds }) {
    if (guard.pids().length === 0) return {};
    await using standing = await raiseMachine(contestant, tools);
    const { hosts, target } = standing.network;
    const steady = await writtenDuring(standing, () =>
      forge(hosts.client.namespace, {
        from: "10.240.0.1",
        sources: (PROBES_PER_SECOND / PORTS.length) * seconds,
        ...{ to: target.ipv4, ports: PORTS, perSecond: PROBES_PER_SECOND },
      }),
    );
    const flooded = await writtenDuring(standing, () => flood(standing, seconds));
    return {
      "journal.steady-bytes": steady.bytes,
      "journal.steady-calls": steady.calls,
      "journal.flood-bytes": flooded.bytes,
      "journal.flood-calls": flooded.calls,
    };
  },
};

/** @param traffic yields how many packets it was. @returns what was written for each of them. */
async function writtenDuring(
  { guard }: Standing,
  traffic: () => Promise<number>,
): Promise<Written> {
  const before = writtenBy(guard.pids());
  const sent = await traffic();
  await pause(SETTLING_MS);
  const after = writtenBy(guard.pids());
  return {
    bytes: (after.bytes - before.bytes) / sent,
    calls: (after.calls - before.calls) / sent,
  };
}
