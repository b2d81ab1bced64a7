/** How a campaign stands, in one word: what was done about it, or else what it was found to be. */
import type { CampaignView } from "../../api/contract.ts";

const OUTCOMES: Readonly<Record<CampaignView["outcome"], readonly [tone: string, word: string]>> = {
  none: ["slate", ""],
  banned: ["red", "banned"],
  unbanned: ["green", "unbanned"],
  spared: ["slate", "spared"],
  failed: ["violet", "ban failed"],
};

const VERDICTS: Readonly<Record<CampaignView["verdict"], readonly [tone: string, word: string]>> = {
  scan: ["amber", "scan"],
  undecided: ["slate", "undecided"],
  benign: ["green", "benign"],
};

export function CampaignState({ campaign }: { readonly campaign: CampaignView }) {
  const { outcome, verdict, held, outcome_text: why } = campaign;
  const [tone, word] =
    outcome !== "none"
      ? OUTCOMES[outcome]
      : held && verdict === "undecided"
        ? ["amber", "held"]
        : VERDICTS[verdict];
  return (
    <span class={`tag is-${tone}`} title={why ?? undefined}>
      {word}
    </span>
  );
}
