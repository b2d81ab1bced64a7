/** How sure it is who sent a scan, in words: by which steps that was reached, and what is missing. */
import type { Campaign } from "../model/campaign.ts";
import { describeEvidence, type EvidenceStep } from "../model/evidence.ts";

/** "answered our challenge on tcp 23 with the right number: alive". */
export function formatStep({
  way,
  evidence,
  port,
}: Pick<EvidenceStep, "way" | "evidence"> & { readonly port?: number | undefined }): string {
  switch (way) {
    case "answer":
      return `answered our challenge on tcp ${port} with the right number: ${evidence}`;
    case "handshake":
      return `completed a handshake on tcp ${port}, which only looks open: ${evidence}`;
    case "connection":
      return `connected to our listener on tcp ${port}: ${evidence}`;
    case "earlier":
      return `had shown itself before this scan began: ${evidence}`;
  }
}

const ANSWER = "an answer to our challenge would make it alive";
const HANDSHAKES =
  "completed handshakes on two unused ports, or on one trap, where there is something to connect " +
  "to (PHANTOM, listeners), would prove it";

/**
 * What a campaign's evidence stands on, and what would raise it.
 * @param isExplained whether steps are told besides.
 */
export function evidenceSentence({ evidence, ports }: Campaign, isExplained: boolean): string {
  const missing = isExplained ? "" : " How it was shown is not in the journal.";
  switch (evidence) {
    case "claimed": {
      const isAsked = ports.some(({ transport }) => transport === "tcp");
      const way = isAsked ? ANSWER : "nobody is asked but who probes a TCP port";
      return (
        `${describeEvidence(evidence)}. Nothing has come back that shows whose the address is: ` +
        `${way}; ${HANDSHAKES}.`
      );
    }
    case "alive":
      return `${describeEvidence(evidence)}.${missing} More is not shown: ${HANDSHAKES}.`;
    case "proven":
      return `${describeEvidence(evidence)}.${missing}`;
  }
}
