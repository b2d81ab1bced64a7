/** What reading and judging captures has shown that people should know, one sentence each. */

import { counted } from "../../counted.ts";
import { LEAST_TELLING } from "../../detectors/portless-contacts.ts";
import { READ_LINK_TYPES } from "../../packet/link-layer.ts";
import type { ReplayFindings } from "./report.ts";

type Told = Pick<ReplayFindings, "readings" | "full" | "stories" | "known" | "passedOver">;

/** @returns the sentences in the order in which they matter. */
export function replayNotes({ readings, full, stories, known, passedOver }: Told): string[] {
  const notes: string[] = [];
  const tell = (count: number, text: string) => {
    if (count > 0) notes.push(text);
  };
  const outOfOrder = readings.reduce((total, { reading }) => total + reading.counts.outOfOrder, 0);
  tell(
    outOfOrder,
    outOfOrder === 1
      ? "1 packet is earlier than the one before; it is judged at that one's time."
      : `${counted(outOfOrder, "packet")} are earlier than the one before; they are judged at its time.`,
  );
  for (const { file, reading } of readings) {
    const { unknownLink } = reading.counts;
    tell(
      unknownLink,
      `${file}: ${packets(unknownLink, `of link type ${reading.unknownLinkType}`)} not read; ` +
        `what is read: ${READ_LINK_TYPES}.`,
    );
  }
  const { fromInside, toOthers, portless } = passedOver;
  if (known.ours !== undefined) {
    tell(
      fromInside,
      `${packets(fromInside, "from inside --ours to inside it")} passed over: what is ours is not ` +
        "judged. If the scanner is there, name only the addresses that were guarded.",
    );
  }
  if (known.ours !== undefined) {
    tell(
      toOthers,
      `No port of --ours was asked for; ${packets(toOthers, "to others")} passed over.`,
    );
  }
  // SENSE_OTHER would make a scan of no fewer.
  if (portless >= LEAST_TELLING) {
    tell(
      portless,
      `${packets(portless, "without a port (pings, other protocols)")} passed over; ` +
        'SENSE_OTHER="1" would sense them.',
    );
  }
  tell(full, `${counted(full, "probe")} found a set of the kernel full, so that none held.`);
  const { unlistedGroups } = stories;
  tell(unlistedGroups, `${counted(unlistedGroups, "group")} more than are listed.`);
  return notes;
}

/** "2 packets of link type 105 were". */
function packets(count: number, which: string): string {
  return `${counted(count, "packet")} ${which} ${count === 1 ? "was" : "were"}`;
}
