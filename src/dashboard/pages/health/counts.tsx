/** Every count of the guard, and what it means. Those that should be 0 stand out when they are not. */
import type { StatusView } from "../../../api/contract.ts";
import { formatCount } from "../../format.ts";
import { Panel } from "../../parts/panel.tsx";

interface Row {
  readonly name: string;
  readonly count: number;
  readonly meaning: string;
  /** Should be 0. */
  readonly isLoss?: boolean;
}

const row = (name: string, count: number, meaning: string): Row => ({ name, count, meaning });
const loss = (name: string, count: number, meaning: string): Row => ({
  name,
  count,
  meaning,
  isLoss: true,
});

export function Counts({ status }: { readonly status: StatusView }) {
  const { challenges, phantom, blocklists } = status;
  return (
    <div class="health-counts">
      <Group
        title="Losses"
        rows={[
          loss("Lost", status.lost, "probes that the kernel told and the guard never got"),
          loss("Unlogged", status.unlogged, "probes beyond the log limit; held all the same"),
          loss("Full", status.full, "probes that found a set of the kernel full"),
          loss("Journal failures", status.journal_failures, "writes that did not reach the disk"),
          row("Malformed", status.malformed, "packets that are none; senders make them so"),
        ]}
      />
      <Group
        title="Seen"
        rows={[
          row("Probes", status.probes, "packets to unused ports, since the start"),
          row("Scans", status.verdicts, "sources convicted, since the start"),
          row("Under way", status.campaigns, "sources that are probing now"),
          row("Remembered", status.tracked, "sources in the detector's memory"),
        ]}
      />
      <Group
        title="In the kernel"
        rows={[
          row("Banned", status.banned, "addresses and prefixes shut out now"),
          row("Held", status.held, "sources that get no new connection now"),
          row("Holds", status.holds, "since the table stands"),
          row("Dropped", status.dropped, "packets of banned and held sources"),
          row("Trusted", status.trusted, "entries that are never held or banned"),
          row("Saved by trust", status.trusted_saves, "packets that would have been caught"),
        ]}
      />
      {challenges !== null && (
        <Group
          title="Questions to sources"
          rows={[
            row("Sent", challenges.sent, "to find out who answers"),
            row("Answered", challenges.answered, "the source is alive"),
            row("Wrong", challenges.wrong, "answers with another number than asked with"),
            row("Too many", challenges.capped, "not asked, to send no more than the limit"),
            loss("Unsent", challenges.unsent, "the machine did not take them"),
          ]}
        />
      )}
      {phantom !== null && (
        <Group
          title="Ports that look open"
          rows={[
            row("Answers", phantom.sent, "sent for ports that nothing serves"),
            row("Completed", phantom.completed, "handshakes; the source is proven"),
            row("Too many", phantom.capped, "not sent, to send no more than the limit"),
            loss("Unsent", phantom.unsent, "the machine did not take them"),
          ]}
        />
      )}
      {blocklists !== null && (
        <Group
          title="Blocklists"
          rows={[
            row("Files", blocklists.files, "in force"),
            row("Entries", blocklists.entries, "addresses and prefixes that they name"),
            row("Dropped", blocklists.dropped, "packets of those"),
          ]}
        />
      )}
    </div>
  );
}

function Group({ title, rows }: { readonly title: string; readonly rows: readonly Row[] }) {
  const losses = rows.filter(({ isLoss, count }) => isLoss && count > 0).length;
  const note = title === "Losses" ? (losses === 0 ? "nothing is lost" : "") : undefined;
  return (
    <Panel title={title} note={note}>
      <dl class="counts">
        {rows.map(({ name, count, meaning, isLoss }) => (
          <div key={name} class={isLoss && count > 0 ? "is-amber" : undefined}>
            <dt>{name}</dt>
            <dd class="count-value">{formatCount(count)}</dd>
            <dd class="count-meaning">{meaning}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
