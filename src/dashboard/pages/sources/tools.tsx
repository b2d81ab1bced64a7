/** By what the campaigns of a span were made. */
import type { SourcesView } from "../../../api/contract.ts";
import { formatCount, formatShare } from "../../format.ts";
import { Ranking } from "../../parts/ranking.tsx";

export function Tools({ tools, campaigns }: Pick<SourcesView, "tools" | "campaigns">) {
  return (
    <Ranking
      rows={tools.map(({ tool, campaigns: own }) => ({
        key: tool ?? "",
        name: tool ?? <span class="dim">not known</span>,
        count: own,
        text: formatCount(own),
        note: formatShare(own, campaigns),
      }))}
    />
  );
}
