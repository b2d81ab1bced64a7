/** The story of one source: what it did, how that was judged, what followed, and what can be done. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { WhyView } from "../../api/contract.ts";
import { unban } from "../acts.ts";
import { isOver, type KnownBan, knownBan } from "../countdown.ts";
import { live, now } from "../live.ts";
import { Address } from "../parts/address.tsx";
import { BanDialog } from "../parts/ban-dialog.tsx";
import { Countdown } from "../parts/countdown.tsx";
import { EvidenceBadge } from "../parts/evidence-badge.tsx";
import { Icon } from "../parts/icon.tsx";
import { Empty, Panel } from "../parts/panel.tsx";
import { TrustDialog } from "../parts/trust-dialog.tsx";
import { printable } from "../printable.ts";
import { useAnswer } from "../use-answer.ts";
import { useCell } from "../use-cell.ts";
import { useChangeLock } from "../use-change-lock.ts";
import { CampaignCard } from "./story/campaign-card.tsx";
import { Prevention } from "./story/prevention.tsx";
import { ScoreSteps } from "./story/score-steps.tsx";
import { Timeline } from "./story/timeline.tsx";
import { toldScore } from "./story/told-score.ts";

const EVERY_MS = 5000;

export function StoryPage({ address }: { readonly address: string }) {
  const { bansTurn } = useCell(live);
  const path = `/v1/why?address=${encodeURIComponent(address)}`;
  const [overTurn, setOverTurn] = useState(0);
  const { answer: why, problem } = useAnswer<WhyView>(path, EVERY_MS, bansTurn + overTurn);
  if (why === undefined) {
    return <Empty>{problem === undefined ? "Reading its story …" : printable(problem)}</Empty>;
  }
  const told = toldScore(why);
  return (
    <div class="story">
      <StoryHead why={why} onOver={() => setOverTurn((turn) => turn + 1)} />
      <div class="story-main">
        {told !== undefined && (
          <Panel
            title="Why"
            note={
              <>
                {told.of !== undefined && <Address address={told.of} />}
                {told.isVerdict ? " as it was when it was convicted" : " as it counts now"}
              </>
            }
          >
            <ScoreSteps score={told.score} />
          </Panel>
        )}
        <Panel title="Campaigns" note={`${why.campaigns.length}${why.more ? " and more" : ""}`}>
          {why.campaigns.length === 0 && <Empty>It has probed nothing that is remembered.</Empty>}
          {why.campaigns.map((campaign) => (
            <CampaignCard key={campaign.id} campaign={campaign} />
          ))}
        </Panel>
      </div>
      <div class="story-side">
        <Panel title="What happened" note="the newest first">
          <Timeline events={why.history} />
        </Panel>
        <Prevention why={why} />
      </div>
    </div>
  );
}

interface StoryHeadProps {
  readonly why: WhyView;
  /** A ban of which the answer tells has ended since. */
  readonly onOver: () => void;
}

function StoryHead({ why, onOver }: StoryHeadProps) {
  const nowMs = useCell(now);
  const lock = useChangeLock();
  const [dialog, setDialog] = useState<"trust" | "ban">();
  // Their ends are counted from when it was answered, and not anew at each drawing.
  const told = useMemo(() => bansAround(why, Date.now()), [why]);
  const bans = told.filter((ban) => !isOver(ban, nowMs));
  const [ban] = bans;
  const overCount = told.length - bans.length;
  useEffect(() => {
    if (overCount > 0) onOver();
  }, [overCount]);
  const close = (): void => setDialog(undefined);
  return (
    <header class="story-head">
      <div>
        <h2 class="story-address">{printable(why.address)}</h2>
        {ban !== undefined && <span class="tag is-red">banned</span>}
        {ban === undefined && overCount > 0 && <span class="tag">ban over</span>}
        {why.trusted !== null && <span class="tag is-green">trusted</span>}
        {ban !== undefined && <Countdown ban={ban} />}
        {ban?.origin === "operator" && <span class="dim">by command</span>}
        {ban !== undefined && ban.origin !== "operator" && (
          <EvidenceBadge evidence={ban.evidence} />
        )}
      </div>
      <p class="story-summary">{printable(why.summary)}</p>
      <div class="story-acts">
        {ban === undefined ? (
          <button type="button" {...lock} onClick={() => setDialog("ban")}>
            <Icon name="bans" />
            Ban …
          </button>
        ) : (
          <button type="button" class="primary" {...lock} onClick={() => void unban(ban)}>
            <Icon name="unban" />
            Unban
          </button>
        )}
        {why.trusted === null && (
          <button type="button" {...lock} onClick={() => setDialog("trust")}>
            <Icon name="trust" />
            Trust …
          </button>
        )}
      </div>
      {dialog === "ban" && <BanDialog address={why.address} onClose={close} />}
      {dialog === "trust" && (
        <TrustDialog address={why.address} isBanned={ban !== undefined} onClose={close} />
      )}
    </header>
  );
}

function bansAround({ bans }: WhyView, nowMs: number): readonly KnownBan[] {
  return bans.filter(({ inside }) => !inside).map((ban) => knownBan(ban, nowMs));
}
