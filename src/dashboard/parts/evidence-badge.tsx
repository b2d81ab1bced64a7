/** How sure it is who a source is: one, two or three bars, and the word. */
import type { BanView } from "../../api/contract.ts";

type Evidence = BanView["evidence"];

const LEVELS: readonly Evidence[] = ["claimed", "alive", "proven"];

const MEANING: Readonly<Record<Evidence, string>> = {
  claimed: "claimed: anybody could have sent it",
  alive: "alive: it answers, and may not have sent it",
  proven: "proven: it completed a handshake",
};

export function EvidenceBadge({ evidence }: { readonly evidence: Evidence }) {
  const level = LEVELS.indexOf(evidence);
  return (
    <span class={`evidence is-${evidence}`} title={MEANING[evidence]}>
      <svg viewBox="0 0 12 10" aria-hidden="true" focusable="false">
        {LEVELS.map((each, place) => (
          <rect
            key={each}
            x={place * 4.5}
            y={7 - place * 3}
            width="3"
            height={3 + place * 3}
            rx="1"
            class={place <= level ? "on" : "off"}
          />
        ))}
      </svg>
      {evidence}
    </span>
  );
}

/** Of a ban; one that was asked for rests on nothing that was seen. */
export function BanEvidence({ ban }: { readonly ban: Pick<BanView, "origin" | "evidence"> }) {
  if (ban.origin !== "operator") return <EvidenceBadge evidence={ban.evidence} />;
  return (
    <span class="dim" title="banned by command, not for what was seen">
      <span aria-hidden="true">–</span>
      <span class="hidden">by command</span>
    </span>
  );
}
