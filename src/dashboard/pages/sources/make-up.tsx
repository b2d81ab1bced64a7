/** What the campaigns of a span were: found to be, known of their senders, done about them. */
import type { SourcesView } from "../../../api/contract.ts";
import { Distribution } from "../../parts/distribution.tsx";

type MakeUpProps = Pick<SourcesView, "verdicts" | "evidence" | "outcomes">;

export function MakeUp({ verdicts, evidence, outcomes }: MakeUpProps) {
  return (
    <div class="make-up">
      <Distribution
        title="Verdict"
        parts={[
          { name: "scan", tone: "amber", count: verdicts.scan },
          { name: "undecided", tone: "slate", count: verdicts.undecided },
          { name: "benign", tone: "green", count: verdicts.benign },
        ]}
      />
      <Distribution
        title="Evidence"
        parts={[
          {
            name: "proven",
            tone: "blue",
            count: evidence.proven,
            note: "it completed a handshake",
          },
          {
            name: "alive",
            tone: "blue-mid",
            count: evidence.alive,
            note: "it answers, and may not have sent it",
          },
          {
            name: "claimed",
            tone: "slate",
            count: evidence.claimed,
            note: "anybody could have sent it",
          },
        ]}
      />
      <Distribution
        title="Outcome"
        parts={[
          { name: "banned", tone: "red", count: outcomes.banned },
          { name: "let in again", tone: "green", count: outcomes.unbanned },
          { name: "spared", tone: "blue-mid", count: outcomes.spared, note: "it is trusted" },
          { name: "ban failed", tone: "violet", count: outcomes.failed },
          { name: "nothing", tone: "slate", count: outcomes.none },
        ]}
      />
    </div>
  );
}
