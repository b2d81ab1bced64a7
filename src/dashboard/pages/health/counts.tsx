/** Every count of the status, in groups, with the words of its contract. */
import type { StatusView } from "../../../api/contract.ts";
import { formatCount } from "../../format.ts";
import { Panel } from "../../parts/panel.tsx";

type Row = readonly [name: string, count: number, isBad?: boolean];

export function Counts({ status }: { readonly status: StatusView }) {
  const { challenges, phantom, blocklists } = status;
  return (
    <>
      <Group
        title="Seen"
        rows={[
          ["Probes", status.probes],
          ["Scans convicted", status.verdicts],
          ["Scans under way", status.campaigns],
          ["Sources remembered", status.tracked],
        ]}
      />
      <Group
        title="In the kernel"
        rows={[
          ["Banned now", status.banned],
          ["Held now", status.held],
          ["Holds since the table stands", status.holds],
          ["Packets dropped", status.dropped],
          ["Trusted entries", status.trusted],
          ["Packets of trusted sources saved", status.trusted_saves],
        ]}
      />
      <Group
        title="Losses"
        rows={[
          ["Probes that never arrived", status.lost, true],
          ["Probes beyond the log limit", status.unlogged, true],
          ["Malformed packets", status.malformed],
          ["Probes that found a set full", status.full, true],
          ["Writes that the journal failed", status.journal_failures, true],
        ]}
      />
      {challenges !== null && (
        <Group
          title="Questions to sources"
          rows={[
            ["Sent", challenges.sent],
            ["Answered: alive", challenges.answered],
            ["Answered wrongly", challenges.wrong],
            ["Not sent, too many", challenges.capped],
            ["Not taken by the machine", challenges.unsent, true],
          ]}
        />
      )}
      {phantom !== null && (
        <Group
          title="Ports that look open"
          rows={[
            ["Answers sent", phantom.sent],
            ["Handshakes completed: proven", phantom.completed],
            ["Not sent, too many", phantom.capped],
            ["Not taken by the machine", phantom.unsent, true],
          ]}
        />
      )}
      {blocklists !== null && (
        <Group
          title="Blocklists"
          rows={[
            ["Files in force", blocklists.files],
            ["Entries", blocklists.entries],
            ["Packets dropped", blocklists.dropped],
          ]}
        />
      )}
    </>
  );
}

function Group({ title, rows }: { readonly title: string; readonly rows: readonly Row[] }) {
  return (
    <Panel title={title} class="health-counts">
      <dl class="counts">
        {rows.map(([name, count, isBad]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={isBad && count > 0 ? "is-amber" : undefined}>{formatCount(count)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
