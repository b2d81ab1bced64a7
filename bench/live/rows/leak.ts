/**
 * How many of ten services a scan of all ports learns of, counted on the wire.
 *
 * A second scan comes 11 s after the first, as from whoever waits until a hold of ten seconds is
 * over; where nobody is shut out, it would learn what the first one learned, and is left out. Whoever
 * scans is banned, so each measurement has a machine of its own, and two of its services are
 * published by DNAT. What nmap prints is not counted: it prints no ports at all where a host times out.
 */
import { setTimeout as pause } from "node:timers/promises";
import { FULL_SCAN, LeakScenario, SHORT_SCAN } from "../../../test/support/leak-scenario.ts";
import { Lab } from "../../../test/support/namespaces.ts";
import { startServices } from "../../../test/support/services.ts";
import type { Row } from "../row.ts";

/** Longer than a hold of Vedette's. Milliseconds. */
const BETWEEN_SCANS_MS = 11_000;

/** No service of the count, and unused by the scan: whoever asks needs a process on the machine. */
const MARK = { udp: [40_000] };

/** As many as {@link SHORT_SCAN} asks for, a few services beside. */
export const QUICK_PORTS = 1000;

export const LEAK: Row = {
  name: "leak",
  isLong: true,
  aboutSeconds: 30,
  measures: [
    {
      id: "leak.services",
      title: "of 10 services, those that scans of all ports learn of (nmap -sS -p-)",
      unit: "services",
      isMoreBetter: false,
      isPaired: true,
    },
    {
      id: "leak.late",
      title: "those learned of after a scan had probed two unused ports",
      unit: "services",
      isMoreBetter: false,
      isPaired: true,
      bar: { bound: "at most", value: 0, isOfEachRound: true },
    },
  ],
  async measure({ contestant, tools }, { scans, isQuick }) {
    await using lab = await Lab.open();
    const scenario = await LeakScenario.build(lab);
    const { target } = scenario.network;
    const { pid } = await startServices(target.namespace, MARK);
    await contestant.start(lab, { target, pid }, tools);
    const answered = new Set<number>();
    const leaked = new Set<number>();
    const times = contestant.convictsAfter === undefined ? 1 : scans;
    for (let scan = 0; scan < times; scan += 1) {
      if (scan > 0) await pause(BETWEEN_SCANS_MS);
      const count = await scenario.scan(isQuick ? SHORT_SCAN : FULL_SCAN);
      for (const port of count.answered) answered.add(port);
      for (const port of count.leaked) leaked.add(port);
    }
    return { "leak.services": answered.size, "leak.late": leaked.size };
  },
};
